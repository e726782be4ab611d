#include <catch2/catch.hpp>

#include "store/backup.hpp"
#include "store/hash.hpp"
#include "store/inspect.hpp"
#include "store/keys/key_copy.hpp"
#include "story.hpp"

// tests/store/fixtures/format-1 was written by version 0.1.0: a data folder of layout 1 with keys
// of format 1, a backup and an export of format 1. It is never made anew. What is read from it here
// must be read for ever.

namespace careline::store {
namespace {

using namespace story;
namespace fs = std::filesystem;

constexpr auto hash_of_it = "bed3f4a4cbe683125efe89bd84efa906a958b3f22c47fa116cbd0f1be85a28bd";
const std::string fixture = std::string{CARELINE_SOURCE_DIR} + "/tests/store/fixtures/format-1";

std::unique_ptr<event_log> open(const std::string& folder) {
  open_options o;
  o.place = folder;
  o.map_bytes = 64 << 20;
  o.reserve_bytes = 1 << 20;
  return open_event_log(o).value();
}

TEST_CASE("format 1: a data folder of the first version is read, verified and written on") {
  const scratch_folder scratch;
  fs::copy(fixture + "/data", scratch.path(), fs::copy_options::recursive);
  const auto log = open(scratch.path());
  CHECK(log->head() == 15);
  CHECK(to_hex(bytes_of(log->head_hash())) == hash_of_it);
  REQUIRE(verify_log(*log));
  CHECK(read_all(*log, {"contact.opened"}).size() == 3);
  CHECK(log->read_stream("contact/C-1")->size() == 3);
  const auto answer = log->find_command({"phone-1", "01a21900-0000-7000-8000-000000000001"});
  REQUIRE(answer.value());
  CHECK((*answer)->at == 6);
  CHECK(log->find_checkpoint("routing").value());
  REQUIRE(append(*log, queued(3)));
  CHECK(verify_log(*log)->head == 18);
}

TEST_CASE("format 1: keys of the first version open") {
  const scratch_folder scratch;
  fs::copy(fixture + "/data/keys", scratch.path(), fs::copy_options::recursive);
  fs::permissions(scratch.path() + "/master.key", fs::perms::owner_read | fs::perms::owner_write);
  CHECK(check_keys(scratch.path()).value() == 2);
}

TEST_CASE("format 1: a backup of the first version is restored") {
  const scratch_folder scratch;
  const auto restored = restore({fixture + "/backup", scratch.path(), {}, false});
  REQUIRE(restored);
  CHECK(to_hex(bytes_of(restored->hash)) == hash_of_it);
  CHECK(open(scratch.path())->find_command({"phone-1", "01a21900-0000-7000-8000-000000000001"})
            .value());
}

} // namespace
} // namespace careline::store
