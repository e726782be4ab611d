#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "messages/ids.hpp"

namespace careline::reception {

/// One row of the triage table (R2.1.3): a need that holds the word leads to the queue.
struct triage_row {
  std::string need;  ///< as the person says, presses or chooses it
  queue_id queue;
  std::string duty;  ///< consult, business, fault, complaint, support (R1.1.1); may be empty
};

/// Where a need leads, and how sure that is.
struct triage {
  queue_id queue;
  std::string duty;
  double confidence = 0;  ///< 1 the need is the word itself, 0.8 it holds words of one queue only,
                          ///< 0.4 of several, 0 of none
};

/// Below this the default queue takes the contact (R2.1.4).
inline constexpr double confidence_min = 0.5;

/// Looks a need up. ASCII letters count alike in either case; the longest word found decides.
triage triage_need(const std::vector<triage_row>& table, std::string_view need);

} // namespace careline::reception
