#include "gateway/bus/bus_relay.hpp"

#include <signal.h>

#include <atomic>
#include <deque>
#include <map>
#include <thread>

#include "gateway/bus/key_handler.hpp"
#include "gateway/bus/sockets.hpp"
#include "gateway/bus/wake_up.hpp"
#include "messages/codec.hpp"
#include "messages/envelope.hpp"

namespace careline::gateway::bus {

namespace {

constexpr int waiting_max = 100'000;
/// A page of `log.read` is the largest there is.
constexpr std::size_t said_bytes_max = 4 * 1024 * 1024;
/// Messages taken from one socket before the others get their turn.
constexpr int at_once = 256;

/// Lets in who has one key. What its client may do is said by the engine behind.
class one_client final : public door_keeper {
public:
  explicit one_client(const client_key& key) : key_(key.public_key), client_(key.client) {}

  client_id client_of(const std::string& key) const override {
    return key == key_ ? client_ : client_id{};
  }
  client_id owner_of(const std::string& key) const override { return client_of(key); }
  bool may_send(const client_id&, std::string_view) const override { return true; }
  bool may_see(const client_id&, std::string_view) const override { return true; }
  std::vector<std::string> visible_under(const client_id&, std::string_view prefix) const override {
    return {std::string{prefix}};
  }
  std::uint64_t edition() const override { return 0; }
  void note(security::key_used) override {}
  void note(security::access_refused) override {}
  void tell_noted() override {}

private:
  const std::string key_;
  const client_id client_;
};

/// One connection in front, and its own behind.
struct line {
  line(void* context, const std::string& address, const client_key& key)
      : engine(context, zmq::socket_type::dealer, address, key) {
    engine.get().set(zmq::sockopt::sndhwm, waiting_max);
    engine.get().set(zmq::sockopt::rcvhwm, waiting_max);
    engine.get().connect(address);
  }
  client_socket engine;
  std::deque<message_frames> kept;  ///< until the connection behind is there
};

/// The frames of the way back, but the first, and the body. False, and nothing sent, while there is
/// no connection.
bool send_on(zmq::socket_ref socket, const message_frames& m) {
  constexpr auto now = zmq::send_flags::dontwait;
  for (const auto& frame : m.path)
    if (!socket.send(zmq::buffer(frame), zmq::send_flags::sndmore | now))
      return false;
  return socket.send(zmq::buffer(m.body), now).has_value();
}

} // namespace

/// Everything but the flag and the bell belongs to the thread, from the moment it starts.
struct bus_relay::impl {
  impl(relay_options o, go_between& who) : options(std::move(o)), by(who) {}

  result<void, std::string> bind();
  void need_key();
  void run();
  void wait();
  void take_commands();
  void take_command(message_frames in);
  void take_replies(const std::string& connection, line& from);
  void answer(const std::string& connection, return_path path, std::string body);
  void take_subscriptions();
  void take_events();
  void tell(std::string_view topic, std::string_view body);
  static void send_kept(line& to);

  const relay_options options;
  go_between& by;
  zmq::context_t context{1};
  zmq::socket_t commands{context, zmq::socket_type::router};
  zmq::socket_t events{context, zmq::socket_type::xpub};
  one_client keeper{options.key};
  std::unique_ptr<key_handler> door;  ///< null: everybody is taken
  std::unique_ptr<client_socket> engine_events;
  std::string commands_address;
  std::string events_address;
  std::map<std::string, std::unique_ptr<line>> lines;  ///< by the ROUTER's name of the connection
  wake_up bell;
  std::atomic<bool> is_ending{false};
  std::thread thread;
};

result<void, std::string> bus_relay::impl::bind() {
  auto where = options.commands;
  try {
    if (!options.key.empty())
      need_key();
    set_common(commands, options.commands);
    commands.set(zmq::sockopt::linger, 0);
    commands.set(zmq::sockopt::sndhwm, waiting_max);
    commands.bind(bindable(where));
    commands_address = commands.get(zmq::sockopt::last_endpoint);
    where = options.events;
    set_common(events, options.events);
    events.set(zmq::sockopt::linger, 0);
    events.set(zmq::sockopt::xpub_verboser, 1);
    events.set(zmq::sockopt::sndhwm, waiting_max);
    events.bind(bindable(where));
    events_address = events.get(zmq::sockopt::last_endpoint);
    where = options.engine_events;
    engine_events = std::make_unique<client_socket>(context.handle(), zmq::socket_type::xsub,
                                                    where, options.key);
    engine_events->get().set(zmq::sockopt::rcvhwm, waiting_max);
    engine_events->get().connect(where);
  } catch (const zmq::error_t& e) {
    return no("cannot stand between at " + where + ": " + e.what());
  }
  return {};
}

void bus_relay::impl::need_key() {
  // Were the door to end, nobody would come in: who holds the talk sees that, and there is nobody
  // else to tell.
  door = std::make_unique<key_handler>(context, keeper, nullptr);
  set_keys_needed(commands, options.secret_key);
  set_keys_needed(events, options.secret_key);
}

void bus_relay::impl::run() {
  // Signals are the main thread's; none may break into a socket call here.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  while (!is_ending.load()) {
    take_subscriptions();
    take_commands();
    for (auto& [connection, one] : lines) {
      send_kept(*one);
      take_replies(connection, *one);
    }
    take_events();
    wait();
  }
}

