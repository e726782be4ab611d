#include "event_log_contract.hpp"

#include <array>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>

#include <sys/wait.h>

#include "store/lmdb/lmdb_env.hpp"

namespace careline::store {
namespace {

/// All bytes of a file.
std::string slurp(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream all;
  all << file.rdbuf();
  return all.str();
}

/// Changes the last byte of `what` wherever it stands in the file.
std::size_t flip_in_file(const std::string& path, const std::string& what) {
  auto bytes = slurp(path);
  std::size_t found = 0;
  for (auto at = bytes.find(what); at != std::string::npos; at = bytes.find(what, at + 1), ++found)
    bytes[at + what.size() - 1] = static_cast<char>(bytes[at + what.size() - 1] ^ 1);
  std::ofstream{path, std::ios::binary}.write(bytes.data(),
                                              static_cast<std::streamsize>(bytes.size()));
  return found;
}

class lmdb_place {
public:
  lmdb_place() {
    options.place = folder.path();
    options.map_bytes = 64 << 20;
    options.reserve_bytes = 1 << 20;
  }
  std::unique_ptr<event_log> open() { return open_event_log(options).value(); }
  void flip_byte(std::unique_ptr<event_log>& log, position at) {
    read_options one;
    one.after = at - 1;
    one.limit = 1;
    const auto e = log->read(one)->events.at(0);
    log.reset();
    const auto text = e.subject + e.actor;
    REQUIRE(flip_in_file(folder.path() + "/log/data.mdb", text) > 0);
    log = open();
  }

