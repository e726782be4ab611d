#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <careline_gateway/value.hpp>

/// A gateway to the Careline engine in C++: say, be answered, follow, never miss one.
/// docs/gateway.md walks through it, docs/events.md has the words.
namespace careline_gateway {

using milliseconds = std::chrono::milliseconds;

enum class outcome_kind {
  accepted,  ///< it is on disk
  refused,   ///< the rules say no; nothing changed
  busy,      ///< over a limit; the client has tried for as long as it was told to
  invalid    ///< not understood: a mistake in the gateway
};

/// Why not: a stable code, and a sentence for a person.
struct reason {
  std::string type, title, field, detail;
  friend bool operator==(const reason&, const reason&) = default;
};

/// The one answer to a command or query.
struct reply {
  std::string id;
  outcome_kind outcome = outcome_kind::invalid;
  std::uint64_t position = 0;  ///< of the last event that the command caused; 0: it caused none
  value data;
  reason problem;              ///< empty when accepted
  milliseconds retry{};        ///< with busy
  std::string fallback;        ///< with busy: where else to send the person
  bool accepted() const noexcept { return outcome == outcome_kind::accepted; }
  friend bool operator==(const reply&, const reply&) = default;
};

/// Something that became true. Personal values in `data` are sealed: `bytes`, not text.
struct event {
  std::string type;            ///< contact.queued
  std::uint64_t position = 0;  ///< 1, 2, 3, … without gaps
  std::uint64_t previous = 0;  ///< of the event before of the same type; 0: none
  std::string subject;         ///< contact/C-1
  std::string time;            ///< RFC 3339 UTC
  std::string cause;           ///< the id of the command or event that it came of
  std::string about;           ///< the contact or case that all of it belongs to
  value data;
  /// The contact that it is of; empty for none.
  std::string contact() const { return data.text("contact"); }
};

/// The engine said no. `problem.type` is a stable code.
struct not_accepted : std::runtime_error {
  explicit not_accepted(careline_gateway::reply said);
  careline_gateway::reply reply;
};
/// Nothing was heard in time: unknown, not refused. Ask again with the same id.
struct no_reply : std::runtime_error {
  explicit no_reply(std::string command_id, const std::string& no_way = {});
  std::string id;
};
/// The command was not sent: the engine takes no body of that size.
struct too_large : std::invalid_argument {
  too_large(const std::string& type, std::size_t size);
};
/// The client was closed: nothing is sent, or followed, by it any more.
struct closed : std::logic_error {
  closed();
};

/// An id of a command (UUIDv7): keep it across a restart to ask again.
std::string new_id();

struct options {
  std::string commands{};         ///< else CARELINE_COMMANDS, else the engine's default
  std::string events{};           ///< else CARELINE_EVENTS, else the engine's default
  milliseconds lease{3'000};      ///< beats keep it; without, what the client brought lapses
  milliseconds patience{20'000};  ///< so long a command is tried before it is no_reply
  std::string key_file{};         ///< else CARELINE_KEY: for an engine that serves with keys; the
                                  ///< client's name is the key's
};
struct asked {
  std::string id{};                         ///< empty: a new one
  std::optional<milliseconds> patience{};   ///< instead of the client's
};
struct following {
  std::optional<std::uint64_t> after{};  ///< events behind this place; nothing: from now on
  /// Called in `next` and `wait` when the engine turns out to have another log, that does not reach
  /// `was`; its events follow from the first. Throw away what you kept of the old one.
  std::function<void(std::uint64_t was)> on_reset{};
  /// Called likewise for each event that cannot be read and is left aside, with a sentence.
  std::function<void(const std::string&)> on_unreadable{};
};

/// Follows the log: each event once and in order, whatever ZeroMQ loses. With types, an event that
/// was lost comes after younger ones of other types. One thread uses it; any may close it.
class follower {
public:
  follower(follower&&) noexcept;
  follower& operator=(follower&&) noexcept;
  ~follower();

  /// The next event; nothing when `timeout` passes first, wherever the engine is. Throws `closed`
  /// once this, or its client, is closed.
  std::optional<event> next(milliseconds timeout);
  /// The next event, however long that takes; nothing once this, or its client, is closed.
  std::optional<event> wait();
  /// Where to begin again: nothing up to here is missing, nor waits in this object.
  std::uint64_t at() const;
  void close();

private:
  friend class client;
  struct impl;
  explicit follower(std::shared_ptr<impl> of);
  std::shared_ptr<impl> impl_;
};

/// A client with a session: a lease that the engine sees lapse when this process is gone. Says
/// hello, beats in the background, and says hello again if the session was lost meanwhile. Any
/// thread may use it. Going out of scope closes the session, unless by an exception: then, as for a
/// process that dies, what it brought lapses.
class client {
public:
  explicit client(std::string name, options how = {});
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  /// Ends. Without `say_so` the session is left to lapse, or to whoever has replaced this one.
  void close(bool say_so = true);

  /// Sends a command or query and gives its reply, whatever it says; the same id is sent again
  /// until there is one. Throws no_reply; and, with nothing sent, too_large or closed.
  reply ask(const std::string& type, value::map data = {}, asked how = {});
  /// The same, but throws not_accepted for any outcome other than `accepted`.
  reply send(const std::string& type, value::map data = {}, asked how = {});
  /// The same as `ask` without waiting: for many at once. The future throws no_reply.
  std::future<reply> start(const std::string& type, value::map data = {}, asked how = {});

  /// Follows exact types, or prefixes that end in "."; none = all.
  follower follow(std::vector<std::string> types = {}, following how = {});
  /// Whether `e` says that another process goes on under this name: then `close(false)`, and end.
  bool is_replaced(const event& e) const;
  /// What the engine said to the hello: `session`, `resumed`, `position`.
  const value& session() const;

protected:
  client(std::string name, const std::string& kind, options how);

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// Where people come in: opens contacts and tells the engine what becomes of them. Each throws as
/// `send` does.
class gateway : public client {
public:
  explicit gateway(std::string name, options how = {});

  /// A person arrives. `more`: queue or need, contact, customer, address, language, urgency, …
  reply open(const std::string& channel, value::map more = {});
  /// A line of a chat, by "customer" or "system". The same `line` twice is said once.
  reply say(const std::string& contact, const std::string& text, value line = {},
            const std::string& speaker = "customer");
  /// A line reached the person; without `speaker` it is of all who said one of that number.
  reply delivered(const std::string& contact, int line, value speaker = {});
  reply answer_form(const std::string& contact, const std::string& form, value::map fields);
  /// The person left before anybody answered.
  reply abandon(const std::string& contact);
  reply request_callback(const std::string& contact, const std::string& number);
  reply report_dial(const std::string& contact, const std::string& result);
  reply rate(const std::string& contact, int score);
  /// The address in clear, for a purpose (a code: "dial"). Only whom brought the contact is told.
  std::string address(const std::string& contact, const std::string& purpose);
  /// The number of a callback, by the same rules.
  std::string number(const std::string& contact, const std::string& purpose);
  value show(const std::string& contact);
  /// What was said in a chat that this gateway opened: `lines`, each with from, line, time and
  /// text; `next` is `after` of the next call. `limit`: so many lines at most.
  value read(const std::string& contact, std::int64_t after = 0, value limit = {});
  /// What a hall shows: serving, called, missed, and of each area how many wait. `of`: nothing,
  /// {"prefix", …} or {"site", …}.
  value hall(value::map of = {});
};

/// Agents' desks: one session may speak for many agents.
class desk : public client {
public:
  explicit desk(std::string name, options how = {});

  /// `more`: skills {name: level}, channels {name: how many}, queues {name: tier}, ready.
  reply sign_in(const std::string& agent, value::map more = {});
  reply sign_out(const std::string& agent);
  reply ready(const std::string& agent);
  reply not_ready(const std::string& agent, value reason = {});
  reply accept(const std::string& contact, const std::string& agent);
  reply decline(const std::string& contact, const std::string& agent,
                const std::string& reason = "reject");
  reply say(const std::string& contact, const std::string& text, value line = {});
  reply hold(const std::string& contact, const std::string& agent);
  reply resume(const std::string& contact, const std::string& agent);
  /// `to`: {"to_queue", …} or {"to_agent", …}.
  reply transfer(const std::string& contact, const std::string& agent, value::map to);
  reply finish(const std::string& contact, const std::string& agent, value disposition = {});
  reply finish_wrap_up(const std::string& agent);
  /// What was said in a chat that this agent is in; see gateway::read.
  value read(const std::string& contact, const std::string& agent, std::int64_t after = 0,
             value limit = {});
  /// The next who has a ticket, to this counter; gives its `contact` and `ticket`, or nothing.
  std::optional<value> call_next(const std::string& agent, const std::string& counter,
                                 value queue = {});
  /// The ticket that the agent called, once more.
  reply recall(const std::string& agent);
  /// Nobody came.
  reply miss(const std::string& agent, value contact = {});
};

} // namespace careline_gateway
