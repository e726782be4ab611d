#pragma once

#include <string>

#include "actors/board/model.hpp"

namespace careline::board {

/// Which figures: of the day since local midnight, or since the log began.
enum class period { day, all };

/// All figures of the board, as `board.show` answers them:
/// {"position", "time", "offset_minutes", "speed", "simulated", "centre": figures,
///  "channels": {channel: figures}, "agents": {state: n},
///  "queues": {queue: figures + "agents", "service_level_s", "oldest_since", "weight"},
///  "sites": {site: figures + "state", "agents"}, where there are any,
///  "areas": {area: "kind", "queue", "open", "site"} and
///  "tickets": {prefix: [called last: "ticket", "counter"]}, likewise,
///  "sessions": {kind: n}, "history": [60 minutes], "intervals": [up to 96]}.
/// Figures are those of docs/metrics.md; one that has no base is left out.
value show(const state& s, instant now);
/// The same of one queue alone, with its own history and intervals. Requires: it is known.
value show_queue(const state& s, const queue& q, instant now);

/// One part of the board, so that a page's frame is made of the same parts.
value centre_figures(const state& s, instant now, precision how, period of = period::day);
value channel_figures(const state& s, const channel& c, instant now, precision how,
                      period of = period::day);
value queue_figures(const state& s, const queue& q, instant now, precision how,
                    period of = period::day);
/// Of each site (R1.1.3), by its name; empty where no queue or agent names one.
value sites_figures(const state& s, instant now, precision how, period of = period::day);
/// Of each area (R2.1.4), by its name.
value areas_figures(const state& s, instant now);
value agents_of(const state_counts& counts);
/// The agents that serve a queue, by state.
state_counts agents_on(const state& s, const queue& q);

/// What `simulate --summary --json` prints: {"metrics": {name: value}, "queues": {queue: {…}}},
/// since the log began (shares from 0 to 1).
value metrics(const board_model& board, instant now, period of = period::all);
/// The same for people: one line a queue and one for the centre, under their names, and what each
/// service level means.
std::string metrics_table(const board_model& board, instant now, period of = period::all);

} // namespace careline::board