void bus_relay::impl::wait() {
  std::vector<zmq_pollitem_t> items{{nullptr, bell.fd(), ZMQ_POLLIN, 0},
                                    {commands.handle(), 0, ZMQ_POLLIN, 0},
                                    {events.handle(), 0, ZMQ_POLLIN, 0},
                                    {engine_events->handle(), 0, ZMQ_POLLIN, 0}};
  for (const auto& [connection, one] : lines) {
    const auto news = static_cast<short>(one->kept.empty() ? ZMQ_POLLIN : ZMQ_POLLIN | ZMQ_POLLOUT);
    items.push_back({one->engine.handle(), 0, news, 0});
  }
  zmq_poll(items.data(), static_cast<int>(items.size()), -1);
}

void bus_relay::impl::take_commands() {
  message_frames in;
  for (int i = 0; i < at_once && receive_frames(commands, true, in); ++i)
    take_command(std::move(in));
}

void bus_relay::impl::take_command(message_frames in) {
  const auto connection = std::move(in.path.front());
  in.path.erase(in.path.begin());
  auto& to = lines[connection];
  if (!to)
    to = std::make_unique<line>(context.handle(), options.engine_commands, options.key);
  if (!in.is_sound) {
    auto body = to_value(refuse({}, because("command.malformed", {}, "one frame with a body is "
                                                                     "expected")));
    if (by.on_reply(connection, body) != relayed::withheld)
      answer(connection, std::move(in.path), pack(body));
    return;
  }
  if (auto body = unpack(in.body)) {
    std::vector<value> answers;
    const auto what = by.on_command(connection, *body, answers);
    for (const auto& one : answers)
      answer(connection, in.path, pack(one));
    if (what == relayed::withheld)
      return;
    if (what == relayed::changed)
      in.body = pack(*body);
  }
  to->kept.push_back(std::move(in));
  send_kept(*to);
}

void bus_relay::impl::send_kept(line& to) {
  goes_out(way::command);
  while (!to.kept.empty() && send_on(to.engine.get(), to.kept.front()))
    to.kept.pop_front();
}

void bus_relay::impl::take_replies(const std::string& connection, line& from) {
  message_frames in;
  for (int i = 0; i < at_once && receive_frames(from.engine.get(), false, in); ++i) {
    auto what = relayed::as_it_came;
    if (auto body = unpack_said(in.body, said_bytes_max)) {
      what = by.on_reply(connection, *body);
      if (what == relayed::changed)
        in.body = pack(*body);
    }
    if (what != relayed::withheld)
      answer(connection, std::move(in.path), std::move(in.body));
  }
}

void bus_relay::impl::answer(const std::string& connection, return_path path, std::string body) {
  path.insert(path.begin(), connection);
  message_frames out;
  out.path = std::move(path);
  out.body = std::move(body);
  goes_out(way::reply);
  send_on(commands, out);
}

void bus_relay::impl::take_subscriptions() {
  zmq::message_t frame;
  while (events.recv(frame, zmq::recv_flags::dontwait)) {
    const auto said = frame.to_string();
    if (said.empty() || (said.front() != 0 && said.front() != 1))
      continue;
    by.on_subscription(said.substr(1), said.front() == 0);
    static_cast<void>(engine_events->get().send(zmq::buffer(said), zmq::send_flags::dontwait));
  }
}

void bus_relay::impl::take_events() {
  zmq::message_t topic;
  zmq::message_t said;
  for (int i = 0; i < at_once
                  && engine_events->get().recv(topic, zmq::recv_flags::dontwait);
       ++i) {
    came_in(way::event);
    if (!topic.more())
      continue;
    static_cast<void>(engine_events->get().recv(said));
    auto body = unpack_said(said.to_string_view(), said_bytes_max);
    if (topic.to_string_view() == log_head_topic || !body) {
      tell(topic.to_string_view(), said.to_string_view());
      continue;
    }
    std::vector<value> after;
    const auto what = by.on_event(*body, after);
    if (what == relayed::as_it_came)
      tell(topic.to_string_view(), said.to_string_view());
    else if (what == relayed::changed)
      tell(body->text_or("type"), pack(*body));
    for (const auto& one : after)
      tell(one.text_or("type"), pack(one));
  }
}

void bus_relay::impl::tell(std::string_view topic, std::string_view body) {
  goes_out(way::event);
  static_cast<void>(events.send(zmq::buffer(topic), zmq::send_flags::sndmore
                                                        | zmq::send_flags::dontwait));
  static_cast<void>(events.send(zmq::buffer(body), zmq::send_flags::dontwait));
}

bus_relay::bus_relay() = default;

result<std::unique_ptr<bus_relay>, std::string> bus_relay::open(relay_options options,
                                                                go_between& by) {
  std::unique_ptr<bus_relay> relay{new bus_relay};
  try {
    relay->impl_ = std::make_unique<impl>(std::move(options), by);
  } catch (const std::exception& e) {
    return no(std::string{"cannot open the relay: "} + e.what());
  }
  if (auto bound = relay->impl_->bind(); !bound)
    return no(bound.error());
  relay->impl_->thread = std::thread{[at = relay->impl_.get()] { at->run(); }};
  return relay;
}

bus_relay::~bus_relay() {
  if (!impl_ || !impl_->thread.joinable())
    return;
  impl_->is_ending.store(true);
  impl_->bell.ring();
  impl_->thread.join();
}

std::string bus_relay::commands_address() const {
  return impl_->commands_address;
}

std::string bus_relay::events_address() const {
  return impl_->events_address;
}

} // namespace careline::gateway::bus
