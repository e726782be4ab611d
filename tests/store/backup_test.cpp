#include <catch2/catch.hpp>

#include <fstream>
#include <future>
#include <iterator>

#include "small_disk.hpp"
#include "store/backup.hpp"
#include "store/inspect.hpp"
#include "store/keys/key_copy.hpp"
#include "store/keys/key_hold.hpp"
#include "store/keys/key_store.hpp"
#include "store/lmdb/lmdb_env.hpp"
#include "story.hpp"

// What of a log is still there after its disk is gone.

namespace careline::store {
namespace {

using namespace story;
namespace fs = std::filesystem;

const person_id li{"P-li"};
constexpr auto later = std::chrono::hours{1};

std::string bytes_in(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void write_bytes(const std::string& file, const std::string& bytes) {
  std::ofstream{file, std::ios::binary} << bytes;
}

void flip_bit(const std::string& file, std::size_t at) {
  auto bytes = bytes_in(file);
  REQUIRE(at < bytes.size());
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  write_bytes(file, bytes);
}

/// A data folder, its backup, and the place it is restored to.
struct centre {
  scratch_folder scratch;
  std::string data = scratch.path() + "/data";
  std::string to = scratch.path() + "/backup";
  std::string again = scratch.path() + "/again";

  static std::unique_ptr<event_log> open(const std::string& folder, bool read_only = false) {
    open_options o;
    o.place = folder;
    o.map_bytes = 64 << 20;
    o.reserve_bytes = 1 << 20;
    o.read_only = read_only;
    return open_event_log(o).value();
  }
  /// `n` more contacts join a queue.
  void grow(std::size_t n) const {
    auto log = open(data);
    REQUIRE(append(*log, queued(n, log->head() + 1)));
  }
  std::unique_ptr<key_store> keys(const std::string& folder) const {
    key_options o;
    o.map_bytes = 64 << 20;
    o.slots_ahead = 4;
    return open_key_store(folder + "/keys", o).value();
  }
  result<backed_up, log_error> back_up(instant now = morning) const {
    return store::back_up({data, to, to + "/keys", now});
  }
  result<restored, log_error> restore() const { return store::restore({to, again, {}, false}); }
  result<restored, log_error> check() const { return store::restore({to, {}, {}, true}); }
  std::string part(position first) const {
    auto number = std::to_string(first);
    return to + "/events-" + number.insert(0, 20 - number.size(), '0') + ".rows";
  }
};

TEST_CASE("backup: what is restored is the same log, with the answers that were given and the keys",
          "[backup]") {
  const centre c;
  const command_key key{"phone-1", id_at(morning)};
  std::string sealed;
  {
    sealed = c.keys(c.data)->seal(li, "13800138000").value();
    auto log = centre::open(c.data);
    REQUIRE(append(*log, queued(5000)));
    auto answered =
        answering(happened("contact.opened", "contact/C-1"), key.client, key.id, "\x81");
    answered.checkpoints.push_back({"routing", 77});
    REQUIRE(append(*log, {std::move(answered)}));
  }
  const auto backed_up = c.back_up();
  REQUIRE(backed_up);
  CHECK(backed_up->head == 5001);
  CHECK(backed_up->has_keys);
  const auto restored = store::restore({c.to, c.again, c.to + "/keys", false});
  REQUIRE(restored);
  CHECK(restored->head == 5001);
  CHECK(restored->taken == morning);

  const auto before = centre::open(c.data);
  const auto log = centre::open(c.again);
  CHECK(log->head_hash() == before->head_hash());
  CHECK(verify_log(*log));
  CHECK(read_all(*log) == read_all(*before));
  CHECK(log->find_checkpoint("routing").value() == 77);
  CHECK(log->last_of_types() == before->last_of_types());
  CHECK(log->epoch() > 1);
  const auto answer = log->find_command(key).value();
  REQUIRE(answer);
  CHECK(answer->at == 5001);
  CHECK(answer->data == "\x81");
  CHECK(c.keys(c.again)->open(li, sealed).value() == "13800138000");
  CHECK(append(*log, queued(1)));
}

TEST_CASE("backup: a second one adds what is new and leaves the first as it is", "[backup]") {
  const centre c;
  c.grow(100);
  REQUIRE(c.back_up());
  const auto first = bytes_in(c.part(1));
  c.grow(50);
  const auto second = c.back_up(morning + later);
  REQUIRE(second);
  CHECK(second->before == 100);
  CHECK(second->head == 150);
  CHECK(bytes_in(c.part(1)) == first);
  CHECK(bytes_in(c.part(101)).size() < first.size());
  const auto third = c.back_up(morning + 2 * later);
  REQUIRE(third);
  CHECK(third->bytes == 0);
  const auto restored = c.restore();
  REQUIRE(restored);
  CHECK(restored->head == 150);
  CHECK(restored->taken == morning + 2 * later);
}

TEST_CASE("backup: an empty log can be saved, too", "[backup]") {
  const centre c;
  centre::open(c.data);
  REQUIRE(c.back_up());
  REQUIRE(c.restore());
  CHECK(centre::open(c.again)->head() == 0);
}

TEST_CASE("backup: that of another log is refused by name and stays usable", "[backup]") {
  centre c;
  c.grow(100);
  REQUIRE(c.back_up());
  const centre other;
  SECTION("which is longer") {
    auto log = centre::open(other.data);
    REQUIRE(append(*log, queued(200, 1000)));
    log.reset();
    const auto refused = store::back_up({other.data, c.to, {}, morning});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().fault == log_fault::conflict);
    CHECK_THAT(refused.error().detail, Catch::Contains(c.to) && Catch::Contains(other.data)
                                           && Catch::Contains("another log"));
  }
  SECTION("an older copy of this one") {
    other.grow(50);
    const auto refused = store::back_up({other.data, c.to, {}, morning});
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().detail, Catch::Contains("only to 50"));
  }
  SECTION("a restored one that went its own way") {
    c.grow(10);
    REQUIRE(c.restore());
    c.again.swap(c.data);
    c.grow(20);
    REQUIRE(c.back_up());
    c.again.swap(c.data);
    c.grow(5);
    CHECK_FALSE(c.back_up());
    fs::remove_all(c.again);
  }
  const auto restored = c.restore();
  REQUIRE(restored);
  CHECK(restored->head >= 100);
}

TEST_CASE("backup: a folder with other things in it is left alone", "[backup]") {
  const centre c;
  c.grow(10);
  fs::create_directories(c.to);
  write_bytes(c.to + "/notes.txt", "mine");
  const auto refused = c.back_up();
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().detail, Catch::Contains("notes.txt"));
  CHECK(std::distance(fs::directory_iterator{c.to}, {}) == 1);
}

