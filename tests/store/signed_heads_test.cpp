#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <future>
#include <mutex>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/hash.hpp"
#include "store/head_check.hpp"
#include "store/head_signer.hpp"
#include "store/inspect.hpp"
#include "store/memory/memory_log.hpp"
#include "story.hpp"

// What the log was, signed and kept: a copy that was changed or cut short does not pass for it.

namespace careline::store {
namespace {

using namespace story;

signing_key key_of(char seed) {
  return signing_key{secret_key::of(std::string(32, seed))};
}

std::unique_ptr<event_log> log_of(std::size_t n, const std::string& first = "contact/C-0") {
  auto log = open_event_log({.place = "memory:"}).value();
  REQUIRE(append(*log, {just(happened("contact.queued", first))}));
  REQUIRE(append(*log, queued(n - 1)));
  return log;
}

signed_head head_of(const event_log& log, position at, const signing_key& key) {
  return key.sign(at, log.hash_at(at).value(), morning + span{at});
}

/// A file of heads, as an auditor has it.
struct kept_heads {
  scratch_folder folder;
  std::string path = folder.path() + "/heads.jsonl";

  void add(const signed_head& head) const { REQUIRE(append_head(path, head)); }
  void add(const std::string& text) const { std::ofstream{path, std::ios::app} << text; }
  std::vector<head_line> lines() const { return read_heads(path).value(); }

  /// What the log's check says of the first line that does not fit: "2: why"; empty when all do.
  std::string misfit(const event_log& log, std::vector<public_key> keys) const {
    head_check check{lines(), std::move(keys)};
    const auto verified = verify_log(
        log, {}, [&](position at, const chain_hash& hash) { check.saw(at, hash); });
    REQUIRE(verified);
    const auto found = check.first_misfit(verified->head);
    return found ? std::to_string(found->line) + ": " + found->why : std::string{};
  }
};

TEST_CASE("signed heads: the line is that of docs/log-format.md", "[R2.3.3]") {
  signed_head head = key_of('k').sign(258, blake256("the log"), from_ms(1'772'413'200'123));
  const std::string line =
      R"({"format":1,"partition":"0","position":258,"hash":")" + to_hex(bytes_of(head.hash))
      + R"(","time":"2026-03-02T01:00:00.123Z","key":")" + key_of('k').shown().id()
      + R"(","signature":")" + to_hex(bytes_of(head.signature)) + R"("})";
  CHECK(to_line(head) == line);
  CHECK(parse_head(line).value() == head);
  using namespace std::string_literals;
  CHECK(signed_bytes(head)
        == "CLHEAD01\x01\0"s "0\x02\x01\0\0\0\0\0\0"s + std::string{bytes_of(head.hash)}
               + "\xfb\x26\x0f\xac\x9c\x01\0\0"s);
  // Ed25519 is the same each time: these never change.
  CHECK(key_of('k').shown().text()
        == "8320a51977d8c38ca8a4927c670df5821e449761945e15e9efb26a1509d230ea");
  CHECK(parse_public_key(key_of('k').shown().text()) == key_of('k').shown());
  CHECK_FALSE(parse_public_key("d06e"));
  CHECK_FALSE(parse_public_key(std::string(64, 'g')));
}

TEST_CASE("signed heads: no bit of a line can be changed", "[R2.3.3]") {
  const auto key = key_of('k');
  const auto line = to_line(key.sign(1'000'000, blake256("the log"), morning));
  REQUIRE(key.shown().has_signed(parse_head(line).value()));
  std::size_t tried = 0;
  for (; tried < 8 * line.size(); ++tried) {
    auto changed = line;
    changed[tried / 8] = static_cast<char>(changed[tried / 8] ^ (1 << (tried % 8)));
    const auto read = parse_head(changed);
    INFO(changed);
    CHECK((!read || !key.shown().has_signed(*read)));
  }
  WARN(tried << " bits of a signed head changed");
}

