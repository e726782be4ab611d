#include <catch2/catch.hpp>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/resource.h>

#include "messages/json.hpp"
#include "messages/uuid.hpp"
#include "store/lmdb/lmdb_env.hpp"
#include "tests/program/real_engine.hpp"

// What an operator types to save a centre, to get it back, to move it.

using namespace careline;
namespace fs = std::filesystem;

namespace {

constexpr auto customer_of_c1 =
    R"({"contact":"C-1","channel":"phone","queue":"care","address":"13912345678",)"
    R"("customer":{"id":"K-7","name":"Zhao Tie"}})";

instant wall() {
  timespec t{};
  clock_gettime(CLOCK_REALTIME, &t);
  return from_ms(t.tv_sec * 1000 + t.tv_nsec / 1'000'000);
}

void open_contact(real::desk& d, int n) {
  const auto json = R"({"contact":"C-)" + std::to_string(n)
                    + R"(","channel":"phone","queue":"care","urgency":)" + std::to_string(n % 3)
                    + "}";
  REQUIRE(d.ask("contact.open", json).outcome == outcome_kind::accepted);
}

std::string waiting(real::desk& d) {
  return to_json(*d.ask("queue.show", R"({"queue":"care","limit":100})").data.find("waiting"));
}

std::vector<std::string> contacts_in(const std::string& waiting) {
  std::vector<std::string> names;
  const auto rows = from_json(waiting);
  for (const auto& row : *rows->as<value::list>())
    names.emplace_back(row.text_or("contact"));
  return names;
}

value told(const real::outcome& by) {
  INFO(by.err);
  REQUIRE(by.code == 0);
  return real::json_lines(by.out).at(0);
}

/// A centre with people waiting, that an engine left in order.
struct centre {
  real::data_folder folder;
  std::string data = folder.path + "/data";
  std::string backup = folder.path + "/backup";
  std::string again = folder.path + "/again";

  explicit centre(int contacts) {
    real::engine e{data};
    real::desk d{e, "phone-1"};
    REQUIRE(d.ask("queue.define", R"({"queue":"care","ring_s":600})").outcome
            == outcome_kind::accepted);
    for (int i = 1; i <= contacts; ++i)
      open_contact(d, i);
    REQUIRE(e.end(SIGTERM) == 0);
  }
  real::outcome log(std::vector<std::string> words) const {
    words.insert(words.begin(), "log");
    return real::run(std::move(words));
  }
  std::string hash_of(const std::string& of) const {
    return std::string{told(log({"verify", "--data", of, "--json"})).text_or("hash")};
  }
};

/// No file may grow beyond so much, for the programs that are started while it lives.
class files_end_at {
public:
  explicit files_end_at(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit now = before_;
    now.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &now);
  }
  ~files_end_at() { setrlimit(RLIMIT_FSIZE, &before_); }
  files_end_at(const files_end_at&) = delete;
  files_end_at& operator=(const files_end_at&) = delete;

private:
  rlimit before_{};
};

} // namespace

TEST_CASE("a centre that burnt down goes on from the backup of a running engine with everyone in "
          "place", "[log]") {
  const real::data_folder folder;
  const auto data = folder.path + "/data";
  const auto backup = folder.path + "/backup";
  const auto again = folder.path + "/again";
  const auto id = uuid7_maker{}.make(wall()).text();
  std::string before;
  reply first;
  {
    real::engine e{data};
    real::desk phone{e, "phone-1"};
    REQUIRE(phone.ask("queue.define", R"({"queue":"care"})").outcome == outcome_kind::accepted);
    first = phone.ask("contact.open", customer_of_c1, id);
    for (int i = 2; i <= 20; ++i)
      open_contact(phone, i);
    CHECK(told(real::run({"log", "backup", backup, "--data", data, "--json"})).int_or("keys", 0)
          > 0);
    for (int i = 21; i <= 30; ++i)
      open_contact(phone, i);
    before = waiting(phone);
    const auto second = told(real::run({"log", "backup", backup, "--data", data, "--json"}));
    CHECK(second.int_or("before", 0) > 0);
    CHECK(second.int_or("head", 0) > second.int_or("before", 0));
    open_contact(phone, 31);  // after the backup: lost with the disk
    e.end(SIGKILL);
  }
  fs::remove_all(data);
  const auto restored = real::run({"log", "restore", backup, "--data", again});
  INFO(restored.err);
  REQUIRE(restored.code == 0);
  CHECK_THAT(restored.out, Catch::Contains("RTO") && Catch::Contains("RPO"));

  real::engine e{again};
  REQUIRE_FALSE(e.ready.empty());
  real::desk phone{e, "phone-1"};
  CHECK(contacts_in(waiting(phone)) == contacts_in(before));
  CHECK(contacts_in(before).size() == 30);
  const auto same = phone.ask("contact.open", customer_of_c1, id);
  CHECK(same.at == first.at);
  CHECK(same.data == first.data);
  CHECK(phone.ask("contact.address", R"({"contact":"C-1","purpose":"dial"})")
            .data.text_or("address") == "13912345678");
  CHECK(e.end(SIGTERM) == 0);
}

