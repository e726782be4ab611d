#include "gateway/bus/key_handler.hpp"

#include <signal.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <thread>
#include <vector>
#include <zmq.hpp>

#include "gateway/bus/wake_up.hpp"
#include "messages/z85.hpp"

namespace careline::gateway::bus {

namespace {

constexpr const char* handler_address = "inproc://zeromq.zap.01";
constexpr std::string_view zap_version = "1.0";
constexpr std::size_t frames_max = 7;
constexpr std::size_t key_bytes = 32;
constexpr std::chrono::milliseconds turn_each{500};

/// The frames of a question (RFC 27): version, id, domain, address, identity, mechanism, key.
struct question {
  std::vector<std::string> frames;
  bool is_sound() const {
    return frames.size() == frames_max && frames[0] == zap_version && frames[5] == "CURVE"
           && frames[6].size() == key_bytes;
  }
  std::string id() const { return frames.size() > 1 ? frames[1] : std::string{}; }
  const std::string& address() const { return frames[3]; }
  std::string key() const { return to_z85(frames[6]); }
};

/// ZMTP's form of a property: its name, then its value, each behind its size.
std::string property(std::string_view name, std::string_view item) {
  std::string out;
  out += static_cast<char>(name.size());
  out += name;
  for (int shift = 24; shift >= 0; shift -= 8)
    out += static_cast<char>(item.size() >> shift & 0xFFU);
  out += item;
  return out;
}

} // namespace

struct key_handler::impl {
  impl(zmq::context_t& context, door_keeper& k, std::function<void(const std::string&)> to)
      : keeper(k), alarm(std::move(to)), socket(context, zmq::socket_type::rep) {
    socket.set(zmq::sockopt::linger, 0);
    socket.bind(handler_address);
  }

  void run() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    try {
      while (!is_ending.load())
        turn();
    } catch (const std::exception& e) {
      ended = true;
      if (alarm)
        alarm(std::string{"the handler of keys has ended, nobody can connect: "} + e.what());
    }
  }

  void turn() {
    zmq_pollitem_t items[] = {{socket.handle(), 0, ZMQ_POLLIN, 0},
                              {nullptr, bell.fd(), ZMQ_POLLIN, 0}};
    zmq_poll(items, 2, static_cast<long>(turn_each.count()));
    if (items[0].revents)
      answer(next());
    turns.fetch_add(1, std::memory_order_relaxed);
  }

  question next() {
    question asked;
    zmq::message_t frame;
    do {
      static_cast<void>(socket.recv(frame));
      if (asked.frames.size() <= frames_max)
        asked.frames.push_back(frame.to_string());
    } while (frame.more());
    return asked;
  }

  void answer(const question& asked) {
    const auto key = asked.is_sound() ? asked.key() : std::string{};
    const auto client = key.empty() ? client_id{} : keeper.client_of(key);
    reply(asked.id(), client, key);
    if (!client.empty())
      return keeper.note(security::key_used{client, fingerprint_of(key), asked.address(), 1});
    security::access_refused why;
    why.what = security::refusal::connection;
    why.reason = key.empty() ? "security.no_key" : "security.unknown_key";
    if (!key.empty()) {
      why.client = keeper.owner_of(key);
      why.fingerprint = fingerprint_of(key);
      why.host = asked.address();
    }
    keeper.note(std::move(why));
  }

  void reply(const std::string& id, const client_id& client, const std::string& key) {
    const bool is_known = !client.empty();
    const auto facts = is_known ? property(key_property, key) : std::string{};
    const std::string_view words[] = {zap_version,
                                      id,
                                      is_known ? "200" : "400",
                                      is_known ? "OK" : "this key is not accepted",
                                      client.text(),
                                      facts};
    for (const auto& word : words)
      static_cast<void>(socket.send(zmq::buffer(word), &word == &words[5]
                                                           ? zmq::send_flags::none
                                                           : zmq::send_flags::sndmore));
  }

  door_keeper& keeper;
  const std::function<void(const std::string&)> alarm;
  zmq::socket_t socket;
  wake_up bell;
  std::atomic<std::uint64_t> turns{0};
  std::atomic<bool> ended{false};
  std::atomic<bool> is_ending{false};
  std::thread thread;
};

key_handler::key_handler(zmq::context_t& context, door_keeper& keeper,
                         std::function<void(const std::string&)> alarm)
    : impl_(std::make_unique<impl>(context, keeper, std::move(alarm))) {
  impl_->thread = std::thread{[my = impl_.get()] { my->run(); }};
}

key_handler::~key_handler() {
  impl_->is_ending.store(true);
  impl_->bell.ring();
  impl_->thread.join();
}

std::uint64_t key_handler::turns() const noexcept {
  return impl_->turns.load(std::memory_order_relaxed);
}

bool key_handler::has_ended() const noexcept {
  return impl_->ended.load();
}

} // namespace careline::gateway::bus
