#include <careline_gateway/client.hpp>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <utility>

#include "gateway/bus/edge_clock.hpp"
#include "gateway/kit/cpp/convert.hpp"
#include "gateway/kit/cpp/courier.hpp"
#include "gateway/kit/cpp/follower_impl.hpp"
#include "messages/codec.hpp"
#include "messages/uuid.hpp"

namespace careline_gateway {

namespace {

using namespace std::chrono_literals;

constexpr milliseconds close_within = 2s;
/// Of a lease, a beat each so much.
constexpr int beats_a_lease = 3;

std::string place(const std::string& given, const char* variable, const char* otherwise) {
  if (!given.empty())
    return given;
  const auto* named = std::getenv(variable);
  return named && *named ? named : otherwise;
}

/// Of an engine that asks for none: an empty one.
careline::gateway::bus::client_key key_in(const std::string& file) {
  if (file.empty())
    return {};
  auto key = careline::gateway::bus::read_client_key(file);
  if (!key)
    throw std::runtime_error{key.error()};
  return std::move(*key);
}

std::string sentence_of(const reply& r) {
  const auto where = r.problem.field.empty() ? "" : " (" + r.problem.field + ")";
  return r.problem.type + ": " + r.problem.title + where;
}

value::map with(value::map more, value::map first) {
  first.insert(first.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
  return first;
}

} // namespace

not_accepted::not_accepted(careline_gateway::reply said)
    : std::runtime_error{sentence_of(said)}, reply(std::move(said)) {}
no_reply::no_reply(std::string command_id, const std::string& no_way)
    : std::runtime_error{"no reply to " + command_id + ": send the same id again"
                         + (no_way.empty() ? "" : "; " + no_way)},
      id(std::move(command_id)) {}
too_large::too_large(const std::string& type, std::size_t size)
    : std::invalid_argument{type + " has " + std::to_string(size) + " bytes; the engine takes at "
                            + "most " + std::to_string(careline::body_bytes_max)} {}
closed::closed() : std::logic_error{"the client was closed"} {}

std::string new_id() {
  static thread_local careline::uuid7_maker ids;
  return ids.make(careline::gateway::bus::wall_time()).text();
}

struct client::impl {
  impl(std::string its_name, const std::string& kind, options o)
      : name(std::move(its_name)), how(std::move(o)), instance(new_id()),
        hello{{"name", name},
              {"kind", kind},
              {"lease_s", std::chrono::duration<double>(how.lease).count()},
              {"instance", instance}},
        key(key_in(place(how.key_file, "CARELINE_KEY", ""))),
        commands(place(how.commands, "CARELINE_COMMANDS", "tcp://127.0.0.1:5570")),
        by(commands, how.lease / beats_a_lease, [this] { beat(); }, key) {}

  std::string start(const std::string& type, const value::map& data, const asked& as,
                    courier::answered then) {
    careline::command_envelope c;
    c.id = as.id.empty() ? new_id() : as.id;
    c.type = type;
    c.source = name;
    c.data = to_wire(data);
    auto id = c.id;
    by.start(std::move(c), as.patience.value_or(how.patience), std::move(then));
    return id;
  }

  /// Where there is no connection; else empty. To whom an engine turns away for its key it is as if
  /// nobody were there. On the courier's thread.
  std::string no_way() const {
    if (!by.is_away())
      return {};
    return "there is no connection to " + commands + ": is the engine there, and "
           + (key.empty() ? "does it ask for a key?" : "does it accept this client's key?");
  }

  /// On the courier's thread: starts, never waits. One at a time.
  void beat() {
    if (is_beating.exchange(true))
      return;
    start_unless_closed("session.beat", {}, [this](const std::optional<careline::reply>& r) {
      is_beating = false;
      if (r && r->why && r->why->type == "session.unknown")
        start_unless_closed("session.hello", hello, [](const auto&) {});
    });
  }

  void start_unless_closed(const std::string& type, const value::map& data,
                           courier::answered then) {
    try {
      start(type, data, {}, std::move(then));
    } catch (const closed&) {
      // The session was closed meanwhile, or is left to lapse.
    }
  }

