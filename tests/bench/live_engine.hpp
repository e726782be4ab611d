#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gateway/bus/bus_client.hpp"

// The real program under load, for benchmarks: `careline serve` as a process, and contacts that
// come, are offered, accepted and finished over one connection.
//
// A contact is three durable, acknowledged commands: contact.open (opened, triaged, queued,
// offered), offer.accept (accepted, connected), contact.finish. Each contact in flight has an agent
// of its own.

namespace careline::bench {

using waits = std::vector<std::uint64_t>;  // µs

inline constexpr std::size_t slots_max = 256;

[[noreturn]] void give_up(const std::string& why);
/// In ms. Sorts them.
double percentile(waits& us, double share);
/// $CARELINE_BIN, or the program beside this one.
std::string program_beside();
/// The system, its processors, the compiler and how it was told to build: on the first line of each
/// benchmark.
std::string machine();
/// What this process was given and has not given back, by the allocator that serves.
std::size_t bytes_in_use();
/// Runs it in a new folder below `parent` (null or empty: the temporary one), which goes
/// afterwards.
int in_scratch_folder(const char* parent, const std::function<int(const std::string&)>& what);

/// `careline serve` at addresses of its own choice; stopped when it goes.
class engine {
public:
  explicit engine(const std::string& data, std::vector<std::string> more = {});
  ~engine();
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  double cpu_s() const;
  double private_mib() const;
  /// Takes a signal, and is waited for.
  void end(int signal);

  std::string commands;
  std::string events;
  std::string http;
  std::uint64_t ready_us = 0;  ///< from its start to its ready line

private:
  pid_t pid_ = 0;
};

struct figure {
  double per_second = 0;
  double cpu = 0;   ///< cores that the engine used
  waits offered;    ///< contact.open -> offered and durable
  waits finished;   ///< contact.open -> finished and durable
  std::uint64_t busy = 0;
};

class centre {
public:
  explicit centre(const engine& e);

  void prepare(std::size_t waiting);
  /// So many contacts at a time, each followed by the next, for so long.
  figure closed(std::size_t in_flight, std::uint64_t run_us);
  /// Contacts come when they come, however the engine fares: a wait counts from when it was due.
  figure open(double per_second, std::uint64_t run_us);
  /// Position of the log's last event.
  position head();
  /// One contact more that waits; the position of its last event.
  position one_more();
  /// Hears for so long that nobody says anything.
  void listen(std::chrono::milliseconds within) { line_->receive(within); }

private:
  enum class stage { open, accept, finish };
  struct contact {
    std::size_t slot = 0;
    stage at = stage::open;
    std::uint64_t began_us = 0;
    std::string name;
  };

  /// `as`: which of the clients says it, as one may have no more than 64 in flight.
  std::string send(std::size_t as, std::string_view type, value::map data);
  void send(contact c);
  void begin(std::size_t slot, std::uint64_t at_us);
  /// Takes one reply in and sends what follows; the slot that is free now, if one is.
  std::optional<std::size_t> take(std::chrono::milliseconds within);
  void ask_all(const std::vector<std::pair<std::string_view, value::map>>& all);
  figure measured(std::uint64_t began_us, double cpu_before);

  const engine& engine_;
  std::unique_ptr<gateway::bus::bus_client> line_;
  std::unordered_map<std::string, contact> under_way_;
  std::string run_;  ///< keeps the contacts of two runs on one log apart
  std::uint64_t names_ = 0;
  figure now_;
};

} // namespace careline::bench
