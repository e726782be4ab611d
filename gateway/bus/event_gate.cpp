#include "gateway/bus/event_gate.hpp"

#include <algorithm>

#include "messages/codec.hpp"
#include "messages/ids.hpp"
#include "messages/problem.hpp"
#include "messages/z85.hpp"

namespace careline::gateway::bus {

namespace {

/// One connection may ask for so many topics.
constexpr std::size_t topics_max = 4096;
/// A longer one is no event's.
constexpr std::size_t topic_bytes_max = 256;
/// A control character: names have none.
constexpr char refusal_end = '\n';

/// Also without its end, as clients used to ask. What they get is their own all the same.
bool is_refusal_topic_of(const client_id& client, const std::string& topic) {
  const auto own = refusal_topic(client);
  return topic == own || topic + refusal_end == own;
}

/// As it is told and written down: where it may be written down at all.
std::string word_of_topic(std::string topic) {
  if (topic.ends_with(refusal_end))
    topic.pop_back();
  return is_valid_id(topic) ? topic : std::string{};
}

std::string body_of(const std::string& topic, const problem& why) {
  value problem_map{value::map{{"type", why.type}, {"title", why.title}}};
  return pack(value{value::map{{"topic", topic}, {"problem", std::move(problem_map)}}});
}

} // namespace

std::string refusal_topic(const client_id& client) {
  return std::string{security::access_refused::type} + '/' + client.text() + refusal_end;
}

void event_gate::set_manual(zmq::socket_ref events) {
  events.set(zmq::sockopt::xpub_manual, 1);
}

event_gate::taken event_gate::take(zmq::message_t& said) {
  const auto text = said.to_string_view();
  if (text.empty() || (text.front() != 0 && text.front() != 1))
    return {};
  const std::string topic{text.substr(1)};
  const auto from = marks_of(said);
  if (text.front() == 1)
    return subscribe(from, topic);
  unsubscribe(from, topic);
  return {};
}

event_gate::subscriber& event_gate::of(const sender_marks& from) {
  auto& known = subscribers_[from.connection];
  if (known.key != from.key || known.client.empty()) {
    known = {from.key, keeper_.client_of(from.key), {}};
    known.sees = keeper_.visible_under(known.client, "");
  }
  return known;
}

/// What a topic comes to for a client: parts of it that it may see, the beat, and its own refusals.
std::set<std::string> event_gate::parts_of(const client_id& client,
                                           std::string_view topic) const {
  std::set<std::string> out;
  for (auto& part : keeper_.visible_under(client, topic))
    out.insert(std::move(part));
  for (const auto& always : {std::string{log_head_topic}, refusal_topic(client)})
    if (std::string_view{always}.starts_with(topic))
      out.insert(always);
  return out;
}

event_gate::taken event_gate::subscribe(const sender_marks& from, const std::string& topic) {
  if (from.connection < 0) {
    events_.set(zmq::sockopt::subscribe, topic);
    return {true};
  }
  auto& who = of(from);
  if (who.client.empty())
    return refuse(from, keeper_.owner_of(from.key), topic, "security.unknown_key");
  if (who.asked.size() >= topics_max || topic.size() > topic_bytes_max)
    return refuse(from, who.client, topic, "security.not_visible");
  const bool is_beat = !topic.empty() && log_head_topic.starts_with(topic);
  if (!is_beat && !is_refusal_topic_of(who.client, topic)
      && keeper_.visible_under(who.client, topic).empty())
    return refuse(from, who.client, topic, "security.not_visible");
  const bool is_first = who.asked[topic]++ == 0;
  for (const auto& part : parts_of(who.client, topic)) {
    if (is_first)
      ++who.parts[part];
    events_.set(zmq::sockopt::subscribe, part);
  }
  return {true};
}

void event_gate::unsubscribe(const sender_marks& from, const std::string& topic) {
  if (from.connection < 0) {
    events_.set(zmq::sockopt::unsubscribe, topic);
    return;
  }
  auto& who = of(from);
  const auto asked = who.asked.find(topic);
  if (asked == who.asked.end())
    return;
  if (--asked->second != 0)
    return;
  who.asked.erase(asked);
  for (const auto& part : parts_of(who.client, topic)) {
    // Where its roles have changed meanwhile a part may be new: the connection is about to end.
    const auto has = who.parts.find(part);
    if (has == who.parts.end() || --has->second != 0)
      continue;
    who.parts.erase(has);
    events_.set(zmq::sockopt::unsubscribe, part);
  }
}

event_gate::taken event_gate::refuse(const sender_marks& from, const client_id& client,
                                     const std::string& topic, std::string_view code) {
  security::access_refused said;
  said.client = client;
  said.what = security::refusal::topic;
  const auto word = word_of_topic(topic);
  said.word = topic.empty() ? "*" : word.empty() ? "?" : word;
  said.reason = code;
  said.fingerprint = fingerprint_of(from.key);
  said.host = from.address;
  keeper_.note(std::move(said));
  if (client.empty())
    return {};
  const auto answer = refusal_topic(client);
  events_.set(zmq::sockopt::subscribe, answer);
  return {false, answer, body_of(word, because(code))};
}

std::vector<int> event_gate::changed() {
  std::vector<int> out;
  const auto edition = keeper_.edition();
  if (edition == edition_)
    return out;
  edition_ = edition;
  for (const auto& [connection, who] : subscribers_) {
    const auto now = keeper_.client_of(who.key);
    if (now.empty() || now != who.client || keeper_.visible_under(now, "") != who.sees)
      out.push_back(connection);
  }
  for (const int connection : out)
    subscribers_.erase(connection);
  return out;
}

} // namespace careline::gateway::bus
