#include <algorithm>

#include "actors/routing/model.hpp"

namespace careline::routing {

namespace {

/// About half of the largest reply, in bytes of text.
constexpr std::size_t texts_bytes_max = 512 * 1024;

bool is_in(const contact& c, const agent_id& who) {
  return (c.in_talk() && c.agent == who)
         || std::any_of(c.parties.begin(), c.parties.end(),
                        [&](const party& p) { return p.agent == who; });
}

/// On record by `contact.supervised`, which names who listens.
bool listens_in(const contact& c, const agent_id& who, const std::string& client) {
  return std::any_of(c.supervisors.begin(), c.supervisors.end(),
                     [&](const supervision& s) { return s.by == who && s.client == client; });
}

/// One line as it is read. Of a person who was erased only that something was said.
answer<value> shown_line(const said_line& its, const person_id& of, const sealer& keys) {
  value one{value::map{}};
  one.add("from", word_of(its.from));
  one.add("line", its.number);
  one.add("time", to_rfc3339(its.at));
  if (its.delivered)
    one.add("delivered", true);
  if (its.text.is_clear()) {
    one.add("text", its.text.reveal());
    return one;
  }
  auto clear = keys.open(of, its.text.sealed_form());
  if (clear)
    one.add("text", std::move(*clear));
  else if (clear.error().type == "person.erased")
    one.add("erased", true);
  else
    return no(clear.error());
  return one;
}

} // namespace

/// What was said in an ended contact, as long as its agent writes it up.
const kept_talk* routing_model::written_up(const contact& c) const {
  const auto* a = find(c.agent.get());
  if (!a)
    return nullptr;
  const auto found = std::find_if(a->writes_up.begin(), a->writes_up.end(),
                                  [&](const kept_talk& t) { return t.contact == c.id; });
  return found == a->writes_up.end() ? nullptr : &*found;
}

/// Lines in clear, for the client that brought the contact and for the agents who are in it.
answer<value> routing_model::show_said(const query::contact_read& asked, const context& in) const {
  const auto about = known(asked.contact);
  if (!about)
    return no(about.error());
  const auto& c = **about;
  const bool has_ended = c.at == phase::ended;
  const auto* kept = has_ended ? written_up(c) : nullptr;
  // An agent's name is no secret: the client that signed it in speaks for it.
  const auto* a = find(asked.agent);
  const bool speaks = a && a->client == in.client;
  const bool is_its_agent = has_ended ? kept && speaks && c.agent == asked.agent
                                      : (speaks && is_in(c, asked.agent))
                                            || listens_in(c, asked.agent, in.client);
  if (asked.agent.empty() ? c.gateway != in.client : !is_its_agent)
    return no(because("security.not_allowed", "contact",
                      asked.agent.empty() ? "only the client that opened it"
                                          : "only by the client of an agent who is in it"));
  if (has_ended && !kept)
    return no(because("routing.contact_ended", "contact", std::string{c.ended_as}));
  const auto& lines = kept ? kept->lines : c.lines.get();
  const auto& person = kept ? kept->person : c.person;
  const auto said = static_cast<std::int64_t>(lines.size());
  const auto has_text = [](const said_line& one) { return !one.text.empty(); };
  const auto begin = std::find_if_not(lines.rbegin(), lines.rend(), has_text);
  const std::int64_t fallen_out = lines.rend() - begin;
  auto at = std::clamp<std::int64_t>(asked.after, fallen_out, said);
  const auto limit = std::clamp<std::int64_t>(asked.limit, 1, texts_max);
  value::list out;
  std::size_t bytes = 0;
  for (; at < said && static_cast<std::int64_t>(out.size()) < limit && bytes < texts_bytes_max;
       ++at) {
    const auto& said_then = lines[static_cast<std::size_t>(at)];
    auto one = shown_line(said_then, person, *in.keys);
    if (!one)
      return no(one.error());
    bytes += one->text_or("text").size();
    out.push_back(std::move(*one));
  }
  value v{value::map{{"contact", c.id.text()}, {"lines", std::move(out)}}};
  v.add("next", at);
  v.add("said", said);
  if (fallen_out > 0)
    v.add("first", fallen_out + 1);
  return v;
}

} // namespace careline::routing
