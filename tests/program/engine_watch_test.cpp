#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <future>
#include <mutex>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/program/real_engine.hpp"
#include "tools/careline/engine_watch.hpp"

using namespace careline;
using namespace careline::program;
using namespace std::chrono_literals;

namespace {

vital_signs at(std::chrono::seconds now, std::uint64_t turns) {
  vital_signs v;
  v.now = now;
  v.turns = {{"bus", turns}, {"http", turns}};
  v.actors = {{"routing", true, 0, 1ms}};
  return v;
}

/// What systemd is to a service: a socket named in the environment, and what was told over it.
class manager {
public:
  explicit manager(const char* watchdog_us) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    const auto path = folder_.path + "/notify";
    path.copy(to.sun_path, sizeof to.sun_path - 1);
    socket_ = socket(AF_UNIX, SOCK_DGRAM, 0);
    const timeval wait{30, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    REQUIRE(bind(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    setenv("NOTIFY_SOCKET", path.c_str(), 1);
    setenv("WATCHDOG_USEC", watchdog_us, 1);
  }
  ~manager() {
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    close(socket_);
  }
  manager(const manager&) = delete;
  manager& operator=(const manager&) = delete;

  std::string hears() {
    char some[512];
    const auto n = recv(socket_, some, sizeof some, 0);
    REQUIRE(n > 0);
    return {some, static_cast<std::size_t>(n)};
  }
  /// All up to and with the first message that has `word` in it.
  std::string until(const std::string& word) {
    std::string all;
    while (all.find(word) == std::string::npos)
      all += hears();
    return all;
  }

private:
  real::data_folder folder_;
  int socket_ = -1;
};

/// An engine whose every look is ten seconds after the one before.
struct told_engine {
  watch_ports ports() {
    return {[this] {
              const std::lock_guard hold{mutex};
              now += 10s;
              turns += hangs ? 0 : 1;
              auto v = at(now, turns);
              v.actors[0].has_answered = is_up;
              v.commit_running = commit;
              shown = counts_looks ? "look " + std::to_string(now.count()) : status;
              return v;
            },
            [this] {
              const std::lock_guard hold{mutex};
              return shown;
            },
            [this](const std::string& sentence) {
              if (!is_told.exchange(true))
                ended.set_value(sentence);
            }};
  }
  void set_hangs(bool part_hangs) {
    const std::lock_guard hold{mutex};
    hangs = part_hangs;
  }

  std::mutex mutex;
  std::chrono::seconds now{};
  std::uint64_t turns = 0;
  bool is_up = true;
  bool hangs = false;
  bool counts_looks = false;
  std::chrono::microseconds commit{};
  std::string status = "ready";
  std::string shown;  ///< as of the last look
  std::atomic<bool> is_told{false};
  std::promise<std::string> ended;
};

} // namespace

TEST_CASE("a thread that turns no more is silent after the limit, and again alive when it turns",
          "[watch]") {
  watch_judgement j{{15s, 60s}};
  CHECK(j.judge(at(0s, 1)).silent.empty());
  CHECK(j.judge(at(15s, 1)).silent.empty());
  CHECK(j.judge(at(16s, 1)).silent == std::vector<std::string>{"bus", "http"});
  CHECK(j.judge(at(17s, 2)).silent.empty());
}

TEST_CASE("an actor that does not get round to its mailbox is silent", "[watch]") {
  watch_judgement j{{15s, 60s}};
  auto seen = at(0s, 1);
  seen.actors[0].delay = 14s;
  CHECK(j.judge(seen).silent.empty());
  seen.actors[0].delay = 16s;
  seen.actors[0].has_answered = false;
  const auto found = j.judge(seen);
  CHECK(found.silent == std::vector<std::string>{"routing"});
  CHECK_FALSE(found.is_up);
}

TEST_CASE("a commit that takes too long is a reason to end, one that is slow is none", "[watch]") {
  watch_judgement j{{15s, 60s}};
  auto seen = at(0s, 1);
  seen.commit_running = 59s;
  CHECK(j.judge(seen).end.empty());
  seen.commit_running = 61s;
  CHECK(j.judge(seen).end.find("61.0 s") != std::string::npos);
}

TEST_CASE("the service manager is told ready once all parts are up, then fed", "[watch]") {
  manager systemd{"30000"};
  told_engine e;
  e.is_up = false;
  e.status = "starting";
  engine_watch w{{}, e.ports()};
  CHECK(systemd.hears() == "STATUS=starting\n");
  {
    const std::lock_guard hold{e.mutex};
    e.is_up = true;
    e.status = "ready";
  }
  CHECK(systemd.hears() == "READY=1\nWATCHDOG=1\nSTATUS=ready\n");
  CHECK(systemd.hears() == "WATCHDOG=1\n");
  CHECK(systemd.hears() == "WATCHDOG=1\n");
  w.stopping();
  CHECK(systemd.until("STOPPING=1").find("READY") == std::string::npos);
}

TEST_CASE("the watchdog is not fed while a part hangs, whatever the rest does", "[watch]") {
  manager systemd{"30000"};
  told_engine e;
  e.counts_looks = true;  // so that each look is one message
  engine_watch w{{}, e.ports()};
  systemd.until("READY=1");
  const auto first_that = [&](bool feeds) {
    for (int looks = 0; looks < 1000; ++looks)
      if (systemd.hears().starts_with("WATCHDOG=1") == feeds)
        return true;
    return false;
  };
  e.set_hangs(true);
  CHECK(first_that(false));
  CHECK(w.silent() == std::vector<std::string>{"bus", "http"});
  CHECK_FALSE(systemd.hears().starts_with("WATCHDOG=1"));
  e.set_hangs(false);
  CHECK(first_that(true));
  CHECK(systemd.hears().starts_with("WATCHDOG=1"));
}

TEST_CASE("an engine whose disk does not come back ends with a sentence, also while it stops",
          "[watch]") {
  told_engine e;
  e.commit = 61s;
  engine_watch w{{15s, 60s}, e.ports()};
  w.stopping();
  CHECK(e.ended.get_future().get().find("has not come back from the disk") != std::string::npos);
}
