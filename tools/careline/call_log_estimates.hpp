#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "tools/careline/call_log_play.hpp"

namespace careline::program {

/// What callers were told when they began to wait, against how long they did.
struct estimate_judgement {
  routing::wait_estimate_kind kind{};
  std::vector<double> errors_s;  ///< told minus waited, of the answered who had to wait
  std::size_t untold = 0;        ///< answered after a wait, and nothing could be told them
  std::size_t gave_up = 0;       ///< hung up: how long they would have waited is not known
  std::size_t gave_up_late = 0;  ///< of these, after more than they were told
};

/// Keeps what was told and what came of it.
class estimate_judge {
public:
  explicit estimate_judge(routing::wait_estimate_kind kind) { made_.kind = kind; }
  void saw(const event& e, instant at);
  estimate_judgement take() { return std::move(made_); }

private:
  struct waiting {
    instant since{};
    std::optional<span> told;
  };
  std::unordered_map<contact_id, waiting> waiting_;
  estimate_judgement made_;
};

/// One line for each way of estimating.
std::string estimates_table(std::vector<estimate_judgement> all);
value estimates_json(std::vector<estimate_judgement> all);

/// Plays the log once for each way of estimating; the calls fare the same each time.
std::vector<estimate_judgement> judge_estimates(const call_log& log, call_log_options how);

} // namespace careline::program