  story::scratch_folder folder;
  open_options options;
};

CARELINE_EVENT_LOG_CONTRACT(lmdb_place, "LMDB log")

/// Runs `what` in a process of its own and says what it returned (0 to 100).
template <class What>
int in_another_process(What&& what) {
  const auto child = ::fork();
  if (child == 0)
    std::_Exit(what());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_CASE("LMDB log: after a restart everything is as it was, under a new epoch", "[R2.3.5]") {
  lmdb_place place;
  auto log = place.open();
  auto group = queued(5000);
  group.push_back(
      answering(happened("contact.queued", "contact/C-9999"), "phone-1", id_at(morning)));
  group.back().checkpoints.push_back({"care", 17});
  REQUIRE(append(*log, group));
  const auto events = read_all(*log);
  const auto hash = log->head_hash();
  const auto epoch = log->epoch();
  const auto types = log->last_of_types();
  log.reset();

  log = place.open();
  CHECK(log->epoch() > epoch);
  CHECK(log->head() == 5001);
  CHECK(log->head_hash() == hash);
  CHECK(log->last_of_types() == types);
  CHECK(read_all(*log) == events);
  CHECK(log->find_command({"phone-1", id_at(morning)}).value()->at == 5001);
  CHECK(log->find_checkpoint("care").value() == position{17});
  CHECK(log->read_stream("contact/C-4000")->size() == 1);
  // An engine that still believes in the old epoch is refused.
  CHECK(append(*log, queued(1), log->head(), epoch).error().fault == log_fault::conflict);
  REQUIRE(append(*log, queued(1)));
  CHECK(read_all(*log).back().previous == 5001);
}

TEST_CASE("LMDB log: the stream index may be deleted at any time") {
  lmdb_place place;
  auto log = place.open();
  REQUIRE(append(*log, queued(9000)));
  REQUIRE(append(*log, {just(happened("contact.finished", "contact/C-1"))}));
  log.reset();
  std::filesystem::remove_all(place.folder.path() + "/streams");
  log = place.open();
  CHECK(log->read_stream("contact/C-1")->size() == 2);
  CHECK(log->read_stream("contact/C-8999")->size() == 1);
  log.reset();
  std::ofstream{place.folder.path() + "/streams/data.mdb", std::ios::binary}
      << std::string(9000, 'x');
  log = place.open();
  CHECK(log->read_stream("contact/C-1")->size() == 2);
}

TEST_CASE("LMDB log: a stream index of another log is not believed") {
  lmdb_place place;
  auto log = place.open();
  REQUIRE(append(*log, std::vector<batch>(3000, just(happened("agent.ready", "agent/A")))));
  log.reset();
  std::filesystem::remove_all(place.folder.path() + "/streams");
  std::filesystem::create_directory(place.folder.path() + "/streams");
  std::uint64_t indexed = 0;
  SECTION("which was longer") { indexed = 4096; }
  SECTION("which was shorter") { indexed = 2048; }
  {
    lmdb::env file{{place.folder.path() + "/streams", 64 << 20}};
    const lmdb::table_spec spec[] = {{"streams"}, {"meta"}};
    const auto meta = file.open_tables(spec)[1];
    lmdb::writing w{file};
    w.put(meta, "indexed", lmdb::number_bytes{indexed});
    w.put(meta, "hash", std::string(32, 'x'));
    w.commit();
  }
  log = place.open();
  CHECK(log->read_stream("agent/A")->size() == 3000);
}

TEST_CASE("LMDB log: a second engine on the same folder is sent away") {
  lmdb_place place;
  auto log = place.open();
  const auto second = open_event_log(place.options);
  REQUIRE_FALSE(second);
  CHECK(second.error().fault == log_fault::locked);
  CHECK_THAT(second.error().detail, Catch::Contains(place.folder.path()));
  CHECK(in_another_process([&] {
          const auto other = open_event_log(place.options);
          return other ? 1 : other.error().fault == log_fault::locked ? 0 : 2;
        })
        == 0);
  log.reset();
  CHECK(place.open());
}

TEST_CASE("LMDB log: a reading command works beside the engine") {
  lmdb_place place;
  int to_engine[2];
  int to_reader[2];
  REQUIRE(::pipe(to_engine) == 0);
  REQUIRE(::pipe(to_reader) == 0);
  char turn = 0;
  const auto engine = ::fork();
  if (engine == 0) {
    auto log = place.open();
    bool good = bool(append(*log, queued(100)));
    good = good && ::write(to_reader[1], "1", 1) == 1 && ::read(to_engine[0], &turn, 1) == 1;
    good = good && append(*log, queued(50));
    good = good && ::write(to_reader[1], "2", 1) == 1 && ::read(to_engine[0], &turn, 1) == 1;
    std::_Exit(good ? 0 : 1);
  }
  auto beside = place.options;
  beside.read_only = true;
  REQUIRE(::read(to_reader[0], &turn, 1) == 1);
  {
    auto log = open_event_log(beside).value();
    CHECK(log->head() == 100);
    CHECK(read_all(*log).size() == 100);
    REQUIRE(::write(to_engine[1], "1", 1) == 1);
    REQUIRE(::read(to_reader[0], &turn, 1) == 1);
    CHECK(log->head() == 150);
    CHECK(verify_log(*log)->head == 150);
    CHECK(log->read_stream("contact/C-1")->size() == 2);
    CHECK(log->last_of_types().at(0).second == 150);
    CHECK_FALSE(append(*log, queued(1)));
    const auto usage = log->usage();
    CHECK(usage.reader_slots > 0);
    CHECK(usage.reader_slots_max > usage.reader_slots);
    CHECK(usage.used_bytes > 0);
    CHECK(usage.room.budget >= usage.used_bytes);
  }
  REQUIRE(::write(to_engine[1], "2", 1) == 1);
  int status = 0;
  ::waitpid(engine, &status, 0);
  CHECK(status == 0);
}

TEST_CASE("LMDB log: reading where there is no log makes none") {
  lmdb_place place;
  place.options.place += "/nowhere";
  place.options.read_only = true;
  const auto log = open_event_log(place.options);
  REQUIRE_FALSE(log);
  CHECK(log.error().fault == log_fault::io);
  CHECK_FALSE(std::filesystem::exists(place.options.place));
}

TEST_CASE("LMDB log: the log of a newer program is left alone") {
  lmdb_place place;
  REQUIRE(append(*place.open(), queued(1)));
  {
    lmdb::env file{{place.folder.path() + "/log", 64 << 20}};
    const lmdb::table_spec meta[] = {{"meta"}};
    const auto table = file.open_tables(meta)[0];
    lmdb::writing w{file};
    w.put(table, "layout", std::string_view{"\x03\0\0\0", 4});
    w.commit();
  }
  const auto log = open_event_log(place.options);
  REQUIRE_FALSE(log);
  CHECK(log.error().fault == log_fault::newer_format);
}

TEST_CASE("LMDB log: a changed hash is found where it stands, whoever reads first", "[R2.3.5]") {
  lmdb_place place;
  auto log = place.open();
  REQUIRE(append(*log, queued(2000)));
  const std::string hash{bytes_of(log->hash_at(700).value())};
  log.reset();
  REQUIRE(flip_in_file(place.folder.path() + "/log/data.mdb", hash) > 0);
  log = place.open();
  read_options what;
  what.after = 701;
  const auto read = log->read(what);
  REQUIRE_FALSE(read);
  CHECK(read.error().at == 700);
  CHECK(read_all(*log).size() == 699);
}

TEST_CASE("LMDB log: a damaged end is found when the engine starts", "[R2.3.5]") {
  lmdb_place place;
  REQUIRE(append(*place.open(), queued(300)));
  REQUIRE(flip_in_file(place.folder.path() + "/log/data.mdb", "contact/C-250phone-1") > 0);
  const auto log = open_event_log(place.options);
  REQUIRE_FALSE(log);
  CHECK(log.error().fault == log_fault::damaged);
  CHECK(log.error().at == 250);
}

TEST_CASE("LMDB log: a file that was cut short is refused, not crashed on") {
  lmdb_place place;
  REQUIRE(append(*place.open(), queued(3000)));
  const auto file = place.folder.path() + "/log/data.mdb";
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  const auto log = open_event_log(place.options);
  REQUIRE_FALSE(log);
  CHECK(log.error().fault == log_fault::damaged);
  std::filesystem::resize_file(file, 100);
  CHECK(open_event_log(place.options).error().fault == log_fault::damaged);
}

TEST_CASE("LMDB log: a full map refuses, keeps answering, and goes on with more room") {
  lmdb_place place;
  place.options.map_bytes = 2 << 20;
  auto log = place.open();
  std::size_t written = 0;
  while (append(*log, {just(happened("contact.queued", "contact/C-1", std::string(2000, 'd')))}))
    REQUIRE(++written < 5000);
  CHECK(written > 100);
  CHECK(append(*log, queued(200)).error().fault == log_fault::full);
  CHECK(log->room_bytes() < 0);
  CHECK(log->head() == written);
  CHECK(read_all(*log).size() == written);
  log.reset();
  place.options.map_bytes = 8 << 20;
  log = place.open();
  CHECK(log->head() == written);
  CHECK(append(*log, queued(200)));
  CHECK(verify_log(*log));
}

/// So many calls that the index of streams, which reads in its own time, does not begin.
constexpr std::size_t rounds = 200;

/// What the file takes after rounds of calls whose answers are soon forgotten, and a reader who
/// goes on by a page after each.
std::uintmax_t file_after_rounds(std::size_t page_events) {
  lmdb_place place;
  auto log = place.open();
  read_options page;
  page.limit = page_events;
  for (std::size_t round = 0; round < rounds; ++round) {
    const auto now = morning + std::chrono::hours{round};
    std::vector<batch> group;
    for (unsigned n = 0; n < 20; ++n)
      group.push_back(answering(happened("contact.queued", "contact/C-1", "\x80", now), "phone-1",
                                id_at(now, n), std::string(500, 'd')));
    REQUIRE(append(*log, std::move(group)));
    if (page_events > 0)
      page.after = log->read(page)->next;
  }
  CHECK((page_events == 0 || page.after == rounds * page_events));
  return std::filesystem::file_size(place.folder.path() + "/log/data.mdb");
}

TEST_CASE("LMDB log: a reader who takes his time does not keep the file growing") {
  const auto alone = file_after_rounds(0);
  const auto beside_a_reader = file_after_rounds(5);
  // 24 hours of answers are 300 KiB of it; all that were ever given would be 2 MiB more.
  CHECK(beside_a_reader == alone);
}

TEST_CASE("LMDB log: a read that stays open is seen, with its age in commits") {
  const story::scratch_folder folder;
  lmdb::env env{{.folder = folder.path(), .map_bytes = 1 << 20}};
  constexpr std::array specs{lmdb::table_spec{"rows", false}};
  const auto rows = env.open_tables(specs).front();
  const auto put = [&](std::string_view key) {
    lmdb::writing w{env};
    w.put(rows, key, "x");
    w.commit();
  };
  put("0");
  const auto before = env.readers_now().slots;
  {
    const lmdb::reading open{env};
    for (const auto* key : {"1", "2", "3"})
      put(key);
    CHECK(env.readers_now().oldest_read == 3);
    CHECK(env.readers_now().slots == before + 1);
  }
  // It keeps its slot for whoever reads next, and holds nothing back.
  CHECK(env.readers_now().oldest_read == 0);
}

/// Appends until it is killed, telling each durable position.
[[noreturn]] void append_until_killed(lmdb_place& place, int tell) {
  auto log = place.open();
  for (std::size_t round = 0;; ++round) {
    auto group = queued(1 + round % 7);
    group.push_back(answering(happened("contact.finished", "contact/C-1"), "phone-1",
                              id_at(morning + span{log->head()})));
    const auto places = append(*log, group);
    const auto at = places ? places->back().last : 0;
    if (at == 0 || ::write(tell, &at, sizeof at) != sizeof at)
      std::_Exit(1);
  }
}

TEST_CASE("LMDB log: what was acknowledged is there after the engine was killed", "[R2.3.5]") {
  lmdb_place place;
  position acknowledged = 0;
  for (int round = 0; round < 20; ++round) {
    int tell[2];
    REQUIRE(::pipe(tell) == 0);
    const auto engine = ::fork();
    if (engine == 0)
      append_until_killed(place, tell[1]);
    ::close(tell[1]);
    position at = 0;
    for (int told = 0; told < 5 + 3 * round && ::read(tell[0], &at, sizeof at) == sizeof at; ++told)
      acknowledged = at;
    ::kill(engine, SIGKILL);
    while (::read(tell[0], &at, sizeof at) == sizeof at)
      acknowledged = at;
    ::close(tell[0]);
    int status = 0;
    ::waitpid(engine, &status, 0);
    REQUIRE(WIFSIGNALED(status));

    auto log = place.open();
    REQUIRE(log->head() >= acknowledged);
    const auto v = verify_log(*log);
    REQUIRE(v);
    // Whole batches only: each ends with the event of its command.
    CHECK(read_all(*log).back().type == "contact.finished");
  }
}

} // namespace
} // namespace careline::store
