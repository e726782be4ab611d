#include <charconv>
#include <csignal>
#include <ctime>
#include <fmt/format.h>
#include <string>
#include <system_error>

#include "gateway/http/http_server.hpp"
#include "messages/json.hpp"
#include "tools/careline/client_keys.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/outside_board.hpp"

namespace careline::program {

namespace {

struct asked {
  std::string name;
  std::string engine = "tcp://127.0.0.1:5570";
  std::string events;
  std::string http;
  std::optional<position> show_at;
  std::optional<std::int64_t> time_ms;
  double timeout_s = 10;
  std::string key_file;
};

/// "tcp://127.0.0.1:5570" -> "tcp://127.0.0.1:5571"; nothing without a port number.
std::optional<std::string> next_port(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos)
    return {};
  const auto* begin = address.data() + colon + 1;
  const auto* end = address.data() + address.size();
  int port = 0;
  const auto read = std::from_chars(begin, end, port);
  if (read.ec != std::errc{} || read.ptr != end || port < 1 || port > 65534)
    return {};
  return address.substr(0, colon + 1) + std::to_string(port + 1);
}

std::optional<std::string> wrong_in(asked& what) {
  if (what.name != "board")
    return fmt::format("no capability \"{}\" can run outside the engine; there is \"board\"",
                       printable(what.name.substr(0, 64)));
  if (what.events.empty()) {
    const auto next = next_port(what.engine);
    if (!next)
      return "--engine must end in a port number, or --events must be given";
    what.events = *next;
  }
  if (!what.http.empty() && !gateway::http::is_loopback(what.http))
    return "--http must be a loopback address: there is no sign-in for pages yet";
  if (what.time_ms && !what.show_at)
    return "--time goes with --show-at";
  return {};
}

/// Signals that end the process are taken by `next_signal` alone.
sigset_t block_signals() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  return ends;
}

/// True when one came within one tick.
bool next_signal(const sigset_t& ends) {
  timespec most{};
  most.tv_nsec = std::chrono::nanoseconds{outside_board::tick}.count();
  return sigtimedwait(&ends, nullptr, &most) > 0;
}

/// Prints the board as of one position and time, as `board.show` answers it.
int show_once(outside_board& board, const asked& what, const sigset_t& ends) {
  const auto most = std::chrono::milliseconds{static_cast<std::int64_t>(what.timeout_s * 1000)};
  std::chrono::milliseconds waited{0};
  while (!board.wait_until_whole(std::chrono::milliseconds{0})) {
    if (next_signal(ends))
      return exit_code::work_failed;
    waited += outside_board::tick;
    if (waited < most)
      continue;
    complain(fmt::format("position {} was not reached in {} s; the board is at {}", *what.show_at,
                         what.timeout_s, board.at()));
    return exit_code::work_failed;
  }
  std::optional<instant> time;
  if (what.time_ms)
    time = from_ms(*what.time_ms);
  return print(to_json(board.show(time)) + "\n") ? exit_code::done : exit_code::work_failed;
}

int run_on(outside_board& board, const asked& what, const sigset_t& ends) {
  bool said = false;
  for (bool ended = false; !ended; ended = next_signal(ends)) {
    board.step();
    if (said || !board.wait_until_whole(std::chrono::milliseconds{0}))
      continue;
    said = true;
    auto line = fmt::format("ready engine={}", what.engine);
    if (!what.http.empty())
      line += fmt::format(" http=http://{}", board.http_address());
    if (!print(line + "\n"))
      return exit_code::work_failed;
  }
  return exit_code::done;
}

} // namespace

int actor_main(int argc, char** argv) {
  asked what;
  auto app = make_app("actor", "Runs a capability as a process of its own, over the bus.");
  app.add_option("name", what.name, "which capability: board")->required();
  app.add_option("--engine", what.engine, "the engine's command socket")->capture_default_str();
  app.add_option("--events", what.events, "its event socket (default: the next port)");
  app.add_option("--http", what.http, "serve the board's pages here: ADDRESS:PORT");
  app.add_option("--show-at", what.show_at, "print the board at this log position and leave");
  app.add_option("--time", what.time_ms, "with --show-at: as of this time, ms since 1970 UTC");
  app.add_option("--timeout", what.timeout_s, "with --show-at: give up after so many seconds")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 3600.0));
  add_key_option(app, what.key_file);
  if (const auto over = parse_or_exit(app, argc, argv))
    return *over;
  if (const auto wrong = wrong_in(what)) {
    complain("actor: " + *wrong);
    return exit_code::wrong_usage;
  }
  const auto key = key_in(what.key_file);
  if (!key)
    return exit_code::wrong_usage;
  const auto ends = block_signals();
  auto board = outside_board::open({what.engine, what.events, what.http, what.show_at, *key});
  if (!board) {
    complain("actor: " + board.error());
    return exit_code::work_failed;
  }
  return what.show_at ? show_once(**board, what, ends) : run_on(**board, what, ends);
}

} // namespace careline::program
