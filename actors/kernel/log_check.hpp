#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/kernel/log_recovery.hpp"

namespace careline::kernel {

/// What a live model said of parts of its state, and where in the log it stood.
struct live_parts {
  std::string model;
  position at = 0;
  /// It has taken in every event up to `at`. Else `at` was the last one that concerns it.
  bool follows_all = false;
  std::vector<value> parts;  ///< one for each subject
};

/// A question to every live model at once that can tell where it stands. Reception cannot: it hears
/// of routing's events a moment after the log has them.
struct parts_question {
  std::vector<std::string> subjects;
  /// Called once for each model, on any thread; not at all when the engine ends before.
  std::function<void(live_parts)> told;
};
/// Asks; says how many will answer. Never blocks.
using ask_live = std::function<std::size_t(parts_question)>;

/// The parts as they are compared: without what is personal (clear in one model, sealed in the
/// other) and without what a restart makes anew.
std::vector<value> parts_of(const capability& model, const std::vector<std::string>& subjects);

/// What a folded model saves, without what a restart, or another grace, makes anew and no event
/// tells.
value saved_for_comparing(const capability& model);

/// A digest of that, packed, in hexadecimal digits.
std::string state_hash(const capability& model);

/// What is worth comparing, of the events that a fold goes past: the entities that they name, the
/// newest last, so many at most.
class subjects_seen {
public:
  explicit subjects_seen(std::size_t most) : most_(most) {}
  void take(const placed_event& e);
  std::vector<std::string> newest() const;

private:
  void take(const std::string& subject);

  std::size_t most_;
  std::vector<std::string> ring_;
  std::size_t next_ = 0;
};

struct check_outcome {
  std::uint64_t compared = 0;  ///< parts of models
  /// False: some were not compared, as they did not answer in time or were behind the log.
  bool is_whole = true;
  std::optional<std::string> difference;  ///< the first one, as a sentence without personal values
};

/// Compares the live models with models that were folded from the log (design §5.9), a few parts
/// at a time: each live model says how they are and where it stands, the fold goes on to there.
/// The live models are never stopped for it, and take each question as one more short turn.
/// `folded` stand at `at` and go on from there. `stops` ends it early; the log's failure is told.
result<check_outcome, store::log_error>
compare_with_live(const store::event_log& log, const std::vector<capability*>& folded, position at,
                  const std::vector<std::string>& subjects, const ask_live& ask,
                  const std::function<bool()>& stops);

} // namespace careline::kernel
