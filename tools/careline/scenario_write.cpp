#include <fmt/format.h>

#include "messages/json.hpp"
#include "tools/careline/scenario.hpp"

namespace careline::program {

namespace {

value seconds(span s) {
  return s.count() % 1000 == 0 ? value{std::int64_t{s.count() / 1000}} : value{to_seconds(s)};
}

/// What differs from a person of whom a scenario says nothing.
value sim_of(const agent_manner& how) {
  value out{value::map{}};
  out.add("answer_after_s", how.answer_after ? seconds(*how.answer_after) : value{});
  if (how.wrap_up)
    out.add("wrap_up_s", seconds(*how.wrap_up));
  if (how.declines)
    out.add("declines", word_of(*how.declines));
  if (how.back_after)
    out.add("back_after_s", seconds(*how.back_after));
  return out;
}

value sim_of(const contact_manner& how) {
  const contact_manner usual;
  value out{value::map{}};
  if (how.patience)
    out.add("patience_s", seconds(*how.patience));
  if (how.talk)
    out.add("talk_s", seconds(*how.talk));
  if (how.returns_after)
    out.add("returns_after_s", seconds(*how.returns_after));
  if (how.takes_callback)
    out.add("takes_callback", true);
  if (how.dial != usual.dial)
    out.add("dial", word_of(how.dial));
  if (how.dial_after != usual.dial_after)
    out.add("dial_s", seconds(how.dial_after));
  return out;
}

} // namespace

std::string scenario_text(const std::vector<cue>& cues, std::string_view name, instant start,
                          std::uint64_t seed) {
  value head{value::map{}};
  head.add("scenario", name);
  head.add("start", to_rfc3339(start, 480));
  head.add("seed", static_cast<std::int64_t>(seed));
  auto out = to_json(head) + "\n";
  for (const auto& c : cues) {
    value line{value::map{}};
    line.add("at", seconds(c.at - start));
    line.add("type", type_of(c.what));
    line.add("data", data_of(c.what, true));
    if (c.agent)
      line.add("sim", sim_of(*c.agent));
    if (c.contact)
      line.add("sim", sim_of(*c.contact));
    out += to_json(line);
    out += '\n';
  }
  return out;
}

} // namespace careline::program
