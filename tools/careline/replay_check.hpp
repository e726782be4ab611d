#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/engine.hpp"
#include "messages/result.hpp"
#include "store/event_log.hpp"
#include "tools/careline/terminal.hpp"

namespace careline::program {

/// What came of folding a log again beside what its engine said of the first time.
struct replay_outcome {
  std::size_t compared = 0;      ///< states of all models at a position
  std::size_t of_others = 0;     ///< said by an engine of another version, and not compared
  position last = 0;             ///< the last position that was compared
  /// The first state that came out otherwise: a sentence.
  std::optional<std::string> difference;
};

/// Folds the log from its first event and compares the models' saved bytes with each
/// `engine.state_hashed` in it, to the byte: one that folds to something else was decided or taken
/// in by something that is not in the log. `version`: of this program; what others said is left
/// out.
result<replay_outcome, store::log_error>
check_replay(const store::event_log& log, std::string_view version, progress_bar& bar);

} // namespace careline::program
