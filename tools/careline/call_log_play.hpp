#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tools/careline/call_log.hpp"
#include "tools/careline/demo_profile.hpp"
#include "tools/careline/people.hpp"

namespace careline::program {

struct call_log_options {
  std::optional<int> agents;      ///< so many who can do everything; nothing: as recorded
  int more_agents = 0;            ///< beside them, who can do everything too, in the centre's hours
  bool pools_skills = false;      ///< recorded agents serve every type
  span priority_credit = 90s;     ///< of age, for priority callers: the centre's own rule
  double takes_callback = 0;      ///< share of callers who say yes when a rule offers to call back
  value policy;                   ///< fields of `queue.define` in place of the log's own; nil: none
  bool endless_patience = false;  ///< who was answered would have waited for ever
  std::uint64_t seed = 1;
  /// A recorded agent with nothing to do while callers waited for longer than this was away.
  span away_after = 300s;
  /// After each call; the log's own mean of the gaps up to a minute while others waited.
  span wrap_up = 9500ms;
  routing::wait_estimate_kind wait_estimate = routing::wait_estimate_kind::staffed;
};

/// The log as cues: the queue, its staff and its callers (docs/call-log.md says by which rules).
/// In the order of time.
std::vector<cue> cues_of(const call_log& log, const call_log_options& how);
/// The queue that all calls of a log come to, under the options' policy. The problem names what in
/// the policy is not understood.
answer<routing::queue_define> queue_of(const call_log_options& how);
contact_id contact_of(const recorded_call& call);
/// How its caller behaves: as recorded; what the log cannot know is drawn, the same for each play.
contact_manner manner_of(const recorded_call& call, const call_log_options& how);

/// A talk such as calls of that type have.
span draw_talk(dice& by, std::string_view type);

/// Seconds within which a service level is reported.
inline constexpr std::array<int, 3> service_levels{20, 30, 60};

/// What became of the calls of a day, or of all.
struct call_score {
  std::size_t offered = 0;
  std::size_t answered = 0;
  std::size_t abandoned = 0;
  std::size_t callbacks = 0;    ///< whose wait ended by asking for one: neither of the above
  double answered_wait_s = 0;   ///< summed
  double abandoned_wait_s = 0;
  std::array<std::size_t, service_levels.size()> answered_in{};
  std::array<std::size_t, service_levels.size()> abandoned_in{};

  void add_answered(span wait);
  void add_abandoned(span wait);
  void add(const call_score& other);
};

/// By day; what was recorded, or what was played.
using call_scores = std::map<std::int64_t, call_score>;
call_scores recorded_scores(const call_log& log);
call_score total(const call_scores& of);

/// Keeps the score of played calls by their events.
class call_scorer {
public:
  explicit call_scorer(const call_log& log);
  void saw(const event& e, instant at);
  const call_scores& scores() const noexcept { return scores_; }
  /// Calls that were opened and neither answered nor abandoned until now.
  std::size_t open() const noexcept { return waiting_.size(); }

private:
  struct waiting {
    std::int64_t day = 0;
    instant since{};
  };
  std::unordered_map<contact_id, std::int64_t> days_;
  std::unordered_map<contact_id, waiting> waiting_;
  call_scores scores_;
};

/// The figures of one score by contract §4's names, service levels with their seconds behind.
value figures_of(const call_score& s);

} // namespace careline::program
