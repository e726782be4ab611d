#include <signal.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <stdexcept>
#include <thread>

#include "gateway/bus/bus_client.hpp"
#include "gateway/bus/edge_clock.hpp"
#include "gateway/bus/event_gate.hpp"
#include "gateway/bus/follow.hpp"
#include "gateway/bus/head_beat.hpp"
#include "gateway/bus/sockets.hpp"
#include "gateway/bus/wake_up.hpp"
#include "messages/codec.hpp"
#include "messages/uuid.hpp"

namespace careline::gateway::bus {

namespace {

constexpr std::size_t run_max = 1'000;
constexpr int events_waiting_max = 100'000;
constexpr std::size_t body_bytes_limit = 4 * 1024 * 1024;
constexpr span ask_again_after = 2s;
constexpr span busy_pause_default = 100ms;
constexpr span never{std::numeric_limits<span::rep>::min() / 2};

/// Why the log is read: before the first event, or for what the socket did not bring.
enum class filling { beginning, gap };

struct log_page {
  std::vector<event_record> events;
  std::vector<std::string> unreadable;  ///< a sentence for each that was left aside
  position next = 0;
  position head = 0;
};

/// An event that cannot be read would be as unreadable the next time: it does not spoil its page.
std::optional<log_page> read_page(const value& data) {
  const auto* list = data.find("events");
  if (!list || !list->as<value::list>())
    return std::nullopt;
  log_page page;
  for (const auto& item : *list->as<value::list>()) {
    if (auto e = read_event_record(item))
      page.events.push_back(std::move(*e));
    else
      page.unreadable.push_back("the event " + std::string{item.text_or("id", "?")}
                                + " cannot be read and is left aside, because of its "
                                + e.error().field);
  }
  page.next = static_cast<position>(data.int_or("next", 0));
  page.head = static_cast<position>(data.int_or("head", 0));
  return page;
}

} // namespace

/// One thread: takes what the event socket brings, and stops taking while it reads on from the log
/// (the socket keeps what comes meanwhile; what it cannot keep shows as the next gap).
struct bus_subscriber::impl {
  impl(subscriber_options o, on_events callback)
      : options(std::move(o)), to(std::move(callback)), wanted(options.types),
        state(options.after, !options.types.empty()),
        events(options.context, zmq::socket_type::sub, options.events_address, options.key),
        commands(options.context, zmq::socket_type::dealer, options.commands_address,
                 options.key) {
    at.store(options.after);
    auto sub = events.get();
    sub.set(zmq::sockopt::rcvhwm, events_waiting_max);
    sub.set(zmq::sockopt::subscribe, log_head_topic);
    if (options.types.empty())
      sub.set(zmq::sockopt::subscribe, "");
    for (const auto& t : options.types)
      sub.set(zmq::sockopt::subscribe, t);
    if (!options.key.empty()) {
      refusals = refusal_topic(client_id{options.key.client});
      sub.set(zmq::sockopt::subscribe, refusals);
    }
    sub.connect(options.events_address);
    commands.get().connect(options.commands_address);
  }

  void run();
  void take_waiting();
  void take(std::string_view topic, std::string_view body);
  void refused(std::string_view body) const;
  void hand_on();
  bool read_on(filling what);
  void leave_aside(const log_page& page);
  std::optional<log_page> ask_log(position after, std::size_t limit);
  std::optional<reply> wait_for(const std::string& id, span until);
  bool begin_again();
  span quiet_since() const { return std::max(asked_at, beat_at.load()); }
  void wait(client_socket* on, span at_most, short for_what = ZMQ_POLLIN);

  const subscriber_options options;
  const on_events to;
  const type_filter wanted;
  std::string refusals{};  ///< topic of what this client is refused; empty: it has no key
  follow state;
  client_socket events;
  client_socket commands;
  uuid7_maker ids;
  wake_up bell;
  std::vector<event_record> run_of_events;
  span asked_at = since_boot();  ///< the log, for want of a beat
  std::atomic<span> beat_at{never};
  std::atomic<position> at{0};
  std::atomic<std::uint64_t> gaps{0};
  std::atomic<std::uint64_t> unreadable{0};
  std::atomic<bool> is_ending{false};
  std::thread thread;
};

void bus_subscriber::impl::run() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  if (options.from_head) {
    const auto first = ask_log(0, 1);
    if (!first)
      return;
    state.start_at(first->head);
  }
  if (!read_on(filling::beginning))
    return;
  while (!is_ending.load()) {
    take_waiting();
    // Who hears no beat hears of no loss either.
    const bool is_quiet = since_boot() - quiet_since() >= options.silence_max;
    if (is_quiet)
      asked_at = since_boot();
    if (state.is_behind() || is_quiet) {
      if (!read_on(filling::gap))
        return;
    } else {
      wait(&events, quiet_since() + options.silence_max - since_boot());
    }
  }
}

/// Everything that is there already, until a gap shows.
void bus_subscriber::impl::take_waiting() {
  zmq::message_t topic;
  zmq::message_t body;
  while (!state.is_behind() && run_of_events.size() < run_max
         && events.get().recv(topic, zmq::recv_flags::dontwait)) {
    came_in(way::event);
    if (!topic.more())
      continue;
    static_cast<void>(events.get().recv(body));
    for (auto more = body.more(); more;) {
      zmq::message_t rest;
      static_cast<void>(events.get().recv(rest));
      more = rest.more();
    }
    take(topic.to_string_view(), body.to_string_view());
  }
  hand_on();
}