TEST_CASE("the backup of one centre is never mixed with another's", "[log]") {
  const centre c{3};
  const centre other{5};
  REQUIRE(c.log({"backup", c.backup, "--data", c.data}).code == 0);
  const auto refused = other.log({"backup", c.backup, "--data", other.data});
  CHECK(refused.code == 1);
  CHECK_THAT(refused.err, Catch::Contains("another log") && Catch::Contains(other.data));
  CHECK(c.log({"restore", c.backup, "--dry-run"}).code == 0);
}

TEST_CASE("a centre is never restored or imported over another", "[log]") {
  const centre c{3};
  const auto file = c.folder.path + "/all.jsonl";
  REQUIRE(c.log({"backup", c.backup, "--data", c.data}).code == 0);
  REQUIRE(c.log({"export", file, "--data", c.data}).code == 0);
  const auto before = c.hash_of(c.data);
  for (const auto& words : {std::vector<std::string>{"restore", c.backup, "--data", c.data},
                            {"import", file, "--data", c.data}}) {
    const auto refused = c.log(words);
    CHECK(refused.code == 1);
    CHECK_THAT(refused.err, Catch::Contains(c.data + " holds a log already"));
  }
  CHECK(c.hash_of(c.data) == before);
  CHECK(c.log({"export", file, "--data", c.data}).code == 1);
  CHECK(c.log({"restore", c.backup}).code == 2);
  CHECK(c.log({"import", file}).code == 2);
}

TEST_CASE("a restored centre signs with the key it had: heads kept elsewhere still prove its log",
          "[log]") {
  const centre c{3};
  const auto key = c.log({"key", "--data", c.data}).out;
  REQUIRE(key.size() > 60);
  REQUIRE(c.log({"backup", c.backup, "--data", c.data}).code == 0);
  REQUIRE(c.log({"restore", c.backup, "--data", c.again}).code == 0);
  CHECK(c.log({"key", "--data", c.again}).out == key);
  const auto heads = c.data + "/heads.jsonl";
  CHECK(c.log({"verify", "--heads", heads, "--data", c.again}).code == 0);
}

TEST_CASE("where a file may not grow any more it is said, and nothing half made is left",
          "[log]") {
  const centre c{40};
  REQUIRE(c.log({"backup", c.backup, "--data", c.data}).code == 0);
  const auto file = c.folder.path + "/all.jsonl";
  REQUIRE(c.log({"export", file, "--data", c.data}).code == 0);
  {
    const files_end_at limit{4096};
    for (const auto& words :
         {std::vector<std::string>{"backup", c.folder.path + "/second", "--data", c.data},
          {"restore", c.backup, "--data", c.again},
          {"import", file, "--data", c.again},
          {"export", c.folder.path + "/other.jsonl", "--data", c.data}}) {
      const auto refused = c.log(words);
      INFO(words.front() << ": " << refused.err);
      CHECK(refused.code == 1);
      CHECK_THAT(refused.err,
                 Catch::Contains("File too large") || Catch::Contains("the disk is full"));
    }
  }
  CHECK_FALSE(fs::exists(c.again));
  CHECK_FALSE(fs::exists(c.folder.path + "/other.jsonl"));
  CHECK_FALSE(fs::exists(c.folder.path + "/other.jsonl.tmp"));
  CHECK_FALSE(fs::exists(c.folder.path + "/second/state"));
  CHECK(c.log({"restore", c.folder.path + "/second", "--dry-run"}).code == 1);
  CHECK(c.log({"restore", c.backup, "--data", c.again}).code == 0);
}