TEST_CASE("backup: a person who was erased is erased in it with the next one", "[backup]") {
  const centre c;
  c.grow(1);
  std::string sealed;
  {
    const auto keys = c.keys(c.data);
    sealed = keys->seal(li, "13800138000").value();
  }
  REQUIRE(c.back_up());
  REQUIRE(c.keys(c.data)->erase(li));
  REQUIRE(c.back_up());
  REQUIRE(store::restore({c.to, c.again, c.to + "/keys", false}));
  CHECK(c.keys(c.again)->open(li, sealed).error().type == "person.erased");
}

TEST_CASE("backup: an erasure waits while the keys are read, and harms nobody else's", "[backup]") {
  const centre c;
  const auto keys = c.keys(c.data);
  const auto of_li = keys->seal(li, "13800138000").value();
  const auto of_wang = keys->seal(person_id{"P-wang"}, "13900139000").value();
  keys->flush();
  std::optional<key_hold> reading{std::in_place, c.data + "/keys", key_hold::kind::to_read};
  auto erasing = std::async(std::launch::async, [&] { return keys->erase(li); });
  CHECK(erasing.wait_for(std::chrono::milliseconds{200}) == std::future_status::timeout);
  CHECK(keys->open(person_id{"P-wang"}, of_wang).value() == "13900139000");
  reading.reset();
  REQUIRE(erasing.get());
  CHECK(keys->open(li, of_li).error().type == "person.erased");
}