void bus_subscriber::impl::take(std::string_view topic, std::string_view body) {
  if (body.size() > body_bytes_limit)
    return; // not from an engine; were it an event, its absence would show
  if (topic == log_head_topic) {
    const auto read = unpack_said(body, body_bytes_limit);
    if (const auto news = read ? read_head_news(*read) : no(read.error())) {
      state.heard(*news, wanted);
      beat_at.store(since_boot());
    }
    return;
  }
  if (!refusals.empty() && topic == refusals)
    return refused(body);
  if (!wanted.takes(topic))
    return;
  // One that cannot be read shows as a gap: the log's page then leaves it aside for good.
  auto e = read_event_record(body);
  if (e && state.takes(*e))
    run_of_events.push_back(std::move(*e));
}

void bus_subscriber::impl::refused(std::string_view body) const {
  if (const auto said = unpack_said(body, body_bytes_limit); said && options.on_refused)
    options.on_refused(std::string{said->text_or("topic")});
}

void bus_subscriber::impl::hand_on() {
  if (!run_of_events.empty())
    to(run_of_events, state.head());
  run_of_events.clear();
  at.store(state.whole_up_to());
}

/// Reads from the log until its head. False when the subscriber ends. A gap counts before what
/// fills it is handed on: who has the events finds the gap counted.
bool bus_subscriber::impl::read_on(filling what) {
  for (auto is_counted = what == filling::beginning;;) {
    const auto asked_after = state.whole_up_to();
    auto page = ask_log(asked_after, run_max);
    if (!page)
      return false;
    if (page->head < asked_after) {
      if (!begin_again())
        return false;
      continue;
    }
    for (auto& e : page->events)
      if (state.takes_from_log(e))
        run_of_events.push_back(std::move(e));
    leave_aside(*page);
    if (!is_counted && !run_of_events.empty()) {
      gaps.fetch_add(1);
      is_counted = true;
    }
    state.read_up_to(page->next, page->head);
    hand_on();
    if (page->next >= page->head || page->next <= asked_after)
      return true;
  }
}

void bus_subscriber::impl::leave_aside(const log_page& page) {
  unreadable.fetch_add(page.unreadable.size());
  if (options.on_unreadable)
    for (const auto& sentence : page.unreadable)
      options.on_unreadable(sentence);
}

/// The engine's log does not reach as far as we have followed: it is another one.
bool bus_subscriber::impl::begin_again() {
  if (is_ending.load())
    return false;
  const auto was = state.whole_up_to();
  state.start_at(0);
  at.store(0);
  if (options.on_reset)
    options.on_reset(was);
  return true;
}

/// One page; an empty one when the log has no such position; nothing when the subscriber ends. Asks
/// again, with the same id, until there is an answer.
std::optional<log_page> bus_subscriber::impl::ask_log(position after, std::size_t limit) {
  command_envelope question;
  question.id = ids.make(wall_time()).text();
  question.type = "log.read";
  question.source = options.key.empty() ? options.source : options.key.client;
  question.data.set("after", after);
  question.data.set("limit", static_cast<std::int64_t>(limit));
  if (!options.types.empty()) {
    value::list types;
    for (const auto& t : options.types)
      types.emplace_back(t);
    question.data.set("types", std::move(types));
  }
  const auto body = pack(to_value(question));
  while (!is_ending.load()) {
    if (!send_frames(commands.get(), body)) {
      wait(&commands, ask_again_after, ZMQ_POLLOUT);
      continue;
    }
    const auto r = wait_for(question.id, since_boot() + ask_again_after);
    if (!r)
      continue;
    if (r->why && r->why->type == "log.bad_position")
      return log_page{};
    if (r->outcome == outcome_kind::accepted)
      if (auto page = read_page(r->data))
        return page;
    // Who is refused is not allowed to ask: that does not change within a moment.
    const auto pause = r->outcome == outcome_kind::refused ? ask_again_after : busy_pause_default;
    wait(nullptr, r->retry_ms ? span{*r->retry_ms} : pause);
  }
  return std::nullopt;
}

std::optional<reply> bus_subscriber::impl::wait_for(const std::string& id, span until) {
  while (!is_ending.load()) {
    message_frames in;
    if (!receive_frames(commands.get(), false, in)) {
      const auto left = until - since_boot();
      if (left <= span{0})
        return std::nullopt;
      wait(&commands, left);
      continue;
    }
    const auto body = in.is_sound ? unpack_said(in.body, body_bytes_limit) : answer<value>{value{}};
    if (!body)
      continue;
    if (auto r = read_reply(*body); r && r->id == id)
      return std::move(*r);
  }
  return std::nullopt;
}

/// Until the socket has something, the subscriber ends, or the time is over.
void bus_subscriber::impl::wait(client_socket* on, span at_most, short for_what) {
  zmq_pollitem_t items[] = {{nullptr, bell.fd(), ZMQ_POLLIN, 0},
                            {on ? on->handle() : nullptr, 0, for_what, 0}};
  zmq_poll(items, on ? 2 : 1, static_cast<long>(std::max(at_most, span{0}).count()));
}

bus_subscriber::bus_subscriber(subscriber_options options, on_events to) {
  try {
    impl_ = std::make_unique<impl>(std::move(options), std::move(to));
  } catch (const zmq::error_t& e) {
    throw std::runtime_error{std::string{"cannot follow the engine: "} + e.what()};
  }
  impl_->thread = std::thread{[my = impl_.get()] { my->run(); }};
}

bus_subscriber::~bus_subscriber() {
  impl_->is_ending.store(true);
  impl_->bell.ring();
  impl_->thread.join();
}

position bus_subscriber::at() const {
  return impl_->at.load();
}

bool bus_subscriber::hears() const {
  return since_boot() - impl_->beat_at.load() < impl_->options.silence_max;
}

std::uint64_t bus_subscriber::gaps() const {
  return impl_->gaps.load();
}

std::uint64_t bus_subscriber::unreadable() const {
  return impl_->unreadable.load();
}

} // namespace careline::gateway::bus
