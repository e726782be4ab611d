#pragma once

namespace careline::workforce {

/// Work that comes to one group of agents while nothing about it changes: calls at random, at a
/// steady rate. All times in seconds.
struct work {
  double calls_per_s = 0;
  double handle_s = 0;    ///< mean of talk, hold and wrap-up
  double patience_s = 0;  ///< mean; 0: nobody ever hangs up
  /// Agents that would be busy all the time: rate times handle time.
  double erlangs() const noexcept { return calls_per_s * handle_s; }
};

/// Which formula stands for the centre. `b`: who finds nobody free is refused. `c`: waits for as
/// long as it takes. `a`: waits, and hangs up when its patience is over.
enum class formula { b, c, a };

/// What a formula says of so many agents.
struct expectation {
  double has_to_wait = 0;    ///< share of the calls that find nobody free
  double answered_in = 0;    ///< share of all calls answered within the asked time: `sl_strict`
  double mean_wait_s = 0;    ///< of all calls, also of those that hang up
  double lost = 0;           ///< share refused (b) or abandoned (a)
  double occupancy = 0;      ///< share of an agent's time that is busy
};

/// Erlang's loss formula: the share of calls that find all `servers` busy. 1 for no servers.
double erlang_b(double erlangs, int servers) noexcept;
/// The share of calls that wait where nobody hangs up. 1 for too few servers.
double erlang_c(double erlangs, int servers) noexcept;

/// Where calls outnumber what the agents can do and nobody hangs up, all wait for ever: the share
/// answered is 0, the mean wait infinite, the occupancy 1.
/// Requires: rates and times not below 0, patience above 0 for `a`, which takes time and memory by
/// the number of people that may be in the centre at once.
expectation expect(formula by, const work& of, int agents, double within_s);

/// What is wanted of the service. What is not asked for is 0 or 1 and does not count.
struct target {
  double within_s = 20;
  double answered_in = 0;     ///< at least
  double mean_wait_s = 0;     ///< at most; 0: not asked for
  double lost = 1;            ///< at most
  double occupancy = 1;       ///< at most; all models: what agents can bear
};

/// The fewest agents that reach the target; 0 where there is no work, -1 where `most` are not
/// enough.
int agents_for(formula by, const work& of, const target& wanted, int most = 100'000);

/// Heads on the plan for so many at work: `shrinkage` is the share of paid time in which an agent
/// is not there (breaks, training, illness). Requires: 0 <= shrinkage < 1.
int scheduled_for(int agents, double shrinkage);

} // namespace careline::workforce
