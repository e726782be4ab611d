#pragma once

#include <memory>
#include <optional>
#include <string>

#include "store/event_log.hpp"
#include "store/log_rows.hpp"
#include "tools/careline/config.hpp"
#include "tools/careline/log_lines.hpp"

namespace CLI {
class App;
}

namespace careline::program {

// What the subcommands of `careline log` have in common, and those that copy a log.

/// `--data`, of a folder that is there; as for `serve`, but for the configuration file.
void add_data_option(CLI::App& sub, std::string& into);
/// Says what is wrong with a log, and the exit code that goes with it.
int failed(const store::log_error& why);
std::string hex(const store::chain_hash& hash);

/// What the data folder takes on its disk and has left, and as lines for a person.
value disk_figures(const std::string& data, const config& with);
std::string disk_text(const value& figures);

/// How long something ran, and what that comes to: "0.31 s, 82.1 MB/s, 205,000 events/s".
class work_clock {
public:
  work_clock();
  double seconds() const;
  std::string rates(std::uint64_t bytes, std::uint64_t events) const;

private:
  std::uint64_t began_us_;
};
/// "1,234,567".
std::string grouped(std::uint64_t n);
/// "82.1 MB": for people, in powers of ten.
std::string megabytes(std::uint64_t bytes);

/// `log backup`, `restore`, `export`, `import` and `upgrade`.
class log_copies {
public:
  log_copies();
  ~log_copies();
  log_copies(const log_copies&) = delete;
  log_copies& operator=(const log_copies&) = delete;

  /// Requires: lives until `app` was parsed and `run` has returned.
  void add_to(CLI::App& app);
  /// Does what was asked for: its exit code, or nothing when it was none of these.
  std::optional<int> run() const;

private:
  struct asked;
  std::unique_ptr<asked> asked_;
};

struct export_request {
  std::string data;
  std::string file;  ///< empty: stdout
  export_format as = export_format::jsonl;
  position after = 0;
};
int export_log(const export_request& asked);

struct import_request {
  std::string data;
  std::string file;
  bool json = false;
};
int import_log(const import_request& asked);

} // namespace careline::program
