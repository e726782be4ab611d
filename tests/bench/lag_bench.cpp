// How old a figure on the live board is: from the reply that an event is durable to the frame that
// has it, on a page's stream of the real program. Not a test (docs/performance.md).
//   lag_bench [events] [folder]
// The program is $CARELINE_BIN, or the one beside the benchmarks.

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include "store/stopwatch.hpp"
#include "tests/bench/live_engine.hpp"

namespace careline::bench {
namespace {

using store::steady_us;

/// A page's stream; knows the position of the last frame.
class page {
public:
  explicit page(const std::string& url) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socket_ = socket(AF_INET, SOCK_STREAM, 0);
    const std::string ask = "GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0
        || send(socket_, ask.data(), ask.size(), 0) != static_cast<ssize_t>(ask.size()))
      give_up("no page at " + url);
  }
  ~page() { close(socket_); }
  page(const page&) = delete;
  page& operator=(const page&) = delete;

  void wait_for(position at) {
    while (shown_ < at)
      read_on();
  }

private:
  void read_on() {
    std::array<char, 65'536> some{};
    const auto n = read(socket_, some.data(), some.size());
    if (n <= 0)
      give_up("the stream ended");
    rest_.append(some.data(), static_cast<std::size_t>(n));
    constexpr std::string_view key = "\nid: ";
    const auto at = rest_.rfind(key);
    if (at != std::string::npos && rest_.find('\n', at + 1) != std::string::npos) {
      shown_ = std::strtoull(rest_.c_str() + at + key.size(), nullptr, 10);
      rest_.erase(0, at + key.size());
    }
  }

  int socket_ = -1;
  std::string rest_;
  position shown_ = 0;
};

int run(int events, const std::string& folder) {
  std::printf("%s; %s\n", machine().c_str(), folder.c_str());
  engine e{folder + "/data"};
  centre c{e};
  c.prepare(100);
  page shown{e.http};
  waits lag;
  for (int i = 0; i < events; ++i) {
    const auto at = c.one_more();
    const auto durable = steady_us();
    shown.wait_for(at);
    lag.push_back(steady_us() - durable);
  }
  std::printf("board lag, reply to frame: p50 %.0f ms, p99 %.0f ms, max %.0f ms of %d events\n",
              percentile(lag, 0.5), percentile(lag, 0.99), percentile(lag, 1), events);
  return 0;
}

} // namespace
} // namespace careline::bench

int main(int argc, char** argv) {
  const int events = argc > 1 ? std::atoi(argv[1]) : 200;
  return careline::bench::in_scratch_folder(
      argc > 2 ? argv[2] : nullptr,
      [&](const std::string& folder) { return careline::bench::run(events, folder); });
}
