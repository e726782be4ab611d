#include <catch2/catch.hpp>

#include <csignal>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store/hash.hpp"
#include "store/keys/key_file.hpp"
#include "store/keys/key_store.hpp"
#include "store/keys/secrets.hpp"
#include "store/lmdb/lmdb_env.hpp"
#include "story.hpp"

namespace careline::store {
namespace {

using namespace story;

const person_id li{"P-li"};
const person_id wang{"P-wang"};

struct safe {
  scratch_folder folder;
  std::unique_ptr<key_store> keys = open();

  std::unique_ptr<key_store> open() {
    return open_key_store(folder.path() + "/keys", small()).value();
  }
  static key_options small() {
    key_options o;
    o.map_bytes = 64 << 20;
    return o;
  }
  void restart() {
    keys.reset();
    keys = open();
  }
  std::string why_not(log_fault fault) {
    keys.reset();
    auto opened = open_key_store(folder.path() + "/keys", small());
    REQUIRE_FALSE(opened);
    CHECK(opened.error().fault == fault);
    return opened.error().detail;
  }
  std::string file(const std::string& name) const { return folder.path() + "/keys/" + name; }
  std::string all_bytes() const {
    std::ostringstream all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder.path()})
      if (entry.is_regular_file())
        all << std::ifstream{entry.path(), std::ios::binary}.rdbuf();
    return all.str();
  }
};

std::string hex_bytes(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

TEST_CASE("keys: what is sealed opens again for the same person only", "[R9.1.2b]") {
  safe s;
  const auto sealed = s.keys->seal(li, "13800138000").value();
  CHECK(sealed.size() == 11 + 49);
  CHECK(sealed.find("138") == std::string::npos);
  CHECK(s.keys->open(li, sealed).value() == "13800138000");
  CHECK(s.keys->open(wang, sealed).error().type == "person.damaged");
  CHECK(s.keys->seal(li, "13800138000").value() != sealed);
  CHECK(s.keys->open(li, s.keys->seal(li, "").value()).value().empty());

  auto changed = sealed;
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{1}, std::size_t{20}, sealed.size() - 1}) {
    changed = sealed;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CHECK(s.keys->open(li, changed).error().type == "person.damaged");
  }
  CHECK(s.keys->open(li, "").error().type == "person.damaged");
  CHECK(s.keys->open(li, sealed.substr(0, 40)).error().type == "person.damaged");
}

TEST_CASE("keys: it opens after a restart, and one person keeps one key", "[R9.1.2b]") {
  safe s;
  const auto before = s.keys->seal(li, "Li Wei").value();
  s.restart();
  CHECK(s.keys->open(li, before).value() == "Li Wei");
  const auto after = s.keys->seal(li, "Li Wei").value();
  CHECK(after.substr(1, 8) == before.substr(1, 8));
  CHECK(s.keys->seal(wang, "Wang").value().substr(1, 8) != before.substr(1, 8));
  CHECK(s.keys->unowned().empty());
}

TEST_CASE("keys: a customer is known by a hash that says nothing without the master key",
          "[R9.1.2b]") {
  safe s;
  const auto person = s.keys->person_of("13800138000");
  CHECK(person.text().size() == 34);
  CHECK(person.text().starts_with("P-"));
  CHECK(s.keys->person_of("13800138000") == person);
  CHECK(s.keys->person_of("13800138001") != person);
  s.restart();
  CHECK(s.keys->person_of("13800138000") == person);
  CHECK(safe{}.keys->person_of("13800138000") != person);
}

TEST_CASE("keys: whoever has the log alone cannot try out telephone numbers on a command's digest",
          "[R9.1.2b]") {
  safe s;
  const std::string_view call = "\x81\xa7" "address\xab" "13800138000";
  const auto digest = s.keys->digest_of_command("contact.open", call);
  CHECK(s.keys->digest_of_command("contact.open", call) == digest);
  CHECK(digest_of_command({}, "contact.open", call) != digest);
  CHECK(safe{}.keys->digest_of_command("contact.open", call) != digest);
  s.restart();
  CHECK(s.keys->digest_of_command("contact.open", call) == digest);
}

