#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <future>
#include <random>

#include "store/backup.hpp"
#include "store/hash.hpp"
#include "store/inspect.hpp"
#include "store/lmdb/lmdb_env.hpp"
#include "store/lmdb/stream_index.hpp"
#include "store/snapshots.hpp"
#include "flips.hpp"
#include "story.hpp"

// A disk that changes single bits: in every field of every kind of row that the store keeps. What
// was changed is found, named, and never served.

namespace careline::store {
namespace {

using namespace story;
using namespace flips;

struct kept_row {
  std::string key;
  std::string value;
};

std::vector<kept_row> rows_of(const std::string& folder, const char* table, bool integer_keys) {
  lmdb::env file{{folder, 0, true}};
  const lmdb::table_spec spec[] = {{table, integer_keys}};
  const auto opened = file.open_tables(spec)[0];
  std::vector<kept_row> rows;
  const lmdb::reading r{file};
  lmdb::cursor c{r, opened};
  for (bool more = c.first(); more; more = c.next())
    rows.push_back({std::string{c.key()}, std::string{c.value()}});
  return rows;
}

/// A file as it was written, of which copies with one bit changed are put on the disk.
class image {
public:
  explicit image(std::string path) : path_(std::move(path)), bytes_(slurp(path_)) {}
  ~image() { spill(path_, bytes_); }
  image(const image&) = delete;
  image& operator=(const image&) = delete;

  /// LMDB keeps a key and its value side by side, and may have left older copies of a page.
  void flip(const kept_row& row, std::size_t bit) const {
    auto changed = bytes_;
    const auto whole = row.key + row.value;
    std::size_t found = 0;
    for (auto at = bytes_.find(whole); at != std::string::npos; at = bytes_.find(whole, at + 1)) {
      flip_bit(changed, 8 * at + bit);
      ++found;
    }
    REQUIRE(found > 0);
    spill(path_, changed);
  }
  void flip(std::size_t bit) const {
    auto changed = bytes_;
    flip_bit(changed, bit);
    spill(path_, changed);
  }
  std::size_t bits() const { return 8 * bytes_.size(); }

private:
  std::string path_;
  std::string bytes_;
};

class dice {
public:
  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>{0, n - 1}(source_);
  }

private:
  std::mt19937 source_{20260302};  // NOLINT: the same flips each time
};

/// Records of all sizes, checkpoints, remembered replies.
struct written_log {
  static constexpr std::size_t subjects = 60;

  explicit written_log(std::size_t records) {
    options.place = folder.path();
    options.map_bytes = 64 << 20;
    options.reserve_bytes = 1 << 20;
    auto log = open_event_log(options).value();
    std::vector<batch> group;
    for (std::size_t n = 0; n < records; ++n)
      group.push_back(sample(n));
    for (auto& b : group)
      if (b.command)
        asked.push_back(b.command->first);
    REQUIRE(append(*log, std::move(group)));
    events = read_all(*log);
    REQUIRE(events.size() == records);
    for (const auto& key : asked)
      answers.push_back(log->find_command(key).value().value());
    for (position at = 0; at <= records; ++at)
      hashes.push_back(log->hash_at(at).value());
  }

  static batch sample(std::size_t n) {
    static const char* types[] = {"contact.opened", "contact.queued", "offer.made", "agent.ready"};
    auto e = happened(types[n % 4], subject(n), "\x81\xa1n" + std::string(1 + n % 100, '\x7f'),
                      morning + span{n});
    if (n % 3 == 0)
      e.occurred = morning - span{n};
    if (n % 5 == 0)
      e.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    if (n % 7 != 0)
      return just(std::move(e));
    auto b = answering(std::move(e), "phone-1", n == 7 ? "first call" : id_at(morning + span{n}),
                       "\x81\xa7" "contact\xa3" "C-1");
    auto& kept = b.command->second;
    if (n % 2 == 0) {
      kept.outcome = outcome_kind::refused;
      kept.problem_code = "routing.line_taken";
      kept.problem_field = n % 4 == 0 ? "line" : "";
    }
    b.checkpoints = {{"care", n}, {"survey", n / 2}};
    return b;
  }
  static std::string subject(std::size_t n) {
    return "contact/C-" + std::to_string(n * 7 % subjects);
  }

  result<std::unique_ptr<event_log>, log_error> open(bool read_only) {
    options.read_only = read_only;
    return open_event_log(options);
  }
  std::string log_folder() const { return folder.path() + "/log"; }

