#include "gateway/bus/bus_server.hpp"

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>
#include <zmq.hpp>

#include "gateway/bus/command_gate.hpp"
#include "gateway/bus/connection_watch.hpp"
#include "gateway/bus/edge_clock.hpp"
#include "gateway/bus/event_gate.hpp"
#include "gateway/bus/head_beat.hpp"
#include "gateway/bus/key_handler.hpp"
#include "gateway/bus/outbox.hpp"
#include "gateway/bus/sockets.hpp"
#include "messages/codec.hpp"
#include "messages/ids.hpp"

namespace careline::gateway::bus {

namespace {

/// Commands taken in before replies get their turn, so that neither starves the other.
constexpr int commands_at_once = 256;
/// The same of what subscribers say: one that asks without end keeps nobody else waiting.
constexpr int subscriptions_at_once = 256;
constexpr span beat_every = 1s;
/// New subscribers are told the head at once, but not more often than this.
constexpr span beat_spacing = 100ms;
constexpr std::int64_t stopping_retry_ms = 1'000;

/// ZeroMQ's own bytes count as taken, so they count as sent: to the byte, since a client may be
/// sent millions of frames and each that is counted for more than it was would stay on its account.
std::size_t bytes_on_the_wire(std::size_t frame) {
  return frame + (frame > 255 ? 9 : 2);
}

struct counters {
  std::atomic<std::uint64_t> commands{0}, replies{0}, malformed{0}, too_large{0}, dropped{0},
      unroutable{0}, unread{0}, events{0}, skipped{0}, slow_subscribers{0}, published_at{0},
      turns{0}, command_connections{0}, event_connections{0}, refused_connections{0},
      refused_commands{0}, refused_topics{0};
};

void add(std::atomic<std::uint64_t>& to, std::uint64_t n = 1) {
  to.fetch_add(n, std::memory_order_relaxed);
}

} // namespace

/// What stands between the sockets and everybody, where keys are needed.
struct gates {
  gates(zmq::context_t& context, const bus_options& o, zmq::socket_ref events_socket)
      : keeper(*o.keeper), handler(context, keeper, o.alarm), commands(keeper),
        events(keeper, events_socket) {}

  door_keeper& keeper;
  key_handler handler;
  command_gate commands;
  event_gate events;
};

/// Everything here but the outbox, the counters and the two flags belongs to the socket thread,
/// from the moment it starts.
struct bus_server::impl {
  impl(bus_options o, ingress& engine)
      : options(std::move(o)), to(engine),
        box(std::make_shared<outbox>(static_cast<std::size_t>(options.events_waiting_max))),
        beat(options.head, options.last_of_types) {
    count.published_at = options.head;
  }

  result<void, std::string> bind();
  void need_keys();
  void run();
  void turn(bool& has_more);
  void watch();
  void note(const connection_watch::news& of);
  void end_slow_subscribers();
  void look_at_subscribers();
  bool take_commands();
  void take(message_frames& in);
  void take_subscriptions();
  void take_subscription(zmq::message_t& frame);
  void end_changed();
  void send_waiting();
  void send(const addressed_reply& r);
  void send(const event_record& e);
  void published_up_to(position at);
  void tell(std::string_view topic, const std::string& body);
  void beat_if_due();
  void leave();

