// What the bus costs: round trips of an engine that answers at once, and events told to one
// subscriber, both over tcp on loopback. Client, server and ZeroMQ's threads share the machine.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>
#include <zmq.hpp>

#include "gateway/bus/bus_client.hpp"
#include "gateway/bus/bus_server.hpp"
#include "messages/codec.hpp"
#include "tests/bench/live_engine.hpp"

using namespace careline;
using namespace careline::gateway::bus;
using namespace std::chrono_literals;

namespace {

using stopwatch = std::chrono::steady_clock;
constexpr int round_trips = 100'000;
constexpr int warm_up = 2'000;
constexpr std::size_t events_told = 300'000;
constexpr std::size_t events_a_batch = 256;

/// Answers at once, on the thread that asks.
class echo final : public gateway::ingress {
public:
  void submit(command_envelope command, std::string, gateway::respond answer) override {
    reply r;
    r.id = std::move(command.id);
    r.at = ++count_;
    answer(std::move(r));
  }

private:
  position count_ = 0;
};

double seconds_since(stopwatch::time_point begun) {
  return std::chrono::duration<double>(stopwatch::now() - begun).count();
}

command_envelope small_command() {
  command_envelope c;
  c.type = "offer.accept";
  c.source = "bench";
  c.data.set("contact", "C-1");
  c.data.set("agent", "A");
  return c;
}

/// Keeps `in_flight` commands on their way until `count` were answered; seconds of each, by id.
std::vector<double> drive(bus_client& client, int in_flight, int count) {
  std::vector<double> took;
  std::unordered_map<std::string, stopwatch::time_point> sent;
  took.reserve(static_cast<std::size_t>(count));
  const auto command = small_command();
  const auto send = [&] {
    const auto now = stopwatch::now();
    sent.emplace(client.send(command), now);
  };
  int left = count;
  for (; left > 0 && count - left < in_flight; --left)
    send();
  while (!sent.empty()) {
    const auto r = client.receive(10s);
    if (!r)
      return {};
    const auto found = sent.find(r->id);
    took.push_back(seconds_since(found->second));
    sent.erase(found);
    if (left > 0) {
      --left;
      send();
    }
  }
  return took;
}

double at_share(const std::vector<double>& sorted, double share) {
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(last * share)] * 1e6;
}

bool print_round_trips(bus_client& client, int in_flight) {
  const int count = in_flight == 1 ? round_trips / 5 : round_trips;
  drive(client, in_flight, warm_up);
  const auto begun = stopwatch::now();
  auto took = drive(client, in_flight, count);
  const double seconds = seconds_since(begun);
  if (took.empty())
    return false;
  std::sort(took.begin(), took.end());
  std::printf("%9d %12.0f %10.0f %10.0f %10.0f %10.0f\n", in_flight, count / seconds,
              at_share(took, 0.5), at_share(took, 0.99), at_share(took, 0.999),
              took.back() * 1e6);
  return true;
}

std::shared_ptr<const event_record> event_at(position at) {
  event_record e;
  e.at = at;
  e.previous = at - 1;
  e.time = from_ms(1'772'413'200'000);
  e.type = "offer.made";
  e.subject = "contact/C-1";
  e.actor = "routing";
  e.causation = "0195a7c2-8f10-7000-8000-00000000002a";
  e.correlation = "C-1";
  e.data = pack(small_command().data);
  return std::make_shared<const event_record>(std::move(e));
}

/// Waits for room at the subscriber instead of losing events: the rate is what arrives.
void tell_all(bus_server& server) {
  for (position at = 1; at <= events_told;) {
    gateway::published batch;
    while (batch.size() < events_a_batch && at <= events_told)
      batch.push_back(event_at(at++));
    while (server.figures().outbound_queued > 20 * events_a_batch)
      std::this_thread::yield();
    server.publish(batch);
  }
}

bool print_publish_rate(bus_server& server) {
  zmq::context_t context;
  zmq::socket_t sub{context, zmq::socket_type::sub};
  sub.set(zmq::sockopt::rcvhwm, 0);
  sub.set(zmq::sockopt::rcvtimeo, 10'000);
  sub.set(zmq::sockopt::subscribe, "");
  sub.connect(server.events_address());
  zmq::message_t frame;
  if (!sub.recv(frame) || !sub.recv(frame)) // the beat for a new subscriber: it is heard
    return false;
  const auto begun = stopwatch::now();
  std::thread teller{[&] { tell_all(server); }};
  std::size_t got = 0, bytes = 0;
  while (got < events_told && sub.recv(frame)) {
    const bool is_event = frame.to_string_view() == "offer.made";
    bytes += frame.size();
    if (!sub.recv(frame))
      break;
    bytes += frame.size();
    got += is_event ? 1 : 0;
  }
  const double seconds = seconds_since(begun);
  teller.join();
  const auto each = bytes / std::max<std::size_t>(got, 1);
  std::printf("events    %.0f a second to one subscriber, %zu of %zu arrived, %zu bytes each\n",
              static_cast<double>(got) / seconds, got, events_told, each);
  return got > 0;
}

} // namespace

int main() {
  std::printf("%s\n", bench::machine().c_str());
  echo engine;
  bus_options options;
  options.commands = options.events = "tcp://127.0.0.1:0";
  const auto server = bus_server::open(options, engine);
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().c_str());
    return 1;
  }
  auto client = bus_client::connect((*server)->commands_address());
  if (!client)
    return 1;
  std::printf("commands  one client, %d round trips each (a fifth with 1 in flight), us\n",
              round_trips);
  std::printf("in flight     a second        p50        p99      p99.9        max\n");
  for (const int in_flight : {1, 16, 64, 256})
    if (!print_round_trips(**client, in_flight))
      return 1;
  return print_publish_rate(**server) ? 0 : 1;
}
