#pragma once

#include <memory>
#include <optional>
#include <string>

#include "messages/envelope.hpp"
#include "messages/result.hpp"
#include "messages/time.hpp"
#include "messages/value.hpp"

namespace CLI {
class App;
}

namespace careline::program {

/// Which moment of which log is asked about.
struct past_place {
  std::string data;
  std::string as_of;  ///< a position, or an RFC 3339 time; empty: the running engine is asked
  /// What time it is then; absent: of a position, that of its event. Never after the log's end:
  /// what was due there is not known.
  std::optional<instant> now{};
};
void add_past_flags(CLI::App& app, past_place& into);

/// A centre as it was: its log read beside whoever has it open, folded by the models that serve up
/// to a moment, and asked what a running engine is asked. Nothing is changed.
class past_engine {
public:
  /// Folds up to there, with a progress bar. Failure: said on stderr, as an exit code.
  static result<past_engine, int> open(const past_place& place);
  past_engine(past_engine&&) noexcept;
  past_engine& operator=(past_engine&&) noexcept;
  ~past_engine();

  /// What stands in the log up to the moment answers; as of its time. Queries of the engine itself
  /// (`engine.status`) are refused.
  answer<value> query(std::string_view type, const value& data) const;
  position at() const noexcept;
  instant time() const noexcept;

private:
  struct parts;
  explicit past_engine(std::unique_ptr<parts> of);
  std::unique_ptr<parts> parts_;
};

} // namespace careline::program
