#include <chrono>
#include <fmt/format.h>
#include <future>

#include "actors/board/show.hpp"
#include "tools/careline/disk_watch.hpp"
#include "tools/careline/serve_engine.hpp"
#include "tools/careline/terminal.hpp"

// What a serving engine says of itself, and how it ends.

namespace careline::program {

namespace {

constexpr auto board_answers_within = std::chrono::seconds{1};
constexpr auto drain_within = std::chrono::seconds{10};
/// Both together well within the unit's TimeoutStopSec.
constexpr auto sign_within = std::chrono::seconds{15};

double seconds_of(std::uint64_t us) {
  return static_cast<double>(us) / 1e6;
}

int rank_of(std::string_view level) {
  return level == "debug" || level == "info" ? 0 : level == "warning" ? 1 : 2;
}

std::string_view word_of(kernel::journal_level level) {
  switch (level) {
    case kernel::journal_level::info: return "";
    case kernel::journal_level::warning: return "warning: ";
    case kernel::journal_level::error: return "error: ";
  }
  return "";
}

} // namespace

std::string serve_engine::ready_line() const {
  return fmt::format("ready commands={} events={} http={}://{}", bus_->commands_address(),
                     bus_->events_address(), config_.certificate.empty() ? "http" : "https",
                     http_->address());
}

void serve_engine::journal(kernel::journal_level level, const std::string& line) const {
  if (static_cast<int>(level) >= rank_of(config_.log_level))
    complain(std::string{word_of(level)} + line);
}

engine_health serve_engine::health() const {
  const auto engine = engine_->figures();
  const auto log = log_->usage();
  const auto writer = writer_->figures();
  const auto bus = bus_->figures();
  const auto http = http_->figures();
  const auto process = read_process_figures();
  engine_health h;
  h.room_bytes = engine.room_bytes;
  h.disk_free_bytes = log.disk_free_bytes;
  h.commit_running_s = seconds_of(writer.running_us);
  h.commit_mean_s = seconds_of(writer.mean_commit_us);
  h.queued_batches = writer.queued;
  h.clock_difference_s = to_seconds(clock_->difference());
  h.jumped = engine.jumped;
  h.head = log_->head();
  h.board_at = engine.board_at;
  h.published_at = bus.published_at;
  h.has_keys = has_keys_;
  h.lets_in = bus.lets_in;
  h.in_flight = engine.in_flight;
  if (const auto* watch = watching_.load())
    h.silent = watch->silent();
  h.reader_slots = log.reader_slots;
  h.reader_slots_max = log.reader_slots_max;
  h.open_files = process.open_files;
  h.open_files_max = process.open_files_max;
  h.http_connections = http.connections;
  h.http_connections_max = http.connections_max;
  h.snapshot_at = snapshots_->newest();
  h.snapshot_events = config_.snapshot_events;
  h.snapshots_failed = snapshots_->failed();
  h.state_differences = snapshots_->differences();
  h.safety_handed_over = engine.safety_handed_over + door_.safety_handed_over();
  return h;
}

std::string serve_engine::readiness(bool verbose, bool& ready) const {
  readiness_report out{verbose};
  health_limits limits;
  limits.commit_slow_s = config_.commit_slow_s;
  add_checks(out, health(), limits);
  const auto room = log_->usage().room;
  const auto level = store::level_of(room, limits_of(config_));
  out.warn("disk", level == store::disk_level::ok || level == store::disk_level::full,
           disk_sentence(room), "raise store.disk_mib or move the log (careline help log)");
  ready = out.is_ready();
  return out.text();
}

std::string serve_engine::status() const {
  bool ready = false;
  const auto why_not = readiness(false, ready);
  return ready ? "ready" : "not ready: " + why_not.substr(0, why_not.find('\n'));
}

vital_signs serve_engine::look() const {
  vital_signs seen;
  seen.now = machine_clocks().steady();
  const auto bus = bus_->figures();
  seen.turns = {{"bus", bus.turns}, {"http", http_->figures().beats}};
  if (has_keys_)
    seen.turns["keys"] = bus.key_turns;
  seen.actors = engine_->figures().actors;
  seen.commit_running = std::chrono::microseconds{writer_->figures().running_us};
  engine_->pulse();
  return seen;
}

std::string serve_engine::metrics() const {
  metrics_input in;
  const auto told = std::make_shared<std::promise<value>>();
  auto board = told->get_future();
  if (engine_->visit_board([told](kernel::capability& of, position, instant now) {
        told->set_value(board::show(static_cast<const board::board_model&>(of).state(), now));
      })
      && board.wait_for(board_answers_within) == std::future_status::ready)
    in.board = board.get();
  const auto figures = engine_->figures();
  in.bus = bus_->figures();
  in.http = http_->figures();
  in.writer = writer_->figures();
  in.commands = figures.commands;
  in.commands_in_flight = figures.in_flight;
  in.slow_handlers = figures.slow_handlers;
  in.safety_handed_over = figures.safety_handed_over + door_.safety_handed_over();
  in.snapshots = snapshots_->written();
  in.snapshot_failures = snapshots_->failed();
  in.snapshot_at = snapshots_->newest();
  in.parts_compared = snapshots_->compared();
  in.state_differences = snapshots_->differences();
  in.log = log_->usage();
  in.reserve_bytes = log_->reserve_bytes();
  in.actors = figures.actors;
  in.deliveries_waiting = figures.deliveries_waiting;
  if (const auto* watch = watching_.load())
    in.silent_parts = watch->silent().size();
  in.head = log_->head();
  in.board_at = figures.board_at;
  in.room_bytes = figures.room_bytes;
  in.disk_level = store::level_of(log_->usage().room, limits_of(config_));
  in.engine_time_s = static_cast<double>(to_ms(clock_->now())) / 1000.0;
  in.clock_difference_s = to_seconds(clock_->difference());
  in.speed = clock_->speed();
  readiness(false, in.ready);
  in.process = read_process_figures();
  return metrics_text(in);
}

void serve_engine::stop() {
  if (std::exchange(stopped_, true))
    return;
  if (watch_)
    watch_->stopping();
  if (engine_) {
    // The engine says no first, as it knows whom it must not say no to; then the bus, to all.
    engine_->stop_taking();
    const bool is_drained = engine_->drain(drain_within);
    if (bus_)
      bus_->stop_taking();
    if (!is_drained || !engine_->drain(drain_within))
      journal(kernel::journal_level::warning, "some commands were not answered in time");
  }
  subscriber_.reset();
  pages_.lead_to(nullptr);
  if (http_)
    http_->close();
  sign_in_.reset();
  if (bus_)
    bus_->close();
  tail_to_ = nullptr;
  tail_shows_ = nullptr;
  door_.lead_to(nullptr);
  access_.lead_to({});
  if (engine_)
    engine_->stop();
  // All is durable: from here on no commit can keep us.
  watching_ = nullptr;
  watch_.reset();
  // First the writer: it may be telling the snapshots of its last group.
  writer_.reset();
  tail_erases_ = nullptr;
  eraser_.reset();
  tail_counts_ = nullptr;
  compared_with_ = nullptr;
  snapshots_.reset();
  if (heads_)
    heads_->sign_last(sign_within);
  heads_.reset();
  if (keys_)
    keys_->flush();
}

serve_engine::~serve_engine() {
  stop();
}

} // namespace careline::program