TEST_CASE("signed heads: a log that only grew fits all of them", "[R2.3.3][R2.3.5]") {
  const auto log = log_of(50);
  const kept_heads kept;
  kept.add(head_of(*log, 0, key_of('k')));
  kept.add(head_of(*log, 10, key_of('k')));
  kept.add(head_of(*log, 50, key_of('k')));
  REQUIRE(append(*log, queued(30)));
  kept.add(head_of(*log, 60, key_of('j')));
  CHECK(kept.misfit(*log, {key_of('k').shown(), key_of('j').shown()}).empty());
  CHECK_THAT(kept.misfit(*log, {key_of('k').shown()}),
             Catch::StartsWith("4: it was signed with the foreign key "
                               + key_of('j').shown().id()));
}

TEST_CASE("signed heads: the first that does not fit is named",
          "[R2.2.3][R2.3.3][R2.3.5]") {
  const auto log = log_of(50);
  const auto key = key_of('k');
  const std::vector<public_key> keys{key.shown()};
  const kept_heads kept;
  kept.add(head_of(*log, 10, key));
  SECTION("the log was cut short") {
    kept.add(head_of(*log, 40, key));
    CHECK_THAT(kept.misfit(*log_of(20), keys),
               Catch::StartsWith("2: it was signed at position 40 on")
                   && Catch::Contains("the log ends at 20: it was cut short"));
  }
  SECTION("the log was written anew, with another past") {
    CHECK_THAT(kept.misfit(*log_of(50, "contact/C-1000"), keys),
               Catch::StartsWith("1: it was signed at position 10 on")
                   && Catch::EndsWith("the log is another one up to there"));
  }
  SECTION("a line was changed") {
    auto head = head_of(*log, 40, key);
    head.time += 1h;
    kept.add(head);
    CHECK_THAT(kept.misfit(*log, keys), Catch::StartsWith("2: its signature is wrong"));
  }
  SECTION("a line is none") {
    kept.add("{\"position\":40}\n");
    CHECK_THAT(kept.misfit(*log, keys), Catch::StartsWith("2: it is no signed head"));
  }
  SECTION("a line has more in it than was signed") {
    auto line = to_line(head_of(*log, 40, key));
    kept.add(line.substr(0, line.size() - 1) + ",\"note\":\"x\"}\n");
    CHECK_THAT(kept.misfit(*log, keys), Catch::StartsWith("2: it is not written as"));
  }
  SECTION("a line was cut short") {
    kept.add(to_line(head_of(*log, 40, key)).substr(0, 100));
    CHECK(kept.misfit(*log, keys) == "2: it is cut short");
  }
  SECTION("it is of another partition") {
    auto other = head_of(*log, 40, key);
    other.partition = "1";
    kept.add(other);
    CHECK_THAT(kept.misfit(*log, keys), Catch::StartsWith("2: its signature is wrong"));
  }
}

TEST_CASE("signed heads: what a crash left of a line goes, and the next one is whole") {
  const auto log = log_of(20);
  const auto key = key_of('k');
  const kept_heads kept;
  kept.add(head_of(*log, 10, key));
  kept.add(to_line(head_of(*log, 15, key)).substr(0, 40));
  kept.add(head_of(*log, 20, key));
  const auto lines = kept.lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines[1].head->at == 20);
  CHECK_FALSE(append_head(kept.folder.path() + "/nowhere/heads.jsonl", head_of(*log, 1, key)));
  CHECK_FALSE(try_heads_file(kept.folder.path()));
  CHECK_FALSE(read_heads(kept.folder.path() + "/nowhere"));
  CHECK_THAT(read_heads(kept.folder.path()).error(), Catch::Contains("Is a directory"));
}

TEST_CASE("signed heads: a line of which a power cut left the end alone is replaced by the next") {
  const auto log = log_of(20);
  const auto key = key_of('k');
  const kept_heads kept;
  kept.add(head_of(*log, 10, key));
  auto line = to_line(head_of(*log, 15, key)) + "\n";
  kept.add(line.replace(0, 40, std::string(40, '\0')));
  kept.add(head_of(*log, 20, key));
  const auto lines = kept.lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines[1].head);
  // What somebody else wrote there stays, and is told.
  kept.add("{}\n");
  kept.add(head_of(*log, 20, key));
  CHECK(kept.lines().size() == 4);
}