TEST_CASE("keys: several persons are erased in one go, those without a key too") {
  safe s;
  const auto gone = s.keys->seal(li, "Li Wei").value();
  const auto gone_too = s.keys->seal(wang, "Wang Fang").value();
  const auto stays = s.keys->seal(person_id{"P-zhao"}, "Zhao Tie").value();
  const auto erased = s.keys->erase(std::vector{li, person_id{"P-nobody"}, wang});
  REQUIRE(erased);
  CHECK(erased->slots == 2);
  s.restart();
  CHECK(s.keys->open(li, gone).error().type == "person.erased");
  CHECK(s.keys->open(wang, gone_too).error().type == "person.erased");
  CHECK(s.keys->open(person_id{"P-zhao"}, stays).value() == "Zhao Tie");
}

TEST_CASE("keys: an erased person cannot be opened, others can, the file holds nothing of it",
          "[R9.1.2b]") {
  safe s;
  const auto gone = s.keys->seal(li, "Li Wei").value();
  const auto stays = s.keys->seal(wang, "Wang Fang").value();
  s.keys.reset();
  std::string slot;
  {
    lmdb::env file{{s.folder.path() + "/keys", 64 << 20}};
    const lmdb::table_spec spec[] = {{"slots", true}};
    const auto slots = file.open_tables(spec)[0];
    const lmdb::reading r{file};
    slot = r.get(slots, std::string_view{gone}.substr(1, 8)).value();
  }
  s.keys = s.open();
  REQUIRE(s.all_bytes().find(slot) != std::string::npos);
  REQUIRE(s.all_bytes().find("P-li") != std::string::npos);
  const auto erased = s.keys->erase(li);
  REQUIRE(erased);
  CHECK(erased->slots == 1);
  CHECK(erased->unowned == 0);
  CHECK(s.keys->open(li, gone).error().type == "person.erased");
  CHECK(s.keys->open(wang, stays).value() == "Wang Fang");
  CHECK(s.all_bytes().find(slot) == std::string::npos);
  CHECK(s.all_bytes().find("P-li") == std::string::npos);
  CHECK(s.keys->erase(li)->slots == 0);

  const auto again = s.keys->seal(li, "a new contact").value();
  CHECK(s.keys->open(li, again).value() == "a new contact");
  s.restart();
  CHECK(s.keys->open(li, gone).error().type == "person.erased");
  CHECK(s.keys->open(li, again).value() == "a new contact");
  CHECK(s.keys->open(wang, stays).value() == "Wang Fang");
}

TEST_CASE("keys: erasing somebody lets nobody else read the file") {
  safe s;
  REQUIRE(s.keys->seal(li, "Li Wei"));
  REQUIRE(s.keys->erase(li));
  s.restart();
  struct stat about {};
  REQUIRE(::stat((s.folder.path() + "/keys/data.mdb").c_str(), &about) == 0);
  CHECK((about.st_mode & 07U) == 0);
}

TEST_CASE("keys: more new persons than keys made ahead, and more than are held in memory") {
  scratch_folder folder;
  auto options = safe::small();
  options.slots_ahead = 4;
  options.held_max = 8;
  auto keys = open_key_store(folder.path(), options).value();
  std::vector<std::string> sealed;
  std::set<std::string> slots;
  for (int i = 0; i < 300; ++i) {
    sealed.push_back(keys->seal(person_id{"P-" + std::to_string(i)}, std::to_string(i)).value());
    slots.insert(sealed.back().substr(1, 8));
  }
  CHECK(slots.size() == 300);
  for (int i = 0; i < 300; ++i) {
    const person_id person{"P-" + std::to_string(i)};
    CHECK(keys->open(person, sealed[static_cast<std::size_t>(i)]).value() == std::to_string(i));
    slots.insert(keys->seal(person, "again").value().substr(1, 8));
  }
  CHECK(slots.size() == 300);
}

