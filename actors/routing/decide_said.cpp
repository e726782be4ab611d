#include <algorithm>

#include "actors/routing/model.hpp"

namespace careline::routing {

using kernel::decision;

namespace {

/// A keyed digest of a line: nothing of it can be read off, nor that two lines are equal.
std::string fingerprint_of(const contact_say& c, int number, const sealer& keys) {
  return keys
      .person_of("line/" + c.contact.text() + "/" + std::string{word_of(c.from)} + "/"
                 + std::to_string(number) + "/" + c.text.reveal())
      .text();
}

int last_line_of(const contact& c, speaker from) {
  int last = 0;
  for (const auto& one : c.lines)
    if (one.from == from)
      last = std::max(last, one.number);
  return last;
}

} // namespace

/// The text is sealed here already: the model keeps it as the log does, so that an erasure closes
/// what is kept as well.
routing_model::verdict routing_model::on(const contact_say& c, const context& in) const {
  const auto about = known(c.contact);
  if (!about)
    return no(about.error());
  const auto& who = **about;
  if (who.at == phase::ended)
    return no(because("routing.contact_ended", "contact", std::string{who.ended_as}));
  if (!c.text.is_clear())
    return no(because("command.field_invalid", "text", "text"));
  const int last = last_line_of(who, c.from);
  const int number = c.line.value_or(last + 1);
  if (c.line && (number < 1 || number > line_number_max))
    return no(because("command.field_invalid", "line", "a number from 1 to 1,000,000"));
  if (number > line_number_max)
    return no(because("routing.lines_full", "line", "the last line is " + std::to_string(last)));
  decision d{.reply = value{value::map{{"line", number}}}};
  auto fingerprint = fingerprint_of(c, number, *in.keys);
  const auto before =
      std::find_if(who.lines.begin(), who.lines.end(), [&](const said_line& one) {
        return one.from == c.from && one.number == number;
      });
  if (before == who.lines.end() && who.lines.size() >= lines_max)
    return no(because("routing.lines_full", {}, "at most " + std::to_string(lines_max)));
  if (before == who.lines.end()) {
    auto sealed = in.keys->seal(who.person, c.text.reveal());
    if (!sealed)
      return no(sealed.error());
    d.events.push_back(contact_said{c.contact, c.from,
                                    personal<std::string>::sealed(std::move(*sealed)), number,
                                    who.person, std::move(fingerprint)});
  } else if (!before->fingerprint.empty() && before->fingerprint != fingerprint) {
    d.refused = because("routing.line_taken", "line", "the last line is " + std::to_string(last));
    d.reply.set("line", last);
  }
  return d;
}

routing_model::verdict routing_model::on(const contact_deliver& c, const context&) const {
  const auto about = known(c.contact);
  if (!about)
    return no(about.error());
  bool is_said = false;
  bool is_new = false;
  for (const auto& one : (*about)->lines)
    if (one.number == c.line && (!c.from || one.from == *c.from)) {
      is_said = true;
      is_new = is_new || !one.delivered;
    }
  if (!is_said)
    return no(because("command.field_invalid", "line", "a line that was said"));
  decision d;
  if (is_new)
    d.events.push_back(contact_delivered{c.contact, c.line, c.from});
  return d;
}

} // namespace careline::routing