TEST_CASE("a damaged backup is told from a good one without restoring it", "[log]") {
  const centre c{10};
  REQUIRE(c.log({"backup", c.backup, "--data", c.data}).code == 0);
  const auto good = c.log({"restore", c.backup, "--dry-run"});
  CHECK(good.code == 0);
  CHECK_THAT(good.out, Catch::Contains("can be restored"));
  const auto part = c.backup + "/events-00000000000000000001.rows";
  std::fstream file{part, std::ios::binary | std::ios::in | std::ios::out};
  file.seekp(700);
  file.put('?');
  file.close();
  for (const auto& words : {std::vector<std::string>{"restore", c.backup, "--dry-run"},
                            {"restore", c.backup, "--data", c.again}}) {
    const auto bad = c.log(words);
    CHECK(bad.code == 3);
    CHECK_THAT(bad.err, Catch::Contains(part));
  }
  CHECK_FALSE(fs::exists(c.again));
}

TEST_CASE("data of a newer program are refused with exit 2 by all who would read them", "[log]") {
  const centre c{3};
  CHECK_THAT(c.log({"upgrade", "--dry-run", "--data", c.data}).out,
             Catch::Contains("nothing to do"));
  {
    store::lmdb::env file{{c.data + "/log", 64 << 20}};
    const store::lmdb::table_spec spec[] = {{"meta"}};
    const auto meta = file.open_tables(spec)[0];
    store::lmdb::writing w{file};
    w.put(meta, "layout", std::string_view{"\x03\0\0\0", 4});
    w.commit();
  }
  for (const auto& words : {std::vector<std::string>{"log", "read", "--data", c.data},
                            {"log", "stat", "--data", c.data},
                            {"log", "upgrade", "--data", c.data},
                            {"log", "upgrade", "--dry-run", "--data", c.data},
                            {"log", "backup", c.backup, "--data", c.data},
                            {"log", "export", "--data", c.data},
                            {"serve", "--data", c.data, "--commands", "tcp://127.0.0.1:0",
                             "--events", "tcp://127.0.0.1:0", "--http", "127.0.0.1:0"}}) {
    const auto refused = real::run(words);
    INFO(words.at(1));
    CHECK(refused.code == 2);
    CHECK_THAT(refused.err, Catch::Contains("has layout 3, this program knows up to 2"));
  }
}

TEST_CASE("keys of a newer program are refused with exit 2, like its log", "[log]") {
  const centre c{3};
  REQUIRE(c.log({"backup", c.backup, "--data", c.data}).code == 0);
  for (const auto& keys : {c.data + "/keys", c.backup + "/keys"}) {
    store::lmdb::env file{{keys, 64 << 20}};
    const store::lmdb::table_spec spec[] = {{"meta"}};
    const auto meta = file.open_tables(spec)[0];
    store::lmdb::writing w{file};
    w.put(meta, "format", store::lmdb::number_bytes{3});
    w.commit();
  }
  for (const auto& words : {std::vector<std::string>{"log", "backup", c.backup, "--data", c.data},
                            {"log", "restore", c.backup, "--dry-run"},
                            {"log", "restore", c.backup, "--data", c.again},
                            {"serve", "--data", c.data, "--commands", "tcp://127.0.0.1:0",
                             "--events", "tcp://127.0.0.1:0", "--http", "127.0.0.1:0"}}) {
    const auto refused = real::run(words);
    INFO(words.at(1));
    CHECK(refused.code == 2);
    CHECK_THAT(refused.err, Catch::Contains("have format 3, this program knows up to 2"));
  }
  CHECK_FALSE(fs::exists(c.again));
}

TEST_CASE("a folder of the first layout is brought to the newest, after saying so", "[log]") {
  const real::data_folder folder;
  const std::string fixture =
      std::string{CARELINE_SOURCE_DIR} + "/tests/store/fixtures/format-1/data";
  using enum std::filesystem::copy_options;
  std::filesystem::copy(fixture, folder.path, recursive | overwrite_existing);
  const auto upgrade = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"log", "upgrade", "--data", folder.path});
    return real::run(more);
  };
  const auto rehearsed = upgrade({"--dry-run"});
  CHECK(rehearsed.code == 0);
  CHECK_THAT(rehearsed.out, Catch::Contains("would go from layout 1 to 2"));
  const auto done = upgrade({});
  CHECK(done.code == 0);
  CHECK_THAT(done.out, Catch::Contains("went from layout 1 to 2"));
  CHECK_THAT(upgrade({}).out, Catch::Contains("nothing to do"));
  CHECK(real::run({"log", "verify", "--data", folder.path}).code == 0);
}
