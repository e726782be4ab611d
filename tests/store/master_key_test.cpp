#include <catch2/catch.hpp>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <sys/resource.h>
#include <sys/stat.h>

#include "small_disk.hpp"
#include "store/keys/key_copy.hpp"
#include "store/keys/key_file.hpp"
#include "store/keys/key_store.hpp"
#include "store/keys/secrets.hpp"
#include "story.hpp"

namespace careline::store {
namespace {

using namespace story;

const person_id li{"P-li"};
const person_id wang{"P-wang"};

std::string bytes_in(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream all;
  all << file.rdbuf();
  return all.str();
}

struct safe {
  scratch_folder folder;
  std::string place = folder.path() + "/keys";
  std::unique_ptr<key_store> keys = open_key_store(place, small()).value();

  static key_options small() {
    key_options o;
    o.map_bytes = 64 << 20;
    return o;
  }
  void restart() {
    keys.reset();
    keys = open_key_store(place, small()).value();
  }
};

/// A word of the environment, for as long as it lives.
struct said {
  const char* name;
  said(const char* called, const std::string& text) : name(called) {
    ::setenv(name, text.c_str(), 1);
  }
  ~said() { ::unsetenv(name); }
};

std::string hex_of(const std::string& bytes) {
  std::string out;
  for (const unsigned char c : bytes) {
    constexpr char digits[] = "0123456789abcdef";
    out += digits[c >> 4U];
    out += digits[c & 15U];
  }
  return out;
}

} // namespace

TEST_CASE("master key: another one takes its place, and nobody notices", "[R2.3.3]") {
  safe s;
  const auto before = s.keys->seal(li, "Li Wei").value();
  const auto customer = s.keys->person_of("13800138000");
  const auto digest = s.keys->digest_of_command("contact.open", "x");
  const auto old_master = bytes_in(s.place + "/master.key");
  s.restart();  // nothing at hand: keys are read from the file
  const auto rotated = s.keys->rotate_master().value();
  CHECK(rotated.keys >= 1);
  CHECK(rotated.unfinished.empty());
  CHECK(s.keys->open(li, before).value() == "Li Wei");
  const auto after = s.keys->seal(wang, "Wang").value();
  for (int i = 0; i < 2; ++i, s.restart()) {
    CHECK(s.keys->open(li, before).value() == "Li Wei");
    CHECK(s.keys->open(wang, after).value() == "Wang");
    CHECK(s.keys->person_of("13800138000") == customer);
    CHECK(s.keys->digest_of_command("contact.open", "x") == digest);
  }
  const auto master = bytes_in(s.place + "/master.key");
  CHECK(master.size() == 32);
  CHECK(master != old_master);
  CHECK_FALSE(std::filesystem::exists(s.place + "/master.key.next"));
  REQUIRE(s.keys->rotate_master());  // and once more
  s.restart();
  CHECK(s.keys->open(li, before).value() == "Li Wei");
  CHECK(s.keys->person_of("13800138000") == customer);
}

TEST_CASE("master key: the one before opens nothing of the file any more", "[R2.3.3]") {
  safe s;
  const auto sealed = s.keys->seal(li, "Li Wei").value();
  const auto old_master = bytes_in(s.place + "/master.key");
  REQUIRE(s.keys->rotate_master());
  s.keys.reset();
  std::ofstream{s.place + "/master.key", std::ios::binary | std::ios::trunc} << old_master;
  const auto opened = open_key_store(s.place, safe::small());
  REQUIRE_FALSE(opened);
  CHECK(opened.error().detail.find("is not the one its keys were") != std::string::npos);
}

TEST_CASE("master key: who is sealed and opened meanwhile loses nothing", "[R2.3.3]") {
  safe s;
  std::vector<std::pair<person_id, std::string>> known;
  for (int i = 0; i < 200; ++i) {
    const person_id who{"P-" + std::to_string(i)};
    known.emplace_back(who, s.keys->seal(who, who.text()).value());
  }
  s.restart();
  std::atomic<bool> over{false};
  std::atomic<int> wrong{0}, asked{0};
  std::thread busy{[&] {
    for (std::size_t i = 0; !over || i < known.size(); ++i) {
      const auto& [who, sealed] = known[i % known.size()];
      const auto clear = s.keys->open(who, sealed);
      const auto again = s.keys->seal(who, "again");
      wrong += !clear || *clear != who.text() || !again
               || again->substr(1, 8) != sealed.substr(1, 8);
      ++asked;
    }
  }};
  for (int i = 0; i < 5; ++i)
    CHECK(s.keys->rotate_master());
  over = true;
  busy.join();
  CHECK(wrong == 0);
  CHECK(asked >= 200);
}

TEST_CASE("master key: a crash on the way leaves the one or the other", "[R2.3.3]") {
  safe s;
  const auto sealed = s.keys->seal(li, "Li Wei").value();
  s.keys->flush();
  SECTION("before the keys were sealed anew") {
    std::ofstream{s.place + "/master.key.next", std::ios::binary} << std::string(32, 'n');
    std::filesystem::permissions(s.place + "/master.key.next", std::filesystem::perms::owner_read);
  }
  SECTION("after that, before the name was changed") {
    const auto old_master = bytes_in(s.place + "/master.key");
    REQUIRE(s.keys->rotate_master());
    s.keys.reset();
    std::filesystem::rename(s.place + "/master.key", s.place + "/master.key.next");
    std::ofstream{s.place + "/master.key", std::ios::binary} << old_master;
    std::filesystem::permissions(s.place + "/master.key", std::filesystem::perms::owner_read);
  }
  SECTION("half of the next one was written") {
    std::ofstream{s.place + "/master.key.next", std::ios::binary} << "half";
  }
  s.restart();
  CHECK(s.keys->open(li, sealed).value() == "Li Wei");
  CHECK_FALSE(std::filesystem::exists(s.place + "/master.key.next"));
  CHECK(s.keys->rotate_master());
  CHECK(s.keys->open(li, sealed).value() == "Li Wei");
}

TEST_CASE("master key: a start that cannot read the one in force leaves it where it is",
          "[R2.3.3]") {
  safe s;
  const auto sealed = s.keys->seal(li, "Li Wei").value();
  const auto old_master = bytes_in(s.place + "/master.key");
  REQUIRE(s.keys->rotate_master());
  s.keys.reset();
  // Killed before the name was changed; then somebody copied the folder about.
  const auto next = s.place + "/master.key.next";
  std::filesystem::rename(s.place + "/master.key", next);
  using std::filesystem::perms;
  SECTION("beside the one before") {
    std::ofstream{s.place + "/master.key", std::ios::binary} << old_master;
    std::filesystem::permissions(s.place + "/master.key", perms::owner_read);
  }
  SECTION("alone") {}
  std::filesystem::permissions(next, perms::owner_read | perms::group_read);
  const auto opened = open_key_store(s.place, safe::small());
  REQUIRE_FALSE(opened);
  CHECK_THAT(opened.error().detail, Catch::Contains(next) && Catch::Contains("chmod 600"));
  std::filesystem::permissions(next, perms::owner_read);
  s.restart();
  CHECK(s.keys->open(li, sealed).value() == "Li Wei");
  CHECK_FALSE(std::filesystem::exists(next));
}

/// What went wrong, or 0. No file may grow: the keys cannot be sealed anew, and from outside it
/// cannot be told how far that went.
int change_master_with_no_room(const std::string& place) {
  auto options = safe::small();
  options.slots_ahead = 4096;
  const auto keys = open_key_store(place, options).value();
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = std::filesystem::file_size(place + "/data.mdb");
  if (::setrlimit(RLIMIT_FSIZE, &limit) != 0)
    return no_disk;
  if (keys->rotate_master())
    return 1;
  return std::filesystem::exists(place + "/master.key.next") ? 0 : 2;
}

TEST_CASE("master key: where it is not known which one is in force both stay until the next start",
          "[R2.3.3]") {
  safe s;
  const auto sealed = s.keys->seal(li, "Li Wei").value();
  s.keys.reset();
  CHECK(in_child([&] { return change_master_with_no_room(s.place); }) == 0);
  s.restart();
  CHECK(s.keys->open(li, sealed).value() == "Li Wei");
  CHECK_FALSE(std::filesystem::exists(s.place + "/master.key.next"));
}

/// What went wrong, or 0. A folder that nobody may list cannot be synced.
int make_key_in_folder_without_sync(const std::string& folder) {
  constexpr uid_t nobody = 65534;
  if (::geteuid() == 0 && (::chown(folder.c_str(), nobody, nobody) != 0 || ::setuid(nobody) != 0))
    return no_disk;
  if (::chmod(folder.c_str(), S_IWUSR | S_IXUSR) != 0)
    return no_disk;
  const auto made = load_secret(folder + "/master.key", {"master key", ""}, true);
  ::chmod(folder.c_str(), S_IRWXU);
  if (made || made.error().detail.find("master.key") == std::string::npos)
    return 1;
  return std::filesystem::exists(folder + "/master.key") ? 2 : 0;
}

TEST_CASE("master key: one that a power cut may take away again is not used") {
  const scratch_folder folder;
  const int outcome = in_child([&] { return make_key_in_folder_without_sync(folder.path()); });
  if (outcome != no_disk)
    CHECK(outcome == 0);
}

TEST_CASE("master key: it may be kept elsewhere, and is then in no copy") {
  safe s;
  const auto sealed = s.keys->seal(li, "Li Wei").value();
  s.keys.reset();
  const auto master = bytes_in(s.place + "/master.key");
  std::filesystem::remove(s.place + "/master.key");
  const auto without = open_key_store(s.place, safe::small());
  REQUIRE_FALSE(without);
  CHECK(without.error().detail.find("nothing sealed can be opened") != std::string::npos);
  std::unique_ptr<said> where;
  SECTION("in the environment") {
    where = std::make_unique<said>("CARELINE_MASTER_KEY", hex_of(master));
  }
  SECTION("among the service manager's credentials") {
    const auto path = s.folder.path() + "/careline.master-key";
    std::ofstream{path, std::ios::binary} << master;
    std::filesystem::permissions(path, std::filesystem::perms::owner_read);
    where = std::make_unique<said>("CREDENTIALS_DIRECTORY", s.folder.path());
  }
  s.keys = open_key_store(s.place, safe::small()).value();
  CHECK(s.keys->open(li, sealed).value() == "Li Wei");
  CHECK(s.keys->rotate_master().error().find("kept elsewhere") != std::string::npos);
  s.keys.reset();  // one process opens them once
  const auto copy = s.folder.path() + "/copy";
  const auto copied = copy_keys(s.place, keys_are::in_use, copy);
  INFO((copied ? std::string{} : copied.error().detail));
  CHECK(copied.value() >= 1);
  CHECK_FALSE(std::filesystem::exists(copy + "/master.key"));
  CHECK(check_keys(copy).value() >= 1);
  where.reset();
  CHECK_FALSE(check_keys(copy));
}

TEST_CASE("master key: what is none in the environment is said so") {
  scratch_folder folder;
  for (const auto* wrong : {"x", "00", "zz", "0011223344556677"}) {
    const said here{"CARELINE_MASTER_KEY", wrong};
    const auto opened = open_key_store(folder.path() + "/keys", safe::small());
    REQUIRE_FALSE(opened);
    CHECK(opened.error().detail == "CARELINE_MASTER_KEY is not 64 hexadecimal digits");
  }
}

} // namespace careline::store
