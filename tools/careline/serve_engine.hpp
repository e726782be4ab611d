#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "actors/kernel/caf_engine.hpp"
#include "actors/kernel/log_snapshots.hpp"
#include "gateway/bus/bus_client.hpp"
#include "gateway/bus/bus_server.hpp"
#include "gateway/http/http_server.hpp"
#include "store/event_log.hpp"
#include "store/head_signer.hpp"
#include "store/keys/key_store.hpp"
#include "store/writer.hpp"
#include "tools/careline/access_door.hpp"
#include "tools/careline/config.hpp"
#include "tools/careline/disk_watch.hpp"
#include "tools/careline/engine_watch.hpp"
#include "tools/careline/key_eraser.hpp"
#include "tools/careline/metrics.hpp"
#include "tools/careline/readiness.hpp"
#include "tools/careline/sign_in_door.hpp"
#include "tools/careline/wiring.hpp"

namespace careline::program {

/// Why serving did not begin: the exit code and the sentence that goes with it.
struct serve_failure {
  int code = 1;
  std::string sentence;
};

/// The whole engine in one process: opened in order, stopped in the other. What ends it in between
/// (a log that cannot be written, an actor that died) ends the process with a sentence.
class serve_engine {
public:
  static result<std::unique_ptr<serve_engine>, serve_failure> open(const config& with);
  /// Calls `stop`.
  ~serve_engine();
  serve_engine(const serve_engine&) = delete;
  serve_engine& operator=(const serve_engine&) = delete;

  /// "ready commands=tcp://… events=tcp://… http=http://…"
  std::string ready_line() const;
  /// Takes no more commands, answers what is in flight, syncs.
  void stop();

private:
  using done = result<void, serve_failure>;

  explicit serve_engine(const config& with);

  done open_log();
  done open_clock();
  done begin_log();
  done start_heads();
  done open_keys();
  done recover();
  done open_bus();
  done start_actors();
  done catch_up_reactions();
  done open_pages();
  done start_watch();
  /// Whom the pages ask who somebody is, where keys are on.
  void open_people(gateway::http::http_options& into);
  result<void, serve_failure> make_administrator(const std::string& server_key);
  void start_snapshots(position last);
  void start_eraser();
  void name_fallbacks();
  void on_tail(const std::vector<std::shared_ptr<const event_record>>& events);
  kernel::find_snapshot snapshot_finder() const;
  std::string readiness(bool verbose, bool& ready) const;
  std::string metrics() const;
  engine_health health() const;
  vital_signs look() const;
  std::string status() const;
  void journal(kernel::journal_level level, const std::string& line) const;
  std::string snapshots_folder() const { return config_.data + "/snapshots"; }

  config config_;
  const bool has_keys_;         ///< whoever talks to the bus needs one
  std::string bus_secret_;      ///< the engine's own, as Z85; empty: it has none
  kernel::log_birth birth_;
  position head_ = 0;           ///< where the models were recovered to
  position reacted_ = 0;        ///< routing's checkpoint
  std::unique_ptr<store::event_log> log_;
  std::unique_ptr<store::key_store> keys_;
  std::unique_ptr<kernel::engine_clock> clock_;
  std::unique_ptr<store::log_writer> writer_;
  std::unique_ptr<store::head_signer> heads_;
  std::unique_ptr<kernel::log_snapshots> snapshots_;
  std::unique_ptr<key_eraser> eraser_;
  kernel::engine_models models_;
  engine_door door_;
  access_door access_;
  board_pages pages_;
  disk_watch disk_;
  std::unique_ptr<gateway::bus::bus_server> bus_;
  std::unique_ptr<kernel::actor_engine> engine_;
  std::unique_ptr<gateway::bus::bus_subscriber> subscriber_;
  std::unique_ptr<sign_in_door> sign_in_;
  std::unique_ptr<gateway::http::http_server> http_;
  std::uint64_t open_files_max_ = 0;
  std::unique_ptr<engine_watch> watch_;
  std::atomic<engine_watch*> watching_{nullptr};  ///< for its own thread and the pages'
  std::atomic<gateway::bus::bus_server*> tail_to_{nullptr};
  std::atomic<gateway::http::http_server*> tail_shows_{nullptr};
  std::atomic<kernel::log_snapshots*> tail_counts_{nullptr};
  std::atomic<kernel::actor_engine*> compared_with_{nullptr};
  std::atomic<key_eraser*> tail_erases_{nullptr};
  bool stopped_ = false;
};

} // namespace careline::program
