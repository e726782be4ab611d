#include "tools/careline/call_log_what_if.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <unordered_set>

#include "actors/board/show.hpp"
#include "messages/json.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/comparison.hpp"

namespace careline::program {

namespace {

/// Callers apart whom the centre's rule lets go before others.
constexpr std::string_view first = "priority.";
constexpr std::string_view others = "others.";

std::vector<compared_metric> metrics() {
  auto out = usual_metrics();
  for (const auto group : {first, others})
    for (const auto& [name, as] : {std::pair{"abandon_rate", shown_as::share},
                                   std::pair{"asa_s", shown_as::seconds},
                                   std::pair{"wait_p90_s", shown_as::seconds}})
      out.push_back({std::string{group} + name, as});
  return out;
}

void add_group(value& to, std::string_view group, const wait_tally& of) {
  const auto figures = of.figures();
  for (const auto& [name, figure] : *figures.as<value::map>())
    to.set(std::string{group} + name, figure);
}

value recorded_figures(const call_log& log) {
  auto out = figures_of(total(recorded_scores(log)));
  for (const auto* level : {"sl_late", "sl_strict", "sl_offered", "sl_answered"})
    if (const auto* figure = out.find(fmt::format("{}_{}", level, service_levels.front())))
      out.set(level, *figure);
  wait_tally all;
  wait_tally ahead;
  wait_tally behind;
  span longest{};
  for (const auto& call : log.calls) {
    longest = std::max(longest, call.wait);
    for (auto* tally : {&all, call.priority ? &ahead : &behind})
      call.end == call_end::answered ? tally->answered(call.wait) : tally->abandoned();
  }
  all.complete(out);
  out.set("longest_wait_s", to_seconds(longest));
  add_group(out, first, ahead);
  add_group(out, others, behind);
  return out;
}

value play_one(const call_log& log, const call_log_options& how) {
  std::unordered_set<contact_id> go_first;
  for (const auto& call : log.calls)
    if (call.priority)
      go_first.insert(contact_of(call));
  wait_tally all;
  wait_tally ahead;
  wait_tally behind;
  const auto done = play_call_log(log, how, [&](const event& e, instant at) {
    all.saw(e, at);
    (go_first.contains(contact_of(e)) ? ahead : behind).saw(e, at);
  });
  auto out = board::centre_figures(done.centre->board().state(), done.ended,
                                   board::precision::exact, board::period::all);
  all.complete(out);
  add_group(out, first, ahead);
  add_group(out, others, behind);
  return out;
}

bool is_changed(const call_log_options& how) {
  return how.agents || how.more_agents > 0 || how.pools_skills || !how.policy.is_nil()
         || how.takes_callback > 0 || how.priority_credit != call_log_options{}.priority_credit;
}

} // namespace

result<void, bad_file> read_call_log_policy(const std::string& file, call_log_options& into) {
  const auto text = read_text(file);
  if (!text)
    return no(text.error());
  const auto bad = [&](std::string sentence) { return no(bad_file{file, 0, std::move(sentence)}); };
  scenario nothing;
  nothing.texts.reserve(1);  // its lines look into the texts
  if (auto done = replace_policy(nothing, file, *text); !done)
    return done;
  const auto own = queue_of({})->queue.text();
  if (nothing.lines.size() != 1 || nothing.lines.front().type != "queue.define"
      || nothing.lines.front().data.text_or("queue") != own)
    return bad(fmt::format("a call log's policy is one queue.define, of the queue \"{}\"", own));
  into.policy = nothing.lines.front().data;
  if (const auto queue = queue_of(into); !queue) {
    const auto& why = queue.error();
    return bad(fmt::format("the queue is not understood: {}{}{}", why.field,
                           why.field.empty() ? "" : ": ", why.detail));
  }
  return {};
}

call_log_options as_recorded(call_log_options how) {
  const call_log_options usual;
  how.agents = usual.agents;
  how.more_agents = usual.more_agents;
  how.pools_skills = usual.pools_skills;
  how.priority_credit = usual.priority_credit;
  how.takes_callback = usual.takes_callback;
  how.policy = usual.policy;
  return how;
}

int compare_call_log(const call_log& log, const call_log_options& how, int seeds, bool json) {
  comparison all{metrics()};
  all.was_recorded(recorded_figures(log));
  const bool two = is_changed(how);
  for (int seed = 0; seed < seeds; ++seed) {
    auto other = how;
    other.seed = how.seed + static_cast<std::uint64_t>(seed);
    all.as_it_was(play_one(log, as_recorded(other)));
    if (two)
      all.otherwise(play_one(log, other));
  }
  if (!json)
    return print(fmt::format("{} calls; {}\n\n", log.calls.size(), seeds_sentence(seeds, two))
                 + all.table())
               ? exit_code::done
               : exit_code::work_failed;
  value out{value::map{}};
  out.add("calls", static_cast<std::int64_t>(log.calls.size()));
  out.add("seeds", seeds);
  out.add("metrics", all.json());
  return print(to_json(out) + "\n") ? exit_code::done : exit_code::work_failed;
}

} // namespace careline::program