TEST_CASE("signed heads: an engine whose quota is used up takes no line of others away") {
  const auto log = log_of(20);
  const kept_heads kept;
  kept.add(head_of(*log, 1, key_of('k')));
  const auto over = kept.folder.path() + "/over";
  const auto other = ::fork();
  if (other == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit used_up{1, 1};
    ::setrlimit(RLIMIT_FSIZE, &used_up);
    bool did = false;
    while (!did && ::access(over.c_str(), F_OK) != 0)
      did = append_head(kept.path, head_of(*log, 2, key_of('j'))).has_value();
    std::_Exit(did ? 1 : 0);
  }
  for (position at = 2; at <= 200; ++at)
    kept.add(head_of(*log, 20, key_of('k')));
  std::ofstream{over} << "yes";
  int status = 0;
  REQUIRE(::waitpid(other, &status, 0) == other);
  CHECK(status == 0);
  const auto lines = kept.lines();
  CHECK(lines.size() == 200);
  CHECK(std::all_of(lines.begin(), lines.end(), [](const auto& line) { return bool(line.head); }));
}

TEST_CASE("signed heads: the key is made once, for its owner only") {
  const scratch_folder folder;
  const auto path = folder.path() + "/signing.key";
  const auto absent = load_signing_key(path, false);
  REQUIRE_FALSE(absent);
  CHECK_THAT(absent.error().detail, Catch::Contains("is missing"));
  const auto made = load_signing_key(path, true).value().shown();
  CHECK(load_signing_key(path, false).value().shown() == made);
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  ::chmod(path.c_str(), 0640);
  CHECK_THAT(load_signing_key(path, true).error().detail, Catch::Contains("may be read by others"));
  ::chmod(path.c_str(), 0600);
  std::ofstream{path} << "short";
  CHECK_THAT(load_signing_key(path, true).error().detail, Catch::Contains("not 32 bytes long"));
}

/// A signer on a clock that is set by hand, and all that it remarks.
struct desk {
  kept_heads kept;
  std::unique_ptr<event_log> log = log_of(20);
  std::atomic<std::int64_t> now_ms{to_ms(morning)};
  std::mutex mutex;
  std::vector<std::string> remarks;

  head_signer_options options(span every) {
    head_signer_options o;
    o.file = kept.path;
    o.every = every;
    o.now = [this] { return from_ms(now_ms); };
    o.speed = 1'000'000;
    o.remark = [this](bool grave, const std::string& what) {
      const std::scoped_lock hold{mutex};
      remarks.push_back((grave ? "grave: " : "") + what);
    };
    return o;
  }
  /// One engine's life on this log.
  void live(const signing_key& key = key_of('k')) {
    head_signer signer{*log, key, options(span{})};
    signer.sign_last(1h);
  }
  std::string misfit() const { return kept.misfit(*log, {key_of('k').shown()}); }
};

TEST_CASE("signer: the file goes on after a restart, from where it stood", "[R2.2.3][R2.3.5]") {
  desk d;
  d.live();
  REQUIRE(append(*d.log, queued(15)));
  d.now_ms += 1000;
  d.live();
  const auto lines = d.kept.lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].head->at == 20);
  CHECK(lines[1].head->at == 35);
  CHECK(lines[1].head->time == morning + 1s);
  CHECK(d.misfit().empty());
  CHECK(d.remarks.empty());
}

