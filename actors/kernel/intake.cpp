#include "actors/kernel/intake.hpp"

#include <algorithm>
#include <utility>

#include "actors/kernel/turn_answer.hpp"
#include "messages/planted.hpp"
#include "messages/safety.hpp"
#include "messages/uuid.hpp"

namespace careline::kernel {

namespace {

constexpr std::size_t finished_kept = 256;
constexpr std::int64_t retry_ms_min = 2;
constexpr std::int64_t retry_ms_max = 2000;
/// Before anything was finished there is no rate to go by.
constexpr std::int64_t retry_ms_first = 50;

std::string key_of(const std::string& client, const std::string& id) {
  return client + '\n' + id;
}

/// A UUID in capitals is the same id: from here on it goes by its usual form. The client hears its
/// answer under what it wrote.
respond under_one_id(std::string& id, respond to) {
  const bool has_capitals =
      std::any_of(id.begin(), id.end(), [](char c) { return c >= 'A' && c <= 'F'; });
  const auto known = has_capitals ? parse_uuid7(id) : std::nullopt;
  auto usual = known ? known->text() : id;
  if (usual == id)
    return to;
  return [to = std::move(to), written = std::exchange(id, std::move(usual))](reply r) {
    r.id = written;
    to(std::move(r));
  };
}

/// A session's instance is its connection where the client names none.
void name_instance(command& c, const std::string& connection) {
  if (auto* hello = std::get_if<session::session_hello>(&c); hello && hello->instance.empty())
    hello->instance = connection;
}

} // namespace

bool is_beginning(const command& c) noexcept {
  return std::holds_alternative<reception::contact_open>(c)
         || std::holds_alternative<registration::customer_register>(c)
         || std::holds_alternative<routing::queue_define>(c);
}

bool is_ending(const command& c) noexcept {
  constexpr std::array<std::string_view, 22> words{
      "access.revoke",    "agent.call_next",   "agent.finish_wrap_up", "agent.set_state",
      "agent.sign_in",    "agent.sign_out",    "api_key.revoke",       "contact.abandon",
      "contact.finish",   "contact.resume",    "dial.report",          "key.revoke",
      "offer.accept",     "offer.decline",     "self_service.end",     "session.beat",
      "session.close",    "session.hello",     "ticket.miss",          "user.fail_sign_in",
      "user.sign_in",     "user.sign_out"};
  return is_query(c) || std::find(words.begin(), words.end(), type_of(c)) != words.end();
}

reply hand_over_unlogged(const command_envelope& e, const std::string& place) {
  reply out;
  out.id = e.id;
  if (const auto contact = e.data.text_or("contact"); !contact.empty())
    out.data.set("contact", contact);
  out.data.set("diverted", true);
  out.data.set("to", place);
  out.data.set("unlogged", true);
  return out;
}

bool is_handed_over_unlogged(const reply& r) noexcept {
  return r.data.find("diverted") && r.data.find("unlogged");
}

reply turn_away(const command_envelope& e, problem why, const outside_places& to) {
  if (is_safety(e.type, e.data) && !planted(bug::refuses_help_when_full))
    return hand_over_unlogged(e, to.safety);
  auto out = refuse(e.id, std::move(why));
  if (out.outcome == outcome_kind::busy && e.type == reception::contact_open::type)
    out.fallback = to.fallback;
  return out;
}

intake::intake(intake_options options, const command_memory& memory, digest_function digest)
    : options_(options), memory_(memory), digest_(std::move(digest)) {}

std::size_t intake::in_flight_of(std::string_view client) const {
  const auto found = by_client_.find(std::string{client});
  return found == by_client_.end() ? 0 : found->second;
}

void intake::set_fallback(const std::string& queue, const std::string& place) {
  if (place.empty())
    fallbacks_.erase(queue);
  else
    fallbacks_[queue] = place;
}

std::int64_t intake::retry_ms(std::chrono::nanoseconds now) const {
  if (finished_.size() < 2 || now <= finished_.front())
    return retry_ms_first;
  const double each = static_cast<double>((now - finished_.front()).count())
                      / static_cast<double>(finished_.size());
  const double half = each * static_cast<double>(tickets_.size()) / 2 / 1e6;
  return std::clamp(static_cast<std::int64_t>(half) + 1, retry_ms_min, retry_ms_max);
}

void intake::say(const respond& to, reply what) {
  if (what.why)
    ++counts_[{std::string{word_of(what.outcome)}, what.why->type}];
  else
    ++plain_counts_.at(static_cast<std::size_t>(what.outcome));
  to(std::move(what));
}

outcome_counts intake::counts() const {
  auto out = counts_;
  for (std::size_t i = 0; i < plain_counts_.size(); ++i)
    if (plain_counts_[i] != 0)
      out[{std::string{word_of(static_cast<outcome_kind>(i))}, std::string{}}] = plain_counts_[i];
  return out;
}

std::string intake::fallback_of(const command_envelope& e) const {
  if (e.type != reception::contact_open::type)
    return {};
  const auto place = fallbacks_.find(std::string{e.data.text_or("queue")});
  return place == fallbacks_.end() ? options_.places.fallback : place->second;
}

void intake::say_no(const respond& to, const command_envelope& e, problem why,
                    const intake_moment& at) {
  auto out = turn_away(e, std::move(why), options_.places);
  if (is_handed_over_unlogged(out))
    ++safety_handed_over_;
  else if (out.why->type == "command.too_old" || out.why->type == "command.clock_ahead")
    out.engine_time = at.now;
  if (out.outcome == outcome_kind::busy) {
    out.retry_ms = retry_ms(at.steady);
    out.fallback = fallback_of(e);
  }
  say(to, std::move(out));
}

std::optional<problem> intake::check_id(const command_envelope& e, const intake_moment& at,
                                        bool query) const {
  if (options_.any_id)
    return std::nullopt;
  const auto id = parse_uuid7(e.id);
  if (!id)
    return because("command.id_invalid", "id");
  if (query)
    return std::nullopt;
  if (id->time() + options_.window + options_.skew < at.now)
    return because("command.too_old", "id");
  if (id->time() > at.now + options_.skew)
    return because("command.clock_ahead", "id");
  return std::nullopt;
}

bool intake::asked_before(admitted& a, const respond& answer, const intake_moment& at) {
  const auto& e = a.envelope;
  const auto reused = [&] { say_no(answer, e, because("command.id_reused", "id"), at); };
  if (const auto flying = in_flight_.find(key_of(e.source, e.id));
      flying != in_flight_.end() && !planted(bug::skips_what_is_in_flight)) {
    auto& row = tickets_.at(flying->second);
    if (row.digest != a.digest && !planted(bug::takes_any_body))
      reused();
    else if (row.waiting.size() < options_.in_flight_per_client_max)
      row.waiting.push_back(answer);
    else
      say_no(answer, e, because("engine.busy"), at);
    return true;
  }
  auto known = memory_.find(e.source, e.id);
  if (!known || planted(bug::skips_dedupe))
    return false;
  if (known->digest != a.digest && !planted(bug::takes_any_body)) {
    reused();
    return true;
  }
  if (a.safety && known->answer.why) {
    say_no(answer, e, std::move(*known->answer.why), at);
    return true;
  }
  tell_place(a.what, at.head, known->answer);
  known->answer.id = e.id;
  say(answer, std::move(known->answer));
  return true;
}

std::optional<problem> intake::check_room(const admitted& a, const intake_moment& at) const {
  if (a.safety && !at.is_full())
    return std::nullopt;
  if (at.stopping)
    return because("engine.stopping");
  if (planted(bug::has_no_busy))
    return std::nullopt;
  if (tickets_.size() >= options_.in_flight_max)
    return because("engine.busy", {}, "in flight in all");
  if (in_flight_of(a.envelope.source) >= options_.in_flight_per_client_max)
    return because("engine.busy", {}, "in flight of this client");
  if (at.room_bytes <= 0 && is_beginning(a.what))
    return because("engine.disk_full");
  if (at.is_for_ends() && !is_ending(a.what))
    return because("engine.disk_full");
  if (at.is_full() && !a.query)
    return because("engine.disk_full");
  return std::nullopt;
}

void intake::take(admitted& a, respond answer) {
  a.ticket = ++last_ticket_;
  ticket_row row;
  row.id = a.envelope.id;
  row.client = a.envelope.source;
  row.digest = a.digest;
  row.waiting.push_back(std::move(answer));
  if (!a.query) {
    row.key = key_of(row.client, row.id);
    in_flight_.emplace(row.key, a.ticket);
  }
  if (a.to == owner::reception && !a.query && !a.contact.empty()) {
    row.opening = a.contact;
    ++opening_[a.contact];
  }
  row.fallback = fallback_of(a.envelope);
  if (a.safety)
    row.help = hand_over_unlogged(a.envelope, options_.places.safety);
  ++by_client_[row.client];
  tickets_.emplace(a.ticket, std::move(row));
}

std::optional<admitted> intake::admit(command_envelope e, const std::string& connection,
                                      const intake_moment& at, respond answer) {
  admitted a;
  a.envelope = std::move(e);
  answer = under_one_id(a.envelope.id, std::move(answer));
  const auto& data = a.envelope.data;
  const auto turned_away = [&](problem why) {
    say_no(answer, a.envelope, std::move(why), at);
    return std::nullopt;
  };
  auto read = read_command(a.envelope.type, data);
  if (!read)
    return turned_away(read.error());
  a.what = std::move(*read);
  a.query = is_query(a.what);
  a.to = owner_of(a.envelope.type);
  a.safety = is_safety(a.envelope.type, data);
  a.contact = data.text_or("contact");
  if (auto wrong = check_id(a.envelope, at, a.query))
    return turned_away(std::move(*wrong));
  if (a.query)
    a.min_position =
        static_cast<position>(std::max<std::int64_t>(0, data.int_or("min_position", 0)));
  else
    a.digest = digest_(a.envelope.type, in_key_order(data_of(a.what, true)));
  name_instance(a.what, connection);
  if (!a.query && asked_before(a, answer, at))
    return std::nullopt;
  if (auto full = check_room(a, at))
    return turned_away(std::move(*full));
  take(a, std::move(answer));
  a.envelope.data = value{};
  return a;
}

void intake::finish(std::uint64_t ticket, reply with, std::chrono::nanoseconds at) {
  const auto found = tickets_.find(ticket);
  if (found == tickets_.end())
    return;
  auto row = std::move(found->second);
  tickets_.erase(found);
  in_flight_.erase(row.key);
  if (const auto open = opening_.find(row.opening); open != opening_.end() && --open->second == 0)
    opening_.erase(open);
  if (const auto mine = by_client_.find(row.client); --mine->second == 0)
    by_client_.erase(mine);
  finished_.push_back(at);
  if (finished_.size() > finished_kept)
    finished_.pop_front();
  // Whatever came in between (no key to seal with, say): a call for help is put through.
  if (row.help && with.outcome != outcome_kind::accepted
      && !planted(bug::refuses_help_when_full))
    with = *row.help;
  if (row.help && is_handed_over_unlogged(with))
    ++safety_handed_over_;
  with.id = row.id;
  if (with.outcome == outcome_kind::busy) {
    with.retry_ms = with.retry_ms.value_or(retry_ms(at));
    with.fallback = row.fallback;
  }
  for (const auto& to : row.waiting)
    say(to, with);
}

} // namespace careline::kernel
