#include <algorithm>

#include "actors/routing/model.hpp"

namespace careline::routing {

void routing_model::took(const contact_said& e, instant at) {
  auto& lines = in_hand(e.contact).lines.edit();
  lines.push_back(said_line{e.from, e.line, e.fingerprint, false, at, e.text});
  if (lines.size() > texts_max)
    lines[lines.size() - texts_max - 1].text = {};
}

void routing_model::took(const contact_delivered& e, instant) {
  auto& c = in_hand(e.contact);
  if (c.lines.empty())
    return;
  for (auto& one : c.lines.edit())
    if (one.number == e.line && (!e.from || one.from == *e.from))
      one.delivered = true;
}

/// Its agent writes the contact up: until that is done what was said can still be read.
void routing_model::keep_lines(contact& c) {
  if (c.agent.empty() || c.lines.empty() || !c.in_talk())
    return;
  auto& a = staff(c.agent);
  if (!a.load.wrapping_up)
    return;
  auto& kept = a.writes_up.edit();
  if (kept.size() >= kept_talks_max)
    kept.erase(kept.begin());
  kept.push_back(kept_talk{c.id, c.person, std::move(c.lines.edit())});
}

} // namespace careline::routing