TEST_CASE("backup: an erasure does not wait for a backup's slow disk", "[backup]") {
  const centre c;
  REQUIRE(c.keys(c.data)->seal(li, "13800138000"));
  auto image = key_image::of(c.data + "/keys", keys_are::in_use);
  REQUIRE(image);
  REQUIRE(c.keys(c.data)->erase(li));
  // The disk answers by now, with the keys of the moment at which they were read.
  const auto count = image->write(c.to + "/keys");
  REQUIRE(count);
  CHECK(check_keys(c.to + "/keys").value() == *count);
  CHECK(copy_keys(c.data + "/keys", keys_are::in_use, c.to + "/keys").value() == *count - 1);
}

TEST_CASE("backup: keys may be kept elsewhere, and are asked for when they are missing",
          "[backup]") {
  const centre c;
  c.grow(1);
  const auto safe = c.scratch.path() + "/safe";
  const auto sealed = c.keys(c.data)->seal(li, "13800138000").value();
  REQUIRE(store::back_up({c.data, c.to, safe, morning}));
  CHECK_FALSE(fs::exists(c.to + "/keys"));
  const auto refused = store::restore({c.to, c.again, c.to + "/keys", false});
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().detail, Catch::Contains("there are no keys"));
  CHECK_FALSE(fs::exists(c.again));
  REQUIRE(store::restore({c.to, c.again, safe, false}));
  CHECK(c.keys(c.again)->open(li, sealed).value() == "13800138000");
}

TEST_CASE("backup: damage is named, and nothing of it becomes a data folder", "[backup]") {
  const centre c;
  c.grow(100);
  REQUIRE(c.back_up());
  c.grow(100);
  REQUIRE(c.back_up());
  const auto second = bytes_in(c.part(101));
  std::string names = "events-";
  SECTION("a bit of an event") { flip_bit(c.part(101), second.size() / 2); }
  SECTION("a bit of a length") { flip_bit(c.part(101), 8 + 8 + 32 + 3); }
  SECTION("a bit of the first bytes") { flip_bit(c.part(101), 20); }
  SECTION("a bit of the last bytes") {
    names = "state";  // which of the two is right cannot be known
    flip_bit(c.part(101), second.size() - 1);
  }
  SECTION("a part that was cut") { fs::resize_file(c.part(101), second.size() - 100); }
  SECTION("a part that was emptied") { fs::resize_file(c.part(101), 0); }
  SECTION("a part that is gone") { fs::remove(c.part(1)); }
  SECTION("parts that were exchanged") { fs::copy_file(c.part(1), c.part(101),
                                                       fs::copy_options::overwrite_existing); }
  SECTION("the state") {
    names = "state";
    flip_bit(c.to + "/state", 30);
  }
  for (const auto& outcome : {c.check(), c.restore()}) {
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().fault == log_fault::damaged);
    CHECK_THAT(outcome.error().detail, Catch::Contains(names));
  }
  CHECK_FALSE(fs::exists(c.again));
}

TEST_CASE("backup: one of a newer program is refused with a sentence", "[backup]") {
  const centre c;
  c.grow(10);
  REQUIRE(c.back_up());
  auto state = bytes_in(c.to + "/state");
  state[7] = '2';
  write_bytes(c.to + "/state", state);
  for (const auto& fault : {c.restore().error(), c.back_up().error()}) {
    CHECK(fault.fault == log_fault::newer_format);
    CHECK_THAT(fault.detail, Catch::Contains("newer version"));
  }
}

TEST_CASE("backup: a damaged log is not copied over a good backup", "[backup]") {
  const centre c;
  c.grow(100);
  REQUIRE(c.back_up());
  c.grow(3000);
  {
    lmdb::env file{{c.data + "/log", 64 << 20}};
    const lmdb::table_spec log[] = {{"log", true}};
    const auto table = file.open_tables(log)[0];
    lmdb::writing w{file};
    auto row = std::string{*w.get(table, lmdb::number_bytes{1000})};
    row[60] = static_cast<char>(row[60] ^ 1);
    w.put(table, lmdb::number_bytes{1000}, row);
    w.commit();
  }
  const auto refused = c.back_up();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().fault == log_fault::damaged);
  CHECK(refused.error().at == 1000);
  CHECK_THAT(refused.error().detail, Catch::Contains("stays as it was, up to event 100"));
  CHECK_FALSE(fs::exists(c.part(101)));
  REQUIRE(c.restore());
  CHECK(centre::open(c.again)->head() == 100);
}

