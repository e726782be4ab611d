#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messages/value.hpp"
#include "store/event_log.hpp"

namespace CLI {
class App;
}

namespace careline::program {

/// `careline log verify`, `log head` and `log key`: that a log is what was written, and what it
/// takes to show so later and elsewhere.
class log_proof {
public:
  /// Adds them to `app`, which outlives this.
  explicit log_proof(CLI::App& app);
  /// Runs the one that was parsed: its exit code; nothing when none was.
  std::optional<int> run() const;

private:
  int verify() const;
  int replay(const store::event_log& log, value& all, std::string& told) const;
  int head() const;
  int key() const;
  CLI::App* add(const char* name, const char* says);

  CLI::App& app_;
  std::string data_;
  std::string heads_;
  std::vector<std::string> keys_;
  bool replay_ = false;
  bool json_ = false;
};

} // namespace careline::program
