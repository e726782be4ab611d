#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace careline::simulation {

/// What goes wrong. All of it may happen in every run.
enum class fault {
  crash,            ///< the process is killed between two steps
  machine_dies,     ///< ... and what was written but not synced is lost, or there after all
  write_fails,
  sync_fails,
  disk_full,        ///< for some seconds
  second_engine,    ///< is started on the same data, and the lock does not hold
  old_snapshot,     ///< a snapshot of another log lies among ours
  snapshot_made,    ///< no fault, but it has to be right whenever it is made
  clock_forward,    ///< of the machine's wall clock
  clock_back,
  command_lost,
  command_doubled,
  command_late,
  command_cut,      ///< bytes are missing
  reply_lost,
  reply_doubled,
  reply_late,
  event_lost,
  event_doubled,
  event_late,
  client_gone,      ///< for some seconds, with or without its memory
  subscriber_slow,  ///< reads nothing for some seconds
  id_reused,        ///< by a client that makes ids badly: another command under a used one
  flood,            ///< one client asks for more at once than it may
  count_
};
inline constexpr std::size_t fault_kinds = static_cast<std::size_t>(fault::count_);

/// When the dice are thrown for it.
enum class moment { step, commit, message, second };

struct fault_row {
  fault what;
  std::string_view name;
  moment when;
  int per_100k;  ///< of such moments
};

/// How often, in one table.
inline constexpr std::array<fault_row, fault_kinds> fault_rows{{
    {fault::crash, "crash", moment::step, 25},
    {fault::machine_dies, "machine dies", moment::step, 20},
    {fault::write_fails, "write fails", moment::commit, 60},
    {fault::sync_fails, "sync fails", moment::commit, 120},
    {fault::disk_full, "disk full", moment::second, 600},
    {fault::second_engine, "second engine", moment::second, 800},
    {fault::old_snapshot, "snapshot of another log", moment::second, 500},
    {fault::snapshot_made, "snapshot made", moment::second, 3000},
    {fault::clock_forward, "clock jumps forward", moment::second, 500},
    {fault::clock_back, "clock jumps back", moment::second, 500},
    {fault::command_lost, "command lost", moment::message, 1500},
    {fault::command_doubled, "command doubled", moment::message, 1500},
    {fault::command_late, "command late", moment::message, 1500},
    {fault::command_cut, "command cut", moment::message, 200},
    {fault::reply_lost, "reply lost", moment::message, 1500},
    {fault::reply_doubled, "reply doubled", moment::message, 800},
    {fault::reply_late, "reply late", moment::message, 1500},
    {fault::event_lost, "event lost", moment::message, 300},
    {fault::event_doubled, "event doubled", moment::message, 300},
    {fault::event_late, "event late", moment::message, 300},
    {fault::client_gone, "client gone", moment::second, 3000},
    {fault::subscriber_slow, "subscriber slow", moment::second, 1500},
    {fault::id_reused, "id reused", moment::second, 3000},
    {fault::flood, "flood", moment::second, 600},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < fault_kinds; ++i)
    if (fault_rows[i].what != static_cast<fault>(i))
      return false;
  return true;
}
static_assert(in_order());

using fault_counts = std::array<std::uint64_t, fault_kinds>;

} // namespace careline::simulation
