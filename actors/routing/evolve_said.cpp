#include <algorithm>

#include "actors/routing/model.hpp"

namespace careline::routing {

namespace {

/// Of a contact so much text is kept, and the newest line whatever its length: nobody fills the
/// memory by talking.
constexpr std::size_t text_bytes_kept = 128 * 1024;

std::size_t bytes_of(const personal<std::string>& text) {
  return text.is_sealed() ? text.sealed_form().size() : text.is_clear() ? text.reveal().size() : 0;
}

/// What has fallen out once stays out: behind it, from the newest back, there is nothing to do.
void let_old_texts_fall(std::vector<said_line>& lines) {
  std::size_t kept = 0;
  std::size_t bytes = 0;
  for (auto one = lines.rbegin(); one != lines.rend() && !one->text.empty(); ++one) {
    bytes += bytes_of(one->text);
    if (++kept > texts_max || (bytes > text_bytes_kept && kept > 1))
      one->text = {};
  }
}

} // namespace

void routing_model::took(const contact_said& e, instant at) {
  auto& lines = in_hand(e.contact).lines.edit();
  lines.push_back(said_line{e.from, e.line, e.fingerprint, false, at, e.text});
  let_old_texts_fall(lines);
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
