#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/careline/call_log_play.hpp"
#include "tools/careline/scenario_play.hpp"

namespace careline::program {

struct call_log_asked {
  std::string file;
  std::vector<std::string> days;
  std::string policy;             ///< of its queue; empty: its own
  std::optional<int> seeds;       ///< compare so many plays with the log as it was, instead
  call_log_options how;
  bool estimates = false;  ///< judge what callers were told, instead
  bool summary = false;    ///< the whole only, no days and no rows
  bool json = false;
};

/// What was recorded beside what was played, for people: the whole, then day by day, then what the
/// file's rows were like. `played_as` heads the column: "simulated", "served".
std::string call_log_table(const call_log& log, const call_scores& played,
                           std::string_view played_as, bool summary);

/// Plays the log in virtual time, telling `to` of each event. The centre as it then stands.
played play_call_log(const call_log& log, const call_log_options& how,
                     const std::function<void(const event&, instant)>& to);

/// `careline simulate --call-log`. Returns the exit code.
int simulate_call_log(const call_log_asked& what);

} // namespace careline::program
