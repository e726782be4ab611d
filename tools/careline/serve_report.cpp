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

/// A board further behind than this shows the past.
constexpr position board_behind_max = 10'000;
constexpr auto board_answers_within = std::chrono::seconds{1};
constexpr auto drain_within = std::chrono::seconds{10};

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
  return fmt::format("ready commands={} events={} http=http://{}", bus_->commands_address(),
                     bus_->events_address(), http_->address());
}

void serve_engine::journal(kernel::journal_level level, const std::string& line) const {
  if (static_cast<int>(level) >= rank_of(config_.log_level))
    complain(std::string{word_of(level)} + line);
}

std::string serve_engine::readiness(bool verbose, bool& ready) const {
  readiness_report out;
  out.verbose = verbose;
  const auto figures = engine_->figures();
  const auto head = log_->head();
  out.add("log", figures.room_bytes > 0, "the disk is full; only what is open goes on");
  const auto use = store::look_at_disk(config_.data, config_.disk_mib << 20U);
  if (const auto level = store::level_of(use.room, limits_of(config_));
      level == store::disk_level::warning || level == store::disk_level::alarm)
    out.note("disk", disk_sentence(use, level));
  const auto jump = figures.jumped;
  out.add("clock", !jump.has_value(),
          jump ? fmt::format("the wall clock is {} s {} engine time", to_seconds(jump->difference),
                             jump->back ? "behind" : "ahead of")
               : std::string{});
  out.add("board", figures.board_at + board_behind_max >= head,
          fmt::format("at {}, the log at {}", figures.board_at, head));
  out.add("commands", tail_to_.load() != nullptr, "the bus is closed");
  ready = out.ready;
  return out.text;
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
  in.head = log_->head();
  in.board_at = figures.board_at;
  in.room_bytes = figures.room_bytes;
  const auto use = store::look_at_disk(config_.data, config_.disk_mib << 20U);
  in.disk.emplace(use, store::level_of(use.room, limits_of(config_)));
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
  if (bus_)
    bus_->close();
  tail_to_ = nullptr;
  door_.lead_to(nullptr);
  if (engine_)
    engine_->stop();
  tail_counts_ = nullptr;
  snapshots_.reset();
  writer_.reset();
  if (heads_)
    heads_->sign_last();
  heads_.reset();
  if (keys_)
    keys_->flush();
}

serve_engine::~serve_engine() {
  stop();
}

} // namespace careline::program