TEST_CASE("signer: heads come on their schedule, and a restart does not begin it anew") {
  desk d;
  d.kept.add(head_of(*d.log, 5, key_of('k')));  // at 01:00:00.005
  std::promise<void> asked_early;
  std::promise<void> signed_now;
  auto o = d.options(1h);
  int asked = 0;
  o.now = [&] {
    // The thread looks at the clock: early twice, then when the hour is over.
    if (++asked == 3) {
      asked_early.set_value();
      d.now_ms += 3'600'005;
    }
    if (d.kept.lines().size() == 2 && asked < 1000) {
      asked = 1000;
      signed_now.set_value();
    }
    return from_ms(d.now_ms);
  };
  head_signer signer{*d.log, key_of('k'), std::move(o)};
  asked_early.get_future().wait();
  signed_now.get_future().wait();
  const auto lines = d.kept.lines();
  REQUIRE(lines.size() == 2);
  CHECK(lines[1].head->at == 20);
  CHECK(lines[1].head->time == morning + 1h + 5ms);
}

TEST_CASE("signer: an older copy of the log in its place is told at the start", "[R2.3.5]") {
  desk d;
  d.live();
  SECTION("it is shorter") {
    d.log = log_of(10);
    d.live();
    CHECK_THAT(d.remarks.at(0), Catch::StartsWith("grave: a head was signed at position 20 on")
                                    && Catch::Contains("the log ends at 10"));
  }
  SECTION("it has another past") {
    d.log = log_of(30, "contact/C-1000");
    d.live();
    CHECK_THAT(d.remarks.at(0), Catch::EndsWith("the log is another one up to there"));
  }
  CHECK_THAT(d.misfit(), Catch::StartsWith("1: it was signed at position 20"));
  CHECK(d.kept.lines().size() == 2);
}

/// A disk that does not come back from an append before it is told to.
struct held_disk {
  std::promise<void> asked, answers, left;
  std::shared_future<void> answered = answers.get_future().share();
};

TEST_CASE("signer: an engine stops although the disk of its heads does not answer") {
  desk d;
  const auto disk = std::make_shared<held_disk>();
  auto o = d.options(1h);
  o.append = [disk](const std::string& path, const signed_head& head) {
    disk->asked.set_value();
    disk->answered.wait();
    auto did = append_head(path, head);
    disk->left.set_value();
    return did;
  };
  SECTION("at the stop") {
    o.every = span{};
    {
      head_signer signer{*d.log, key_of('k'), std::move(o)};
      signer.sign_last(100ms);
    }
    CHECK_THAT(d.remarks.at(0), Catch::StartsWith("the last head is not signed: a stop does not"));
    disk->answers.set_value();
    // On a busy machine it may not even have come to asking the disk.
    if (disk->asked.get_future().wait_for(0ms) == std::future_status::ready)
      disk->left.get_future().wait();
  }
  SECTION("and did not before") {
    {
      head_signer signer{*d.log, key_of('k'), std::move(o)};
      disk->asked.get_future().wait();
      signer.sign_last(span{});
    }
    CHECK_THAT(d.remarks.at(0), Catch::StartsWith("the last head is not signed: a stop does not"));
    disk->answers.set_value();
    disk->left.get_future().wait();
    CHECK(d.kept.lines().size() == 1);
  }
  SECTION("and the start had failed") {
    {
      const head_signer signer{*d.log, key_of('k'), std::move(o)};
      disk->asked.get_future().wait();
    }
    disk->answers.set_value();
    disk->left.get_future().wait();
    CHECK(d.kept.lines().size() == 1);
  }
}

TEST_CASE("signer: a key that was lost is told, and the new one signs on") {
  desk d;
  d.live();
  d.live(key_of('j'));
  CHECK_THAT(d.remarks.at(0),
             Catch::Contains("was signed with the key " + key_of('k').shown().id()));
  CHECK(d.kept.misfit(*d.log, {key_of('k').shown(), key_of('j').shown()}).empty());
}

TEST_CASE("signer: a damaged log is not signed", "[R2.3.5]") {
  desk d;
  d.live();
  REQUIRE(append(*d.log, queued(30)));
  dynamic_cast<memory_log&>(*d.log).damage(33);
  d.live();
  CHECK(d.kept.lines().size() == 1);
  CHECK_THAT(d.remarks.at(0), Catch::Contains("no head is signed")
                                  && Catch::Contains("record 33 is not what was written"));
}

} // namespace
} // namespace careline::store