  void close_followers() {
    const std::scoped_lock lock{guard};
    for (const auto& f : followers)
      if (const auto there = f.lock())
        there->close();
  }

  const std::string name;
  const options how;
  const std::string instance;
  const value::map hello;
  const careline::gateway::bus::client_key key;
  const std::string commands;
  value session;
  std::atomic<bool> is_beating{false};
  std::atomic<bool> is_closed{false};
  const int exceptions = std::uncaught_exceptions();
  std::mutex guard;
  std::vector<std::weak_ptr<follower::impl>> followers;
  courier by;  ///< the last: its thread uses the rest
};

client::client(std::string name, options how) : client(std::move(name), "client", std::move(how)) {}

client::client(std::string name, const std::string& kind, options how)
    : impl_(std::make_unique<impl>(std::move(name), kind, std::move(how))) {
  impl_->session = send("session.hello", impl_->hello).data;
}

client::~client() {
  try {
    close(std::uncaught_exceptions() == impl_->exceptions);
  } catch (const std::exception&) {
    // The engine will notice by itself.
  }
}

void client::close(bool say_so) {
  if (impl_->is_closed.exchange(true))
    return;
  try {
    if (say_so)
      ask("session.close", {}, {.patience = close_within});
  } catch (const no_reply&) {
    // The engine will notice by itself.
  }
  impl_->by.close();
  impl_->close_followers();
}

std::future<reply> client::start(const std::string& type, value::map data, asked how) {
  const auto told = std::make_shared<std::promise<reply>>();
  auto out = told->get_future();
  if (how.id.empty())
    how.id = new_id();
  impl_->start(type, data, how,
               [told, id = how.id, my = impl_.get()](std::optional<careline::reply> r) {
                 if (r)
                   told->set_value(from_wire(std::move(*r)));
                 else
                   told->set_exception(std::make_exception_ptr(no_reply{id, my->no_way()}));
               });
  return out;
}

reply client::ask(const std::string& type, value::map data, asked how) {
  return start(type, std::move(data), std::move(how)).get();
}

reply client::send(const std::string& type, value::map data, asked how) {
  auto r = ask(type, std::move(data), std::move(how));
  if (!r.accepted())
    throw not_accepted{std::move(r)};
  return r;
}

follower client::follow(std::vector<std::string> types, following how) {
  careline::gateway::bus::subscriber_options from;
  from.events_address = place(impl_->how.events, "CARELINE_EVENTS", "tcp://127.0.0.1:5571");
  from.commands_address = impl_->commands;
  from.types = std::move(types);
  from.source = impl_->name;
  from.key = impl_->key;
  // Asked here, not by the subscriber: what is done after this call comes after it.
  from.after = how.after ? *how.after
                         : static_cast<std::uint64_t>(
                               send("log.read", {{"after", 0}, {"limit", 1}}).data.whole("head"));
  auto followed = std::make_shared<follower::impl>(std::move(from), std::move(how));
  const std::scoped_lock lock{impl_->guard};
  std::erase_if(impl_->followers, [](const auto& f) { return f.expired(); });
  impl_->followers.push_back(followed);
  return follower{std::move(followed)};
}

bool client::is_replaced(const event& e) const {
  return e.type == "session.replaced" && e.data.text("session") == impl_->name
         && e.data.text("instance") == impl_->instance;
}

const value& client::session() const {
  return impl_->session;
}

gateway::gateway(std::string name, options how)
    : client(std::move(name), "gateway", std::move(how)) {}

reply gateway::open(const std::string& channel, value::map more) {
  return send("contact.open", with(std::move(more), {{"channel", channel}}));
}

reply gateway::say(const std::string& contact, const std::string& text, value line,
                   const std::string& speaker) {
  return send("contact.say", {{"contact", contact},
                              {"text", text},
                              {"line", std::move(line)},
                              {"from", speaker}});
}

reply gateway::delivered(const std::string& contact, int line, value speaker) {
  return send("contact.deliver",
              {{"contact", contact}, {"line", line}, {"from", std::move(speaker)}});
}

reply gateway::answer_form(const std::string& contact, const std::string& form,
                           value::map fields) {
  return send("contact.answer",
              {{"contact", contact}, {"form", form}, {"fields", std::move(fields)}});
}

reply gateway::abandon(const std::string& contact) {
  return send("contact.abandon", {{"contact", contact}});
}

reply gateway::request_callback(const std::string& contact, const std::string& number) {
  return send("contact.request_callback", {{"contact", contact}, {"number", number}});
}

reply gateway::report_dial(const std::string& contact, const std::string& result) {
  return send("dial.report", {{"contact", contact}, {"result", result}});
}

reply gateway::rate(const std::string& contact, int score) {
  return send("contact.rate", {{"contact", contact}, {"score", score}});
}

std::string gateway::address(const std::string& contact, const std::string& purpose) {
  return send("contact.address", {{"contact", contact}, {"purpose", purpose}}).data.text("address");
}

std::string gateway::number(const std::string& contact, const std::string& purpose) {
  return send("contact.address", {{"contact", contact}, {"purpose", purpose}}).data.text("number");
}

value gateway::show(const std::string& contact) {
  return send("contact.show", {{"contact", contact}}).data;
}

value gateway::read(const std::string& contact, std::int64_t after, value limit) {
  return send("contact.read",
              {{"contact", contact}, {"after", after}, {"limit", std::move(limit)}}).data;
}

value gateway::hall(value::map of) {
  return send("hall.show", std::move(of)).data;
}

desk::desk(std::string name, options how) : client(std::move(name), "agents", std::move(how)) {}

reply desk::sign_in(const std::string& agent, value::map more) {
  return send("agent.sign_in", with(std::move(more), {{"agent", agent}}));
}

reply desk::sign_out(const std::string& agent) {
  return send("agent.sign_out", {{"agent", agent}});
}

reply desk::ready(const std::string& agent) {
  return send("agent.set_state", {{"agent", agent}, {"state", "ready"}});
}

reply desk::not_ready(const std::string& agent, value reason) {
  return send("agent.set_state",
              {{"agent", agent}, {"state", "not_ready"}, {"reason", std::move(reason)}});
}

reply desk::accept(const std::string& contact, const std::string& agent) {
  return send("offer.accept", {{"contact", contact}, {"agent", agent}});
}

reply desk::decline(const std::string& contact, const std::string& agent,
                    const std::string& reason) {
  return send("offer.decline", {{"contact", contact}, {"agent", agent}, {"reason", reason}});
}

reply desk::say(const std::string& contact, const std::string& text, value line) {
  return send("contact.say", {{"contact", contact},
                              {"text", text},
                              {"line", std::move(line)},
                              {"from", "agent"}});
}

reply desk::hold(const std::string& contact, const std::string& agent) {
  return send("contact.hold", {{"contact", contact}, {"agent", agent}});
}

reply desk::resume(const std::string& contact, const std::string& agent) {
  return send("contact.resume", {{"contact", contact}, {"agent", agent}});
}

reply desk::transfer(const std::string& contact, const std::string& agent, value::map to) {
  return send("contact.transfer",
              with(std::move(to), {{"contact", contact}, {"agent", agent}}));
}

reply desk::finish(const std::string& contact, const std::string& agent, value disposition) {
  return send("contact.finish", {{"contact", contact},
                                 {"agent", agent},
                                 {"disposition", std::move(disposition)}});
}

reply desk::finish_wrap_up(const std::string& agent) {
  return send("agent.finish_wrap_up", {{"agent", agent}});
}

value desk::read(const std::string& contact, const std::string& agent, std::int64_t after,
                 value limit) {
  return send("contact.read", {{"contact", contact},
                               {"agent", agent},
                               {"after", after},
                               {"limit", std::move(limit)}}).data;
}

std::optional<value> desk::call_next(const std::string& agent, const std::string& counter,
                                     value queue) {
  auto told = send("agent.call_next",
                   {{"agent", agent}, {"counter", counter}, {"queue", std::move(queue)}}).data;
  return told.find("contact") ? std::optional{std::move(told)} : std::nullopt;
}

reply desk::recall(const std::string& agent) {
  return send("ticket.recall", {{"agent", agent}});
}

reply desk::miss(const std::string& agent, value contact) {
  return send("ticket.miss", {{"agent", agent}, {"contact", std::move(contact)}});
}

} // namespace careline_gateway
