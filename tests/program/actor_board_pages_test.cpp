#include <arpa/inet.h>
#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/program/small_engine.hpp"

using namespace careline;
using careline::program_test::small_engine;
using nlohmann::json;

namespace {

/// The real program, started with its stdout in our hands; killed at the end where it still runs.
class child {
public:
  explicit child(std::vector<std::string> arguments) {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      std::vector<char*> argv;
      for (auto& a : arguments)
        argv.push_back(a.data());
      argv.push_back(nullptr);
      execv(argv[0], argv.data());
      _exit(127);
    }
    close(ends[1]);
    out_ = fdopen(ends[0], "r");
  }
  ~child() {
    if (pid_ > 0)
      end(SIGKILL);
    std::fclose(out_);
  }
  std::string line() {
    std::array<char, 512> text{};
    return std::fgets(text.data(), text.size(), out_) ? text.data() : "";
  }
  /// Its wait status after the signal.
  int end(int signal) {
    int status = 0;
    kill(pid_, signal);
    waitpid(pid_, &status, 0);
    pid_ = 0;
    return status;
  }

private:
  pid_t pid_ = 0;
  FILE* out_ = nullptr;
};

/// The body of what a GET brings.
std::string get(int port, const std::string& path) {
  const int s = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(connect(s, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
  const auto ask = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port)
                   + "\r\nConnection: close\r\n\r\n";
  REQUIRE(write(s, ask.data(), ask.size()) == static_cast<ssize_t>(ask.size()));
  std::string all;
  std::array<char, 4096> some{};
  for (auto n = read(s, some.data(), some.size()); n > 0; n = read(s, some.data(), some.size()))
    all.append(some.data(), static_cast<std::size_t>(n));
  close(s);
  return all.substr(std::min(all.size(), all.find("\r\n\r\n") + 4));
}

} // namespace

TEST_CASE("careline actor board serves the pages by itself", "[board][http]") {
  small_engine engine;
  engine.tell(0, engine::log_created{1, "Asia/Shanghai", 480});
  engine.tell(0, routing::contact_queued{contact_id{"C-1"}, queue_id{"care"}, 1, {}});

  const auto* binary = std::getenv("CARELINE_BIN");
  REQUIRE(binary);
  child board{{binary, "actor", "board", "--engine", engine.commands, "--events", engine.events,
               "--http", "127.0.0.1:0"}};
  const auto ready = board.line();
  const auto http = ready.find(" http=http://127.0.0.1:");
  REQUIRE(ready.starts_with("ready engine=" + engine.commands));
  REQUIRE(http != std::string::npos);
  const int port = std::atoi(ready.c_str() + http + 23);

  auto shown = json::parse(get(port, "/api/board"));
  while (shown.value("position", 0U) != engine.head())  // frames come each 200 ms
    shown = json::parse(get(port, "/api/board"));
  CHECK(shown["queues"]["care"]["waiting"] == 1);
  CHECK(get(port, "/readyz").find("engine:") == std::string::npos);

  engine.tell(5, routing::contact_abandoned{contact_id{"C-1"}});
  while (shown.value("position", 0U) != engine.head())
    shown = json::parse(get(port, "/api/board"));
  CHECK(shown["queues"]["care"]["abandoned"] == 1);
  CHECK(shown["queues"]["care"]["waiting"] == 0);

  const int status = board.end(SIGTERM);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("careline actor says what is wrong with its arguments", "[board]") {
  const auto* binary = std::getenv("CARELINE_BIN");
  REQUIRE(binary);
  const auto exit_of = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {binary, "actor"});
    child run{std::move(arguments)};
    CHECK(run.line().empty());
    const int status = run.end(0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  CHECK(exit_of({"nothing"}) == 2);
  CHECK(exit_of({"board", "--http", "0.0.0.0:5581"}) == 2);
  CHECK(exit_of({"board", "--engine", "ipc://here"}) == 2);
  CHECK(exit_of({"board", "--time", "5"}) == 2);
  CHECK(exit_of({}) == 2);
}