TEST_CASE("keys: no room for a key is an answer") {
  scratch_folder folder;
  key_options tiny;
  tiny.map_bytes = 1 << 20;
  auto keys = open_key_store(folder.path(), tiny).value();
  std::string problem;
  for (int i = 0; i < 100'000 && problem.empty(); ++i)
    if (const auto sealed = keys->seal(person_id{"P-" + std::to_string(i)}, "x"); !sealed)
      problem = sealed.error().type;
  CHECK(problem == "engine.no_key");
  CHECK(keys->seal(person_id{"P-1"}, "who is known goes on"));
}

TEST_CASE("keys: a wrong, missing or open master key is refused with a sentence") {
  safe s;
  REQUIRE(s.keys->seal(li, "x"));
  struct stat about {};
  REQUIRE(::stat(s.file("master.key").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777U) == 0600U);
  CHECK(about.st_size == 32);
  SECTION("missing") {
    std::filesystem::remove(s.file("master.key"));
    CHECK_THAT(s.why_not(log_fault::damaged), Catch::Contains("is missing"));
    CHECK_FALSE(std::filesystem::exists(s.file("master.key")));
  }
  SECTION("of another centre") {
    safe other;
    std::filesystem::copy_file(other.file("master.key"), s.file("master.key"),
                               std::filesystem::copy_options::overwrite_existing);
    CHECK_THAT(s.why_not(log_fault::damaged), Catch::Contains("is not the one"));
  }
  SECTION("cut short") {
    std::filesystem::resize_file(s.file("master.key"), 31);
    CHECK_THAT(s.why_not(log_fault::damaged), Catch::Contains("not 32 bytes"));
  }
  SECTION("readable by others") {
    ::chmod(s.file("master.key").c_str(), 0644);
    CHECK_THAT(s.why_not(log_fault::io), Catch::Contains("chmod 600"));
  }
}

TEST_CASE("keys: a process that was killed and one that ended leave what the next can open") {
  safe s;
  const auto sealed = s.keys->seal(li, "Li Wei").value();
  s.keys->flush();
  // As after kill -9: nothing was tidied up.
  scratch_folder killed;
  for (const auto* name : {"data.mdb", "master.key"})
    std::filesystem::copy_file(s.file(name), killed.path() + "/" + name);
  for (int i = 0; i < 10; ++i) {
    INFO("start " << i);
    auto keys = open_key_store(killed.path(), safe::small());
    REQUIRE(keys);
    CHECK((*keys)->open(li, sealed) == "Li Wei");
    s.restart();
  }
  CHECK(s.keys->open(li, sealed) == "Li Wei");
}

TEST_CASE("keys: a damaged slot is told from an erased one, and the person gets another") {
  safe s;
  const auto sealed = s.keys->seal(li, "Li Wei").value();
  s.keys.reset();
  {
    // The slot's sealed key begins with its nonce; slots are rows of 8 + 72 bytes.
    lmdb::env file{{s.folder.path() + "/keys", 64 << 20}};
    const lmdb::table_spec spec[] = {{"slots", true}};
    const auto slots = file.open_tables(spec)[0];
    lmdb::writing w{file};
    const auto slot = lmdb::number_in(std::string_view{sealed}.substr(1, 8));
    std::string row{*w.get(slots, lmdb::number_bytes{slot})};
    row.back() = static_cast<char>(row.back() ^ 1);
    w.put(slots, lmdb::number_bytes{slot}, row);
    w.commit();
  }
  s.keys = s.open();
  const auto opened = s.keys->open(li, sealed);
  CHECK(opened.error().type == "person.damaged");
  CHECK_THAT(opened.error().detail, Catch::Contains("slot"));
  CHECK(s.keys->open(li, s.keys->seal(li, "again").value()).value() == "again");
}

TEST_CASE("keys: what was sealed before the engine was killed still opens", "[R9.1.2b]") {
  safe s;
  s.keys.reset();
  int tell[2];
  REQUIRE(::pipe(tell) == 0);
  const auto engine = ::fork();
  if (engine == 0) {
    auto keys = s.open();
    for (int i = 0; i < 1000; ++i) {
      const auto sealed = keys->seal(person_id{"P-" + std::to_string(i)}, "secret");
      // As fast as it can: the last owners may not be on disk yet, but the keys are.
      if (!sealed || ::write(tell[1], sealed->data(), sealed->size()) != 55)
        std::_Exit(1);
    }
    ::kill(::getpid(), SIGKILL);
  }
  ::close(tell[1]);
  std::vector<std::string> values;
  std::string value(55, '\0');
  while (::read(tell[0], value.data(), value.size()) == 55)
    values.push_back(value);
  ::close(tell[0]);
  ::waitpid(engine, nullptr, 0);
  REQUIRE(values.size() == 1000);
  s.keys = s.open();
  for (std::size_t i = 0; i < values.size(); ++i)
    CHECK(s.keys->open(person_id{"P-" + std::to_string(i)}, values[i]).value() == "secret");
  // Meeting the values told whose the keys are: all of them can be erased.
  s.keys->flush();
  const auto erased = s.keys->erase(person_id{"P-999"});
  CHECK(erased->slots >= 1);
  CHECK(s.keys->open(person_id{"P-999"}, values[999]).error().type == "person.erased");
}

TEST_CASE("keys: many threads seal, open and erase at once") {
  safe s;
  std::atomic<int> wrong{0};
  std::vector<std::thread> desks;
  for (int t = 0; t < 4; ++t)
    desks.emplace_back([&, t] {
      for (int i = 0; i < 300; ++i) {
        const person_id person{"P-" + std::to_string((i * 7 + t) % 100)};
        const auto sealed = s.keys->seal(person, "value");
        if (!sealed || s.keys->open(person, *sealed).value_or("") != "value")
          ++wrong;
      }
    });
  for (int i = 0; i < 5; ++i)
    if (!s.keys->erase(person_id{"P-nobody-" + std::to_string(i)}))
      ++wrong;
  REQUIRE(s.keys->seal(li, "x"));
  CHECK(s.keys->erase(li)->slots == 1);
  for (auto& d : desks)
    d.join();
  CHECK(wrong == 0);
}

TEST_CASE("keys: what is sealed while a person is erased is not sealed under the doomed key",
          "[R9.1.2b]") {
  safe s;
  // A person with a long file to copy, so that there is a while to seal in.
  for (int i = 0; i < 2000; ++i)
    REQUIRE(s.keys->seal(person_id{"P-" + std::to_string(i)}, "x"));
  std::atomic<bool> ends{false};
  std::atomic<int> round{0};
  std::atomic<std::uint64_t> doomed{0};
  std::atomic<int> wrong{0};
  std::thread desk{[&] {
    while (!ends) {
      const int of = round;
      const auto its_slot = doomed.load();
      // The copy is begun when the old key is destroyed.
      const bool is_destroyed = std::filesystem::exists(s.file("rewrite"));
      const auto sealed = s.keys->seal(person_id{"P-" + std::to_string(of)}, "x");
      if (is_destroyed && of == round && its_slot == doomed && sealed
          && lmdb::number_in(std::string_view{*sealed}.substr(1, 8)) == its_slot)
        ++wrong;
    }
  }};
  for (int i = 1; i < 30; ++i) {
    const auto sealed = s.keys->seal(person_id{"P-" + std::to_string(i)}, "x").value();
    doomed = lmdb::number_in(std::string_view{sealed}.substr(1, 8));
    round = i;
    CHECK(s.keys->erase(person_id{"P-" + std::to_string(i)}));
  }
  ends = true;
  desk.join();
  CHECK(wrong == 0);
}

TEST_CASE("keys: a copy that cannot be opened leaves the keys closed, not the engine crashed") {
  scratch_folder folder;
  key_file file{folder.path(), 64 << 20};
  file.open();
  nonce_source nonces;
  const auto master = secret_key::random();
  REQUIRE_FALSE(file.check_master(master, nonces));
  REQUIRE(file.make_and_own(1, {}, master, nonces).size() == 1);
  file.write_anew();
  SECTION("it is garbage") {
    std::ofstream{folder.path() + "/rewrite/data.mdb", std::ios::binary} << std::string(9000, 'x');
    CHECK_THROWS_AS(file.swap_in(), lmdb::failure);
    CHECK_FALSE(file.is_open());
    CHECK_THROWS_AS(file.slot_of("P-li"), lmdb::failure);
    CHECK_THROWS_AS(file.make_and_own(1, {}, master, nonces), lmdb::failure);
  }
  SECTION("it is gone") {
    std::filesystem::remove(folder.path() + "/rewrite/data.mdb");
    CHECK_THROWS_AS(file.swap_in(), lmdb::failure);
    CHECK(file.is_open());
    CHECK(file.key_in(1, master).key);
  }
}

TEST_CASE("keys: an engine that was killed on a full disk starts again and serves who is known") {
  safe s;
  const auto sealed = s.keys->seal(li, "Li Wei").value();
  s.keys.reset();
  auto full = safe::small();
  full.map_bytes = 1 << 20;
  full.slots_ahead = 4096;
  {
    lmdb::env file{{s.folder.path() + "/keys", full.map_bytes}};
    const lmdb::table_spec spec[] = {{"meta"}};
    const auto meta = file.open_tables(spec)[0];
    const auto fill = [&] {
      for (int i = 0; i < 1000; ++i) {
        lmdb::writing w{file};
        w.put(meta, "z" + std::to_string(i), std::string(1900, 'z'));
        w.commit();
      }
    };
    REQUIRE_THROWS_AS(fill(), lmdb::failure);
  }
  const auto opened = open_key_store(s.folder.path() + "/keys", full);
  REQUIRE(opened);
  auto& keys = **opened;
  CHECK(keys.ahead() == 0);
  CHECK(keys.open(li, sealed).value() == "Li Wei");
  CHECK(keys.seal(li, "Li Wei again"));
  CHECK(keys.seal(wang, "new here").error().type == "engine.no_key");
}

TEST_CASE("keys: the cipher agrees with published vectors") {
  const std::string path = CARELINE_SHARED_DATA "/protocol/xchacha20poly1305/wycheproof_odd.json";
  if (!std::filesystem::exists(path)) {
    WARN("skipped: needs ../shared/data");
    return;
  }
  std::ifstream file{path};
  const auto all = nlohmann::json::parse(file);
  int run = 0;
  for (const auto& group : all.at("testGroups"))
    for (const auto& t : group.at("tests")) {
      const auto key = hex_bytes(t.at("key"));
      const auto iv = hex_bytes(t.at("iv"));
      if (key.size() != 32 || iv.size() != 24)
        continue;
      ++run;
      const auto aad = hex_bytes(t.at("aad"));
      const auto msg = hex_bytes(t.at("msg"));
      const auto sealed = iv + hex_bytes(t.at("ct")) + hex_bytes(t.at("tag"));
      INFO("vector " << t.at("tcId"));
      const bool valid = t.at("result") == "valid";
      CHECK((decrypt(secret_key::of(key), aad, sealed) == std::optional{msg}) == valid);
      if (valid) {
        nonce24 nonce;
        std::copy(iv.begin(), iv.end(), nonce.begin());
        std::string again;
        encrypt(secret_key::of(key), nonce, aad, msg, again);
        CHECK(again == sealed);
      }
    }
  CHECK(run > 50);
}

} // namespace
} // namespace careline::store
