#include "tools/careline/gateway_talk.hpp"

#include <algorithm>
#include <array>

#include "messages/codec.hpp"

namespace careline::program {

namespace {

constexpr std::size_t event_bytes_max = 4 * 1024 * 1024;

bool is_outside_place(const value& data) {
  return data.text_or("to").starts_with("external:");
}

} // namespace

value data_in(const event_record& what) {
  auto data = unpack_said(what.data, event_bytes_max);
  return data ? std::move(*data) : value{value::map{}};
}

bool is_end_of_contact(std::string_view type, const value& data) {
  constexpr std::array<std::string_view, 4> ends{
      routing::contact_finished::type, routing::contact_abandoned::type,
      routing::contact_timed_out::type, routing::contact_refused::type};
  return std::ranges::find(ends, type) != ends.end()
         || (type == routing::contact_diverted::type && is_outside_place(data));
}

std::optional<span> gateway_talk::contact::end_known() const {
  return opening_told && end_told ? std::optional{std::max(*opening_told, *end_told)}
                                  : std::nullopt;
}

const heard_command& gateway_talk::heard(command_envelope what, span at) {
  if (what.type == reception::contact_open::type)
    speaker_ = what.source;
  heard_command now{std::move(what), at, false};
  const auto first = commands_.find(now.what.id);
  now.again = first != commands_.end();
  if (!now.again)
    commands_.emplace(now.what.id, now);
  return last_[now.what.source] = std::move(now);
}

void gateway_talk::answered(const heard_command& to, const reply& with, span at) {
  if (with.outcome != outcome_kind::accepted)
    return;
  if (to.what.type == session::session_hello::type) {
    lease_taken s;
    s.name = to.what.data.text_or("name");
    s.kind = to.what.data.text_or("kind");
    s.lease = from_seconds(to.what.data.number_or("lease_s", 3));
    s.since = at;
    sessions_[s.name] = s;
    if (speaker_.empty() || !find_session(speaker_))
      speaker_ = s.name;
  }
  if (to.what.type == session::session_close::type)
    if (const auto of = sessions_.find(to.what.source); of != sessions_.end())
      of->second.open = false;
  if (to.what.type == routing::contact_abandon::type)
    end_is_told(to.what.data.text_or("contact"), at);
  if (to.what.type != reception::contact_open::type)
    return;
  auto& opened = contacts_[std::string{with.data.text_or("contact")}];
  if (!opened.opening_told)
    opened.opening_told = at;
  if (with.data.find("refused") || is_outside_place(with.data))
    end_is_told(with.data.text_or("contact"), at);
}

void gateway_talk::told(const event_record& what, span at) {
  const auto data = data_in(what);
  if (is_end_of_contact(what.type, data))
    end_is_told(data.text_or("contact"), at);
}

void gateway_talk::end_is_told(std::string_view id, span at) {
  if (id.empty())
    return;
  auto& c = contacts_[std::string{id}];
  if (!c.end_told)
    c.end_told = at;
}

void gateway_talk::happened(const event_record& what, span at) {
  const auto data = data_in(what);
  const std::string id{data.text_or("contact")};
  if (what.type == reception::contact_opened::type && commands_.contains(what.causation)) {
    auto& c = contacts_[id];
    c.id = id;
    c.channel = data.text_or("channel");
    c.command = what.causation;
  }
  if (const auto found = contacts_.find(id);
      found != contacts_.end() && !found->second.ended && is_end_of_contact(what.type, data)) {
    found->second.ended = at;
    found->second.ended_by = what.type;
  }
}

void gateway_talk::subscribed(const std::string& topic, bool taken_back) {
  if (!taken_back)
    topics_.insert(topic);
  else if (const auto found = topics_.find(topic); found != topics_.end())
    topics_.erase(found);
}

const gateway_talk::lease_taken* gateway_talk::find_session(std::string_view name) const {
  const auto found = sessions_.find(std::string{name});
  return found == sessions_.end() ? nullptr : &found->second;
}

const gateway_talk::lease_taken* gateway_talk::speaker() const {
  return find_session(speaker_);
}

const gateway_talk::contact* gateway_talk::find_contact(std::string_view id) const {
  const auto found = contacts_.find(std::string{id});
  return found == contacts_.end() || found->second.id.empty() ? nullptr : &found->second;
}

const gateway_talk::contact* gateway_talk::contact_opened_by(std::string_view command) const {
  for (const auto& [id, one] : contacts_)
    if (one.command == command)
      return &one;
  return nullptr;
}

const heard_command* gateway_talk::find_command(std::string_view id) const {
  const auto found = commands_.find(id);
  return found == commands_.end() ? nullptr : &found->second;
}

const heard_command* gateway_talk::last_of(std::string_view source) const {
  const auto found = last_.find(source);
  return found == last_.end() ? nullptr : &found->second;
}

bool gateway_talk::is_subscribed(std::string_view type) const {
  return std::ranges::any_of(topics_, [&](const auto& t) { return type.starts_with(t); });
}

bool gateway_talk::has_left() const {
  return !sessions_.empty()
         && std::ranges::none_of(sessions_, [](const auto& s) { return s.second.open; });
}

} // namespace careline::program
