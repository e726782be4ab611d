#include <catch2/catch.hpp>

#include <cstring>
#include <fstream>

#include "store/inspect.hpp"
#include "store/lmdb/lmdb_env.hpp"
#include "flips.hpp"
#include "story.hpp"

// What may have become of the files since they were written.

namespace careline::store {
namespace {

using namespace story;

constexpr std::uint64_t map_bytes = 64 << 20;
constexpr std::uint64_t page_bytes = 4096;
constexpr lmdb::table_spec rows_only[] = {{"rows"}};
constexpr int rows_left = 100;

std::string row_name(int n) {
  auto name = std::to_string(n);
  return name.insert(0, 8 - name.size(), '0');
}

/// An environment whose last pages are free: much was written, most deleted, a little written.
void make_file_with_free_end(const std::string& folder) {
  lmdb::env file{{folder, map_bytes}};
  const auto rows = file.open_tables(rows_only)[0];
  constexpr int all = 3000;
  {
    lmdb::writing w{file};
    for (int i = 0; i < all; ++i)
      w.put(rows, row_name(i), std::string(1000, 'x'));
    w.commit();
  }
  {
    lmdb::writing w{file};
    for (int i = rows_left; i < all; ++i)
      w.erase(rows, row_name(i));
    w.commit();
  }
  for (int i = 0; i < 6; ++i) {
    lmdb::writing w{file};
    w.put(rows, row_name(0), std::string(1000, 'y'));
    w.commit();
  }
}

/// Opens a copy without the last `pages` and reads all of it; false when it is refused as damaged.
bool serves_without(const std::string& folder, std::uint64_t pages, bool read_only) {
  scratch_folder copy;
  const auto name = copy.path() + "/data.mdb";
  std::filesystem::copy_file(folder + "/data.mdb", name);
  std::filesystem::resize_file(name, std::filesystem::file_size(name) - pages * page_bytes);
  const auto bytes = std::filesystem::file_size(name);
  try {
    lmdb::env file{{copy.path(), read_only ? 0 : map_bytes, read_only}};
    const auto rows = file.open_tables(rows_only)[0];
    const lmdb::reading r{file};
    lmdb::cursor c{r, rows};
    int found = 0;
    for (bool more = c.first(); more; more = c.next())
      found += c.value().size() == 1000 ? 1 : 0;
    CHECK(found == rows_left);
    return true;
  } catch (const lmdb::failure& f) {
    CHECK(f.is_damage());
    CHECK(std::filesystem::file_size(name) == bytes);
    return false;
  }
}

TEST_CASE("LMDB file: without pages that nobody uses it serves, without one that is used it is "
          "refused, and no one crashes") {
  scratch_folder folder;
  make_file_with_free_end(folder.path());
  for (const bool read_only : {false, true}) {
    INFO("read-only " << read_only);
    int served = 0;
    bool refused = false;
    for (std::uint64_t pages = 0; pages <= 64; ++pages) {
      INFO(pages << " pages are missing");
      const bool serves = serves_without(folder.path(), pages, read_only);
      // Once a page that is used is missing, it stays missing.
      CHECK_FALSE((serves && refused));
      served += serves ? 1 : 0;
      refused = refused || !serves;
    }
    CHECK(served > 1);
    CHECK(refused);
  }
}

/// Puts a row into a table of a closed environment, as a bad disk or another program would.
void put_by_force(const std::string& folder, const char* table, const std::string& key,
                  const std::string& bytes) {
  lmdb::env file{{folder, map_bytes}};
  const lmdb::table_spec spec[] = {{table}};
  const auto into = file.open_tables(spec)[0];
  lmdb::writing w{file};
  w.put(into, key, bytes);
  w.commit();
}

/// As a program left it that knew of no sum.
void forget_sum(const std::string& folder) {
  lmdb::env file{{folder, map_bytes}};
  const lmdb::table_spec spec[] = {{"meta"}};
  const auto meta = file.open_tables(spec)[0];
  lmdb::writing w{file};
  w.erase(meta, "sum");
  w.put(meta, "layout", std::string_view{"\x01\0\0\0", 4});
  w.commit();
}

struct log_on_disk {
  scratch_folder folder;
  std::unique_ptr<event_log> open(bool read_only = false) const {
    return try_open(read_only).value();
  }
  result<std::unique_ptr<event_log>, log_error> try_open(bool read_only) const {
    open_options o;
    o.place = folder.path();
    o.map_bytes = map_bytes;
    o.reserve_bytes = 1 << 20;
    o.read_only = read_only;
    return open_event_log(o);
  }
};

TEST_CASE("LMDB log: a first start that the power cut short is done again") {
  log_on_disk place;
  const auto log_folder = place.folder.path() + "/log";
  std::filesystem::create_directories(log_folder);
  std::ofstream{log_folder + "/data.new", std::ios::binary} << std::string(1000, 'x');
  CHECK(append(*place.open(), queued(3)));
  CHECK(place.open()->head() == 3);
  CHECK_FALSE(std::filesystem::exists(log_folder + "/data.new"));
}

TEST_CASE("LMDB log: a damaged stream index keeps no engine from starting") {
  log_on_disk place;
  REQUIRE(append(*place.open(), queued(5000)));
  const auto streams = place.folder.path() + "/streams";
  SECTION("its own position cannot be read") { put_by_force(streams, "meta", "indexed", "xyz"); }
  SECTION("it is no file at all") {
    std::filesystem::remove_all(streams);
    std::filesystem::create_directories(streams + "/data.mdb/in the way");
  }
  auto log = place.open();
  CHECK(log->read_stream("contact/C-1")->size() == 1);
  CHECK(append(*log, queued(5000)));
  CHECK(log->read_stream("contact/C-1")->size() == 2);
}

TEST_CASE("LMDB log: a checkpoint that nobody wrote is an answer, not an accident", "[R2.3.5]") {
  log_on_disk place;
  REQUIRE(append(*place.open(), queued(1)));
  const auto meta = place.folder.path() + "/log";
  const bool read_only = GENERATE(false, true);
  SECTION("before the log is opened") {
    put_by_force(meta, "meta", "checkpoint/care", "xyz");
    const auto log = place.try_open(read_only);
    REQUIRE_FALSE(log);
    CHECK(log.error().fault == log_fault::damaged);
    CHECK_THAT(log.error().detail, Catch::Contains("checkpoints"));
  }
  SECTION("in a log that was written before rows had a sum") {
    forget_sum(meta);
    put_by_force(meta, "meta", "checkpoint/care", "xyz");
    const auto log = place.open(read_only);
    const auto found = log->find_checkpoint("care");
    REQUIRE_FALSE(found);
    CHECK(found.error().fault == log_fault::damaged);
    CHECK_FALSE(log->find_checkpoint("survey").value());
  }
}

TEST_CASE("LMDB log: one of layout 1 is read, and has a sum once it was written") {
  log_on_disk place;
  REQUIRE(append(*place.open(), queued(3)));
  forget_sum(place.folder.path() + "/log");
  CHECK(place.open(true)->head() == 3);
  REQUIRE(append(*place.open(), queued(2)));
  CHECK(verify_log(*place.open(true))->head == 5);
  put_by_force(place.folder.path() + "/log", "meta", "previous/contact.queued",
               std::string{lmdb::number_bytes{4}});
  CHECK_FALSE(place.try_open(true));
}

/// A table's rows in an environment of their own, over many pages.
constexpr lmdb::table_spec counted_rows[] = {{"rows", false, true}};
constexpr int many = 400;

/// False when it is refused as damaged.
bool serves_all(const std::string& folder, bool read_only) {
  try {
    lmdb::env file{{folder, read_only ? 0 : map_bytes, read_only}};
    const auto rows = file.open_tables(counted_rows)[0];
    const lmdb::reading r{file};
    for (int i = 0; i < many; ++i)
      CHECK(r.get(rows, row_name(i)));
    return true;
  } catch (const lmdb::failure& f) {
    INFO(f.what());
    CHECK(f.is_damage());
    return false;
  }
}

TEST_CASE("LMDB file: of rows that nothing else tells of none is hidden by the page that it is in",
          "[R2.2.3][R2.3.5]") {
  scratch_folder folder;
  {
    lmdb::env file{{folder.path(), map_bytes}};
    const auto rows = file.open_tables(counted_rows)[0];
    lmdb::writing w{file};
    for (int i = 0; i < many; ++i)
      w.put(rows, row_name(i), std::string(100, 'x'));
    w.commit();
  }
  const auto name = folder.path() + "/data.mdb";
  const auto whole = flips::slurp(name);
  // Two bytes that say where a page's list of rows ends, each of which has two bytes in it.
  constexpr std::uint64_t rows_end_at = 12;
  int refused = 0;
  for (auto page = 2 * page_bytes; page < whole.size(); page += page_bytes) {
    auto changed = whole;
    std::uint16_t rows_end = 0;
    std::memcpy(&rows_end, changed.data() + page + rows_end_at, sizeof rows_end);
    rows_end = static_cast<std::uint16_t>(rows_end - 2);
    std::memcpy(changed.data() + page + rows_end_at, &rows_end, sizeof rows_end);
    for (const bool read_only : {false, true}) {
      INFO("page " << page / page_bytes << (read_only ? ", read-only" : ""));
      flips::spill(name, changed);
      refused += serves_all(folder.path(), read_only) ? 0 : 1;
    }
  }
  // The rows' own pages, the one above them, and the one with the table's name.
  CHECK(refused >= 2 * (many / 40 + 2));
  flips::spill(name, whole);
  CHECK(serves_all(folder.path(), false));
}

} // namespace
} // namespace careline::store
