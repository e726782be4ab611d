#include "tools/careline/replay_check.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <utility>

#include "actors/kernel/log_check.hpp"
#include "tools/careline/serve_models.hpp"

namespace careline::program {

namespace {

using said_states = std::vector<engine::state_hashed>;

/// All that the log says of its models, by the position that it is about.
result<said_states, store::log_error> read_said(const store::event_log& log) {
  said_states out;
  store::read_options what;
  what.types = {std::string{engine::state_hashed::type}};
  for (;;) {
    const auto page = log.read(what);
    if (!page)
      return no(page.error());
    for (const auto& record : page->events) {
      const auto e = unpack_event(record.type, record.data);
      if (const auto* said = e ? std::get_if<engine::state_hashed>(&*e) : nullptr)
        out.push_back(*said);
    }
    if (page->next >= log.head() || page->next <= what.after)
      break;
    what.after = page->next;
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  return out;
}

/// The first model that is not as it was said to be.
std::optional<std::string> first_other(const std::vector<kernel::capability*>& models,
                                       const engine::state_hashed& said) {
  for (auto* model : models) {
    const auto was = said.states.find(code_word{model->name()});
    if (was == said.states.end())
      continue;
    if (const auto is = kernel::state_hash(*model); is != was->second)
      return fmt::format("folded again, {} at position {} is {}; the engine that made the log said "
                         "{}", model->name(), said.at, is, was->second);
  }
  return std::nullopt;
}

} // namespace

result<replay_outcome, store::log_error>
check_replay(const store::event_log& log, std::string_view version, progress_bar& bar) {
  constexpr position step = 10'000;
  const auto said = read_said(log);
  if (!said)
    return no(said.error());
  std::vector<std::unique_ptr<kernel::capability>> made;
  std::vector<kernel::capability*> models;
  for (const auto& make : model_kinds(config{}))
    models.push_back(made.emplace_back(make()).get());
  replay_outcome out;
  position at = 0;
  for (const auto& one : *said) {
    if (one.said_by != version) {
      ++out.of_others;
      continue;
    }
    while (at < one.at) {
      const auto to = std::min<position>(one.at, at + step);
      const auto went = kernel::fold_on(log, at, to, models);
      if (!went)
        return no(went.error());
      at = to;
      bar.show(at, said->back().at);
    }
    ++out.compared;
    out.last = at;
    out.difference = first_other(models, one);
    if (out.difference)
      break;
  }
  return out;
}

} // namespace careline::program