TEST_CASE("backup: one that was killed has changed nothing, and the next clears up", "[backup]") {
  const centre c;
  c.grow(100);
  REQUIRE(c.back_up());
  const auto state = bytes_in(c.to + "/state");
  c.grow(50);
  REQUIRE(c.back_up());
  // As it was a moment before the end.
  write_bytes(c.to + "/state", state);
  write_bytes(c.part(101) + ".tmp", "half a");
  write_bytes(c.to + "/state.tmp", "half a");
  CHECK(c.check()->head == 100);
  c.grow(7);
  const auto next = c.back_up();
  REQUIRE(next);
  CHECK(next->before == 100);
  CHECK_FALSE(fs::exists(c.part(101) + ".tmp"));
  CHECK(c.restore()->head == 157);
}

TEST_CASE("restore: a folder with anything in it is refused by name and stays as it is",
          "[backup]") {
  const centre c;
  c.grow(10);
  REQUIRE(c.back_up());
  std::string says;
  SECTION("a log") {
    centre::open(c.again);
    says = "holds a log already";
  }
  SECTION("a file") {
    fs::create_directories(c.again);
    write_bytes(c.again + "/notes.txt", "mine");
    says = "it holds notes.txt";
  }
  SECTION("it is a file itself") {
    write_bytes(c.again, "mine");
    says = "is no folder";
  }
  const auto refused = c.restore();
  REQUIRE_FALSE(refused);
  CHECK_THAT(refused.error().detail, Catch::Contains(c.again) && Catch::Contains(says));
  CHECK_FALSE(fs::exists(c.again + "/unfinished"));
  CHECK(fs::exists(c.again));
}

TEST_CASE("restore: one that was killed is no data folder, and can be done again", "[backup]") {
  const centre c;
  c.grow(10);
  REQUIRE(c.back_up());
  REQUIRE(c.restore());
  // As it was a moment before the end.
  fs::create_directories(c.again + "/unfinished");
  for (const bool read_only : {false, true}) {
    open_options o;
    o.place = c.again;
    o.read_only = read_only;
    const auto opened = open_event_log(o);
    REQUIRE_FALSE(opened);
    CHECK_THAT(opened.error().detail, Catch::Contains("did not end"));
  }
  REQUIRE(c.restore());
  CHECK(centre::open(c.again)->head() == 10);
}

/// What went wrong, or 0.
int back_up_to_a_full_disk(const centre& c) {
  fs::create_directories(c.to);
  if (!enter_disk(c.to, "size=1m"))
    return no_disk;
  if (!c.back_up())
    return 1;
  auto log = centre::open(c.data);
  if (!append(*log, queued(2000, 101)))
    return 2;
  log.reset();
  take_all(c.to + "/others.tmp");
  const auto full = c.back_up();
  if (full || full.error().detail.find("No space left") == std::string::npos
      || full.error().detail.find("up to event 100") == std::string::npos)
    return 3;
  fs::remove(c.to + "/others.tmp");
  const auto kept = c.check();
  if (!kept || kept->head != 100)
    return 4;
  return c.back_up() && c.check()->head == 2100 ? 0 : 5;
}

int restore_to_a_disk(const centre& c, const char* options, unsigned long flags) {
  fs::create_directories(c.again);
  if (!enter_disk(c.again, options, flags))
    return no_disk;
  if (c.restore())
    return 1;
  return fs::is_empty(c.again) ? 0 : 2;
}

TEST_CASE("backup and restore: on a full or read-only disk the backup stays, and nothing half made",
          "[backup]") {
  const centre c;
  c.grow(100);
  int outcome = 0;
  SECTION("a backup to a full disk") {
    outcome = in_child([&] { return back_up_to_a_full_disk(c); });
  }
  SECTION("a restore to one that is too small") {
    c.grow(3000);
    REQUIRE(c.back_up());
    outcome = in_child([&] { return restore_to_a_disk(c, "size=256k", 0); });
  }
  SECTION("a restore to one that cannot be written") {
    REQUIRE(c.back_up());
    outcome = in_child([&] { return restore_to_a_disk(c, "", MS_RDONLY); });
  }
  if (outcome == no_disk)
    WARN("skipped: needs the right to mount a file system");
  else
    CHECK(outcome == 0);
}

} // namespace
} // namespace careline::store