  const bus_options options;
  ingress& to;
  zmq::context_t context{1};
  zmq::socket_t commands{context, zmq::socket_type::router};
  zmq::socket_t events{context, zmq::socket_type::xpub};
  std::unique_ptr<gates> keyed;  ///< null: everybody is taken
  std::unique_ptr<connection_watch> commands_watch;
  std::unique_ptr<connection_watch> events_watch;
  std::string commands_address;
  std::string events_address;
  std::shared_ptr<outbox> box;
  outbox::content waiting;
  head_beat beat;
  std::uint64_t sent_bytes = 0;     ///< on the event socket, to who subscribes to everything
  std::uint64_t looked_at_bytes = 0; ///< sent_bytes when the subscribers were last looked at
  span last_beat_at{};
  bool is_head_asked = true;
  counters count;
  std::atomic<bool> is_stopping{false};
  std::atomic<bool> is_closing{false};
  std::thread thread;
  std::mutex closing;
};

result<void, std::string> bus_server::impl::bind() {
  std::string what = "commands", where = options.commands;
  try {
    set_common(commands, options.commands);
    commands.set(zmq::sockopt::router_mandatory, 1);
    commands.set(zmq::sockopt::sndhwm, options.commands_waiting_max);
    commands.set(zmq::sockopt::rcvhwm, options.commands_waiting_max);
    commands.set(zmq::sockopt::maxmsgsize, options.frame_bytes_max);
    commands_watch = std::make_unique<connection_watch>(context, commands, "commands-watch");
    if (options.keeper)
      need_keys();
    commands.bind(bindable(options.commands));
    commands_address = commands.get(zmq::sockopt::last_endpoint);
    if (keyed && !options.inproc_commands.empty())
      commands.bind(options.inproc_commands);
    what = "events", where = options.events;
    set_common(events, options.events);
    events.set(zmq::sockopt::xpub_verbose, 1);
    events.set(zmq::sockopt::sndhwm, options.events_waiting_max);
    events.set(zmq::sockopt::maxmsgsize, options.frame_bytes_max);
    events_watch = std::make_unique<connection_watch>(context, events, "events-watch");
    events.bind(bindable(options.events));
    events_address = events.get(zmq::sockopt::last_endpoint);
    where = options.inproc_events;
    if (!where.empty())
      events.bind(where);
  } catch (const zmq::error_t& e) {
    return no("cannot bind the " + what + " socket to " + where + ": " + e.what());
  }
  return {};
}

void bus_server::impl::need_keys() {
  keyed = std::make_unique<gates>(context, options, events);
  set_keys_needed(commands, options.secret_key);
  set_keys_needed(events, options.secret_key);
  event_gate::set_manual(events);
}

void bus_server::impl::run() {
  // Signals are the main thread's; none may break into a socket call here.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  bool has_more = false;
  while (!is_closing.load(std::memory_order_acquire))
    turn(has_more);
  leave();
}

void bus_server::impl::turn(bool& has_more) {
  zmq_pollitem_t items[] = {{commands.handle(), 0, ZMQ_POLLIN, 0},
                            {events.handle(), 0, ZMQ_POLLIN, 0},
                            {nullptr, box->bell().fd(), ZMQ_POLLIN, 0},
                            {commands_watch->handle(), 0, ZMQ_POLLIN, 0},
                            {events_watch->handle(), 0, ZMQ_POLLIN, 0}};
  const auto due = last_beat_at + (is_head_asked ? beat_spacing : beat_every);
  const auto wait = has_more ? 0 : std::max<std::int64_t>((due - since_boot()).count(), 0);
  if (zmq_poll(items, 5, static_cast<long>(wait)) < 0 && zmq_errno() == ETERM)
    return;
  if (items[1].revents)
    take_subscriptions();
  if (has_more || items[0].revents)
    has_more = take_commands();
  if (items[3].revents || items[4].revents)
    watch();
  send_waiting();
  beat_if_due();
  add(count.turns);
}

void bus_server::impl::watch() {
  note(commands_watch->take());
  const auto events_news = events_watch->take();
  note(events_news);
  if (keyed)
    for (const int connection : events_news.opened)
      keyed->events.forget(connection);
  count.command_connections.store(commands_watch->open(), std::memory_order_relaxed);
  count.event_connections.store(events_watch->open(), std::memory_order_relaxed);
}

void bus_server::impl::note(const connection_watch::news& of) {
  add(count.dropped, of.dropped);
  if (!keyed)
    return;
  add(count.refused_connections, of.refused);
  security::access_refused why;
  why.reason = "security.no_key";
  for (std::uint64_t i = 0; i < of.without_key; ++i)
    keyed->keeper.note(why);
}

/// Looked at each so many bytes, and at each beat: who was slow for a moment only keeps up again in
/// between.
void bus_server::impl::end_slow_subscribers() {
  constexpr std::uint64_t looks = 64;
  if (sent_bytes - looked_at_bytes >= options.events_bytes_max / looks)
    look_at_subscribers();
}

void bus_server::impl::look_at_subscribers() {
  looked_at_bytes = sent_bytes;
  add(count.slow_subscribers, events_watch->end_slow(sent_bytes, options.events_bytes_max));
}

bool bus_server::impl::take_commands() {
  message_frames in;
  for (int i = 0; i < commands_at_once; ++i) {
    if (!receive_frames(commands, true, in))
      return false;
    take(in);
  }
  return true;
}

void bus_server::impl::take(message_frames& in) {
  add(count.commands);
  const auto answer_now = [&](reply r) { send({in.path, std::move(r), in.from.connection}); };
  if (!in.is_sound) {
    add(count.malformed);
    auto why = because("command.malformed", {}, "one frame with a body is expected");
    return answer_now(refuse({}, std::move(why)));
  }
  auto body = unpack(in.body);
  if (!body) {
    add(body.error().type == "command.too_large" ? count.too_large : count.malformed);
    return answer_now(refuse(id_at_front(in.body), std::move(body.error())));
  }
  auto command = read_command_envelope(*body);
  if (!command) {
    add(count.malformed);
    const std::string id{body->text_or("id")};
    return answer_now(refuse(is_valid_id(id) ? id : std::string{}, std::move(command.error())));
  }
  if (auto why = keyed ? keyed->commands.look(in.from, *command) : std::nullopt) {
    add(count.refused_commands);
    return answer_now(refuse(command->id, std::move(*why)));
  }
  if (is_stopping.load(std::memory_order_acquire)) {
    auto r = to.turn_away(*command, because("engine.stopping"));
    if (r.outcome == outcome_kind::busy)
      r.retry_ms = stopping_retry_ms;
    return answer_now(std::move(r));
  }
  auto connection = to_hex(in.path.front());
  to.submit(std::move(*command), std::move(connection),
            [box = box, path = std::move(in.path), from = in.from.connection](reply r) {
              box->put(addressed_reply{path, std::move(r), from});
            });
}

/// What peers say here is not to be counted on: anybody may take back what was never subscribed.
/// What is left over is there at the next turn, which begins at once.
void bus_server::impl::take_subscriptions() {
  zmq::message_t frame;
  for (int i = 0; i < subscriptions_at_once && events.recv(frame, zmq::recv_flags::dontwait); ++i)
    if (keyed)
      take_subscription(frame);
    else if (frame.size() != 0 && *frame.data<char>() == 1)
      is_head_asked = true;
}

void bus_server::impl::take_subscription(zmq::message_t& frame) {
  watch(); // whose connection it is, is told before
  const auto did = keyed->events.take(frame);
  is_head_asked = is_head_asked || did.is_new;
  if (did.topic.empty())
    return;
  add(count.refused_topics);
  tell(did.topic, did.body);
}

/// Before anything is told that was decided behind the change.
void bus_server::impl::end_changed() {
  if (!keyed)
    return;
  const auto all = keyed->events.changed();
  if (!all.empty())
    watch();
  for (const int connection : all)
    events_watch->end(connection);
}

void bus_server::impl::send_waiting() {
  box->take(waiting);
  end_changed();
  for (const auto& r : waiting.replies)
    send(r);
  if (!waiting.events.empty())
    take_subscriptions();
  for (const auto& e : waiting.events) {
    send(*e);
    end_slow_subscribers();
  }
  for (const auto& [type, at] : waiting.skipped) {
    beat.saw(type, at);
    published_up_to(at);
  }
  add(count.skipped, waiting.skipped_count);
}

void bus_server::impl::send(const addressed_reply& r) {
  const auto body = pack(to_value(r.what));
  goes_out(way::reply);
  auto bytes = bytes_on_the_wire(body.size());
  for (std::size_t i = 1; i < r.to.size(); ++i)  // the first one names the connection
    bytes += bytes_on_the_wire(r.to[i].size());
  if (!commands_watch->may_send(r.connection, bytes, options.replies_bytes_max))
    return add(count.unread);
  const auto not_sent = [&](std::atomic<std::uint64_t>& why) {
    commands_watch->was_not_sent(r.connection, bytes);
    add(why);
  };
  try {
    for (const auto& frame : r.to)
      if (!commands.send(zmq::buffer(frame), zmq::send_flags::sndmore | zmq::send_flags::dontwait))
        return not_sent(count.unread);
    static_cast<void>(commands.send(zmq::buffer(body), zmq::send_flags::dontwait));
    add(count.replies);
  } catch (const zmq::error_t&) {
    not_sent(count.unroutable); // it has gone; the same id will be sent again
  }
}

void bus_server::impl::send(const event_record& e) {
  beat.saw(e.type, e.at);
  add(count.events);
  const auto body = to_bus_body(e);
  tell(e.type, body);
  published_up_to(e.at);
}

void bus_server::impl::published_up_to(position at) {
  if (at > count.published_at)
    count.published_at.store(at, std::memory_order_relaxed);
}

/// A subscriber that is over its mark loses it; nobody waits.
void bus_server::impl::tell(std::string_view topic, const std::string& body) {
  constexpr auto at_once = zmq::send_flags::dontwait;
  sent_bytes += bytes_on_the_wire(topic.size()) + bytes_on_the_wire(body.size());
  goes_out(way::event);
  static_cast<void>(events.send(zmq::buffer(topic), zmq::send_flags::sndmore | at_once));
  static_cast<void>(events.send(zmq::buffer(body), at_once));
}

void bus_server::impl::beat_if_due() {
  const auto now = since_boot();
  if (now - last_beat_at < (is_head_asked ? beat_spacing : beat_every))
    return;
  look_at_subscribers();
  commands_watch->settle();
  if (keyed)
    keyed->keeper.tell_noted();
  tell(log_head_topic, to_bus_body(beat.next(is_head_asked)));
  last_beat_at = now;
  is_head_asked = false;
}

void bus_server::impl::leave() {
  send_waiting();
  box->close();
  commands_watch->stop();
  events_watch->stop();
  commands_watch.reset();
  events_watch.reset();
  // What is still on its way goes out while the context waits, for at most the linger.
  commands.close();
  events.close();
  if (keyed)
    keyed->keeper.tell_noted();
}

bus_server::bus_server() = default;

result<std::unique_ptr<bus_server>, std::string> bus_server::open(bus_options options,
                                                                  ingress& to) {
  std::unique_ptr<bus_server> server{new bus_server};
  try {
    server->impl_ = std::make_unique<impl>(std::move(options), to);
  } catch (const std::exception& e) {
    return no(std::string{"cannot open the bus: "} + e.what());
  }
  if (auto bound = server->impl_->bind(); !bound)
    return no(bound.error());
  server->impl_->thread = std::thread{[at = server->impl_.get()] { at->run(); }};
  return server;
}

bus_server::~bus_server() {
  if (impl_)
    close();
}

std::string bus_server::commands_address() const {
  return impl_->commands_address;
}

std::string bus_server::events_address() const {
  return impl_->events_address;
}

void bus_server::publish(const published& events) {
  impl_->box->put(events);
}

void bus_server::stop_taking() {
  impl_->is_stopping.store(true, std::memory_order_release);
}

void bus_server::close() {
  const std::lock_guard lock{impl_->closing};
  if (!impl_->thread.joinable())
    return;
  impl_->is_closing.store(true, std::memory_order_release);
  impl_->box->bell().ring();
  impl_->thread.join();
}

bus_figures bus_server::figures() const {
  const auto& n = impl_->count;
  bus_figures f;
  f.commands = n.commands;
  f.replies = n.replies;
  f.malformed = n.malformed;
  f.too_large = n.too_large;
  f.dropped_connections = n.dropped;
  f.unroutable = n.unroutable;
  f.unread = n.unread;
  f.events = n.events;
  f.events_skipped = n.skipped;
  f.slow_subscribers = n.slow_subscribers;
  f.refused_connections = n.refused_connections;
  f.refused_commands = n.refused_commands;
  f.refused_topics = n.refused_topics;
  if (const auto* keyed = impl_->keyed.get()) {
    f.key_turns = keyed->handler.turns();
    f.lets_in = !keyed->handler.has_ended();
  }
  f.published_at = n.published_at;
  f.turns = n.turns;
  f.command_connections = n.command_connections;
  f.event_connections = n.event_connections;
  f.outbound_queued = impl_->box->queued();
  return f;
}

void* bus_server::context() const {
  return impl_->context.handle();
}

} // namespace careline::gateway::bus
