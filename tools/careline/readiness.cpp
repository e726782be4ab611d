#include "tools/careline/readiness.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "actors/kernel/log_snapshots.hpp"
#include "messages/time.hpp"

namespace careline::program {

namespace {

std::string in_mib(double bytes) {
  return fmt::format("{:.0f} MiB", bytes / (1024.0 * 1024.0));
}

bool is_below(std::uint64_t now, std::uint64_t most, double share) {
  return most == 0 || static_cast<double>(now) < static_cast<double>(most) * share;
}

position behind(position at, position head) {
  return head - std::min(at, head);
}

std::string clock_figure(const engine_health& of) {
  if (!of.jumped)
    return fmt::format("{:.3f} s apart", of.clock_difference_s);
  return fmt::format("the wall clock is {} s {} engine time",
                     std::chrono::round<std::chrono::seconds>(of.jumped->difference).count(),
                     of.jumped->back ? "behind" : "ahead of");
}

std::string listed(const std::vector<std::string>& parts) {
  return parts.empty() ? "all answer" : fmt::format("no sign of life of {}",
                                                    fmt::join(parts, ", "));
}

void add_log_checks(readiness_report& to, const engine_health& of, const health_limits& by) {
  const auto room = static_cast<double>(of.room_bytes);
  to.check("log", of.room_bytes > 0,
           of.room_bytes > 0
               ? fmt::format("room for {}, {} free on the disk", in_mib(room),
                             in_mib(static_cast<double>(of.disk_free_bytes)))
               : fmt::format("{} into the reserve, {} free on the disk; only what is open goes on",
                             in_mib(-room), in_mib(static_cast<double>(of.disk_free_bytes))),
           "make room on the disk, or raise store.disk_mib and start again");
  to.check("commit", of.commit_running_s < by.commit_slow_s,
           of.commit_running_s < by.commit_slow_s
               ? fmt::format("{:.1f} ms on average, {} batches wait", of.commit_mean_s * 1000,
                             of.queued_batches)
               : fmt::format("the one that runs has taken {:.1f} s, {} batches wait",
                             of.commit_running_s, of.queued_batches),
           "look at the disk: nothing is accepted until it answers");
  to.check("readers", is_below(of.reader_slots, of.reader_slots_max, by.slots_share_max),
           fmt::format("{} of {} slots", of.reader_slots, of.reader_slots_max),
           "end commands that read the log beside the engine");
}

void add_flow_checks(readiness_report& to, const engine_health& of, const health_limits& by) {
  const auto board = behind(of.board_at, of.head);
  to.check("board", board <= by.events_behind_max,
           fmt::format("at {}, the log at {}", of.board_at, of.head),
           "it catches up by itself; look at the processor where it does not");
  const auto bus = behind(of.published_at, of.head);
  to.check("bus", bus <= by.events_behind_max,
           fmt::format("published up to {}, the log at {}", of.published_at, of.head),
           "it catches up by itself; subscribers read on from the log");
  if (of.has_keys)
    to.check("keys", of.lets_in,
             of.lets_in ? "whoever has a key can connect" : "nobody can connect to the bus",
             "start the engine anew; the journal says what ended the handler of keys");
  to.check("parts", of.silent.empty(), listed(of.silent),
           "the service manager ends and starts an engine that stays so");
  to.check("files", is_below(of.open_files, of.open_files_max, by.files_share_max),
           fmt::format("{} of {} open", of.open_files, of.open_files_max),
           "end clients that keep connections, or raise the limit of open files");
}

} // namespace

void readiness_report::say(char mark, std::string_view name, std::string_view word,
                           std::string_view figure, std::string_view to_do) {
  if (verbose_)
    text_ += fmt::format("[{}]{} {}: {}", mark, name, word, figure);
  else
    text_ += fmt::format("{}: {}", name, figure);
  if (!to_do.empty())
    text_ += fmt::format("; {}", to_do);
  text_ += '\n';
}

void readiness_report::check(std::string_view name, bool good, std::string_view figure,
                             std::string_view to_do) {
  ready_ = ready_ && good;
  if (!good)
    say('-', name, "failing", figure, to_do);
  else if (verbose_)
    say('+', name, "ok", figure, {});
}

void readiness_report::warn(std::string_view name, bool good, std::string_view figure,
                            std::string_view to_do) {
  if (verbose_)
    say(good ? '+' : '!', name, good ? "ok" : "warning", figure, good ? "" : to_do);
}

void add_checks(readiness_report& to, const engine_health& of, const health_limits& by) {
  add_log_checks(to, of, by);
  to.check("clock", !of.jumped, clock_figure(of),
           "put the machine's clock right (timedatectl); engine time is drawn to it");
  add_flow_checks(to, of, by);
  to.warn("pages", is_below(of.http_connections, of.http_connections_max, 1),
          fmt::format("{} of {} HTTP connections", of.http_connections, of.http_connections_max),
          "whoever comes next is turned away; find out who holds them");
  const auto since = behind(of.snapshot_at, of.head);
  // Under load they come late by design; one that failed is told earlier.
  const auto late = of.snapshots_failed == 0 ? 2 * kernel::snapshots_late_max : 2;
  to.warn("snapshots", of.snapshot_events == 0 || since <= late * of.snapshot_events,
          fmt::format("the newest is {} events old, {} failed", since, of.snapshots_failed),
          "the next start takes longer; the journal says why none was made");
  to.warn("state", of.state_differences == 0,
          fmt::format("{} times a live model was not what the log says", of.state_differences),
          "the log is right: start anew at a quiet moment; the journal names what differs");
  to.warn("safety", of.safety_handed_over == 0,
          fmt::format("{} handed over without an event", of.safety_handed_over),
          "confirm each with the outside place, then find out why the log took none");
}

} // namespace careline::program