  scratch_folder folder;
  open_options options;
  std::vector<event_record> events;
  std::vector<command_key> asked;
  std::vector<remembered> answers;
  std::vector<chain_hash> hashes;
};

struct field {
  std::string name;
  std::size_t from = 0;  ///< bytes, in key ‖ record ‖ hash
  std::size_t size = 0;
};

/// The fields of docs/log-format.md, as they stand in this row.
std::vector<field> fields_of(const event_record& e) {
  std::vector<field> all;
  std::size_t at = 0;
  const auto add = [&](const char* name, std::size_t size) {
    if (size > 0)
      all.push_back({name, at, size});
    at += size;
  };
  add("key", 8);
  add("version", 1);
  add("flags", 1);
  for (const auto* name : {"type length", "subject length", "actor length", "causation length",
                           "correlation length", "traceparent length"})
    add(name, 2);
  add("data length", 4);
  for (const auto* name : {"position", "previous", "time", "occurred"})
    add(name, 8);
  add("dataversion", 2);
  add("type", e.type.size());
  add("subject", e.subject.size());
  add("actor", e.actor.size());
  add("causation", e.causation.size());
  add("correlation", e.correlation.size());
  add("traceparent", e.traceparent.size());
  add("data", e.data.size());
  add("hash", 32);
  return all;
}

bool is_same(const remembered& a, const remembered& b) {
  return a.outcome == b.outcome && a.at == b.at && a.digest == b.digest
         && a.problem_code == b.problem_code && a.problem_field == b.problem_field
         && a.problem_detail == b.problem_detail && a.data == b.data;
}

/// Reads on until it is refused: what was served is right, and the damage is named.
void read_up_to_damage(const event_log& log, const written_log& as, position wrong, bool exactly) {
  read_options what;
  what.limit = 100;
  while (true) {
    const auto page = log.read(what);
    if (!page) {
      CHECK(page.error().fault == log_fault::damaged);
      CHECK((!exactly || (page.error().at == wrong && what.after == wrong - 1)));
      return;
    }
    for (const auto& e : page->events)
      if (e.at >= wrong || e != as.events[e.at - 1]) {
        FAIL("served at " << e.at << " although " << wrong << " was changed");
      }
    REQUIRE(page->next > what.after);
    what.after = page->next;
  }
}

/// One changed bit in the record at `wrong`. `exactly`: not in its key, which leads others astray.
void meet(written_log& as, position wrong, bool exactly, std::size_t how) {
  const auto log = as.open(how % 2 == 0);
  if (!log) {
    CHECK(log.error().fault == log_fault::damaged);
    CHECK((!exactly || log.error().at == wrong));
    return;
  }
  CHECK(wrong + 1000 <= as.events.size());  // else the opening had to see it
  if (how % 3 == 0)
    read_up_to_damage(**log, as, wrong, exactly);
  if (how % 3 == 1) {
    read_options behind;
    behind.after = wrong;
    const auto page = (*log)->read(behind);
    REQUIRE_FALSE(page);
    CHECK((!exactly || page.error().at == wrong));
  }
  if (how % 3 == 2)
    CHECK_FALSE((*log)->read_stream(as.events[wrong - 1].subject));
}

TEST_CASE("bit flips: a changed bit in any field of a record is named, and nothing of it is served",
          "[R2.2.3][R2.3.5]") {
  written_log log{1500};
  const auto rows = rows_of(log.log_folder(), "log", true);
  const image file{log.log_folder() + "/data.mdb"};
  dice d;
  std::size_t tried = 0;
  for (std::size_t round = 0; round < so_many(12, 150); ++round) {
    const position at = 1 + d.below(round % 3 == 0 ? rows.size() : 490);
    for (const auto& f : fields_of(log.events[at - 1])) {
      const auto bit = 8 * f.from + d.below(8 * f.size);
      INFO("record " << at << ", " << f.name << ", bit " << bit);
      file.flip(rows[at - 1], bit);
      meet(log, at, f.name != "key", tried++);
    }
  }
  WARN(tried << " bits of records changed");
}

TEST_CASE("bit flips: verify names the record, whatever was changed in it", "[R2.2.3][R2.3.5]") {
  written_log log{1500};
  const auto rows = rows_of(log.log_folder(), "log", true);
  const image file{log.log_folder() + "/data.mdb"};
  dice d;
  std::size_t tried = 0;
  for (std::size_t round = 0; round < so_many(6, 100); ++round) {
    const position at = 1 + d.below(490);
    for (const auto& f : fields_of(log.events[at - 1])) {
      INFO("record " << at << ", " << f.name);
      file.flip(rows[at - 1], 8 * f.from + d.below(8 * f.size));
      ++tried;
      const auto verified = verify_log(*log.open(true).value());
      REQUIRE_FALSE(verified);
      CHECK(verified.error().fault == log_fault::damaged);
      CHECK(verified.error().at == at);
    }
  }
  WARN(tried << " bits of records changed, and verified");
}

TEST_CASE("bit flips: no log is opened with a changed checkpoint, epoch or last position",
          "[R2.3.5]") {
  written_log log{300};
  const auto rows = rows_of(log.log_folder(), "meta", false);
  CHECK(rows.size() == 9);  // layout, epoch, sum, two checkpoints, four types
  const image file{log.log_folder() + "/data.mdb"};
  dice d;
  std::size_t tried = 0;
  for (const auto& row : rows) {
    const auto bits = 8 * (row.key.size() + row.value.size());
    for (std::size_t bit = is_long() ? 0 : d.below(8); bit < bits; bit += is_long() ? 1 : 7) {
      INFO(row.key.c_str() << ", bit " << bit);
      file.flip(row, bit);
      const auto opened = log.open(tried++ % 2 == 0);
      REQUIRE_FALSE(opened);
      CHECK((opened.error().fault == log_fault::damaged
             || (row.key == "layout" && opened.error().fault == log_fault::newer_format)));
      CHECK_THAT(opened.error().detail, Catch::Contains(log.folder.path()));
    }
  }
  WARN(tried << " bits of meta changed");
}

TEST_CASE("bit flips: a remembered reply is told as it was, or the log is damaged; nothing is done "
          "twice",
          "[R2.3.5]") {
  written_log log{1200};
  const auto rows = rows_of(log.log_folder(), "commands", false);
  REQUIRE(rows.size() == log.asked.size());
  const image file{log.log_folder() + "/data.mdb"};
  dice d;
  std::size_t tried = 0;
  for (; tried < so_many(200, 4000); ++tried) {
    const auto& row = rows[d.below(rows.size())];
    const auto bit = d.below(8 * (row.key.size() + row.value.size()));
    INFO("row " << to_hex(row.key) << ", bit " << bit);
    file.flip(row, bit);
    const auto opened = log.open(tried % 2 == 0).value();
    std::size_t refused = 0;
    for (std::size_t i = 0; i < log.asked.size(); ++i) {
      const auto found = opened->find_command(log.asked[i]);
      if (!found) {
        CHECK(found.error().fault == log_fault::damaged);
        ++refused;
      } else if (!*found || !is_same(**found, log.answers[i])) {
        FAIL("command " << log.asked[i].id << (*found ? " is told otherwise" : " is new again"));
      }
    }
    CHECK(refused > 0);
    const auto verified = verify_log(*opened);
    REQUIRE_FALSE(verified);
    CHECK_THAT(verified.error().detail, Catch::Contains("remembered reply to the command"));
  }
  WARN(tried << " bits of remembered replies changed");
}

/// Fills `streams/` as its thread does, up to 4,096.
void index_streams(const written_log& log) {
  const auto streams = log.folder.path() + "/streams";
  std::filesystem::remove_all(streams);
  std::filesystem::create_directory(streams);
  std::promise<void> indexed;
  lmdb::stream_index::source from;
  from.subjects = [&](position after, position until, const auto& each) {
    for (auto at = after + 1; at <= until; ++at)
      each(at, log.events[at - 1].subject);
    return until;
  };
  bool told = false;
  from.hash_at = [&](position at) {
    if (at == 4096 && !std::exchange(told, true))
      indexed.set_value();
    return log.hashes[at];
  };
  {
    lmdb::stream_index index{streams, from, log.events.size(), false};
    indexed.get_future().wait();
  }
  lmdb::stream_index whole{streams, from, log.events.size(), true};
  REQUIRE(whole.find(log.subject(1)).indexed == 4096);
  REQUIRE(whole.find(log.subject(1)).at.size() > 60);
}

TEST_CASE("bit flips: a contact's timeline is whole, whatever became of the stream index",
          "[R2.2.3][R2.3.5]") {
  written_log log{4300};
  index_streams(log);
  const auto streams = log.folder.path() + "/streams";
  auto rows = rows_of(streams, "streams", false);
  REQUIRE(rows.size() == 4096);
  const auto meta = rows_of(streams, "meta", false);
  const image file{streams + "/data.mdb"};
  std::map<std::string, std::vector<event_record>> timelines;
  for (const auto& e : log.events)
    timelines[e.subject].push_back(e);
  dice d;
  std::size_t tried = 0;
  for (; tried < so_many(150, 3000); ++tried) {
    const auto& row = tried % 10 == 0 ? meta[d.below(meta.size())] : rows[d.below(rows.size())];
    const auto bit = d.below(8 * (row.key.size() + row.value.size()));
    INFO("row " << row.key.c_str() << ", bit " << bit);
    file.flip(row, bit);
    const auto opened = log.open(tried % 2 == 0).value();
    for (const auto& subject : {std::string{row.key.c_str()}, log.subject(d.below(60))}) {
      const auto told = opened->read_stream(subject);
      REQUIRE(told);
      const auto found = timelines.find(subject);
      CHECK(*told == (found == timelines.end() ? std::vector<event_record>{} : found->second));
    }
  }
  WARN(tried << " bits of the stream index changed");
}

TEST_CASE("bit flips: a stream index in which a page hides rows is made anew",
          "[R2.2.3][R2.3.5]") {
  written_log log{4300};
  index_streams(log);
  const auto name = log.folder.path() + "/streams/data.mdb";
  auto bytes = slurp(name);
  // LMDB's pages: their kind at 10, leaves are 2; at 12 where their list of rows ends.
  const auto is_full_leaf = [&](std::size_t page) {
    const auto end = static_cast<unsigned char>(bytes[page + 12]);
    return bytes[page + 10] == 2 && (end & 4U) != 0 && end > 60;
  };
  std::size_t page = 0;
  while (!is_full_leaf(page))
    page += 4096;
  bytes[page + 12] = static_cast<char>(bytes[page + 12] ^ 4);
  spill(name, bytes);
  std::promise<void> begun;
  lmdb::stream_index::source from;
  from.subjects = [&, told = false](position after, position, const auto&) mutable {
    if (after == 0 && !std::exchange(told, true))
      begun.set_value();
    return after;
  };
  from.hash_at = [&](position at) { return log.hashes[at]; };
  const lmdb::stream_index index{log.folder.path() + "/streams", from, log.events.size(), false};
  CHECK(begun.get_future().wait_for(std::chrono::seconds{60}) == std::future_status::ready);
}

TEST_CASE("bit flips: no changed backup becomes a data folder, and what was changed is named",
          "[R2.3.5][backup]") {
  written_log log{300};
  const auto to = log.folder.path() + "/backup";
  const auto again = log.folder.path() + "/again";
  REQUIRE(back_up({log.folder.path(), to, {}, morning}));
  REQUIRE(append(**log.open(false), queued(200, 301)));
  REQUIRE(back_up({log.folder.path(), to, {}, morning}));
  std::vector<std::string> files;
  for (const auto& file : std::filesystem::directory_iterator{to})
    if (file.file_size() > 0)
      files.push_back(file.path().filename());
  REQUIRE(files.size() == 3);  // two parts and the state; a lock is empty
  constexpr std::size_t end_bits = 8 * (4 + 8 + 32);
  dice d;
  std::size_t tried = 0;
  for (; tried < so_many(300, 6000); ++tried) {
    const auto& name = files[tried % files.size()];
    const image file{to + "/" + name};
    // Where a part ends there is little of what says so: half of the flips are there.
    const auto bit = tried % 2 == 0 ? d.below(file.bits())
                                    : file.bits() - 1 - d.below(std::min(file.bits(), end_bits));
    INFO(name << ", bit " << bit);
    file.flip(bit);
    const auto restored = restore({to, again, {}, tried % 4 < 2});
    REQUIRE_FALSE(restored);
    const auto& said = restored.error();
    CHECK((said.fault == log_fault::damaged || said.fault == log_fault::newer_format));
    CHECK_THAT(said.detail, Catch::Contains(name) || Catch::Contains("state"));
    CHECK_FALSE(std::filesystem::exists(again));
  }
  REQUIRE(restore({to, again, {}, false}));
  log.options.place = again;
  CHECK(read_all(**log.open(true)).size() == 500);
  WARN(tried << " bits of a backup changed");
}

TEST_CASE("bit flips: no changed snapshot is loaded", "[R2.3.5]") {
  scratch_folder folder;
  const auto log = open_event_log({.place = "memory:"}).value();
  REQUIRE(append(*log, queued(100)));
  for (const position at : {10, 20})
    REQUIRE(write_snapshot(folder.path(), "routing", at, log->hash_at(at).value(),
                           "the state at " + std::to_string(at)));
  const image file{folder.path() + "/routing-00000000000000000020.snap"};
  std::size_t tried = 0;
  for (; tried < file.bits(); ++tried) {
    INFO("bit " << tried);
    file.flip(tried);
    const auto loaded = load_newest_snapshot(folder.path(), "routing", *log);
    REQUIRE(loaded.newest);
    CHECK(loaded.newest->body == "the state at 10");
    REQUIRE(loaded.left_aside.size() == 1);
    CHECK_THAT(loaded.left_aside[0], Catch::Contains("00020.snap is left aside"));
  }
  WARN(tried << " bits of a snapshot changed");
}

} // namespace
} // namespace careline::store
