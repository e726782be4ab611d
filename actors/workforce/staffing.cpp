#include "actors/workforce/staffing.hpp"

#include <algorithm>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cmath>
#include <limits>
#include <vector>

namespace careline::workforce {

namespace {

/// States this much less likely than the likeliest do not count.
constexpr double negligible_log = -40;

/// M/M/n+M in equilibrium: how likely k calls are in the centre, up to a common factor, as
/// logarithms, since a large centre's products leave the range of numbers.
struct line_of_states {
  std::vector<double> log_weight;
  double log_sum = 0;

  line_of_states(const work& of, int agents) {
    const double serves = 1 / of.handle_s;
    const double leaves = 1 / of.patience_s;
    double at = 0;
    double highest = 0;
    log_weight.push_back(0);
    for (int k = 1; k <= agents || at > highest + negligible_log; ++k) {
      at += std::log(of.calls_per_s
                     / (std::min(k, agents) * serves + std::max(0, k - agents) * leaves));
      highest = std::max(highest, at);
      log_weight.push_back(at);
    }
    double sum = 0;
    for (const double w : log_weight)
      sum += std::exp(w - highest);
    log_sum = highest + std::log(sum);
  }

  double probability(int k) const {
    return std::exp(log_weight[static_cast<std::size_t>(k)] - log_sum);
  }
  int highest() const { return static_cast<int>(log_weight.size()) - 1; }
};

/// Who finds somebody free, and who waits no longer than `within_s` and has the patience for it.
/// The wait that a caller of endless patience would have has the density
/// calls_per_s * P(n - 1) * exp(g(x)), and a share exp(-x / patience) is still there (Baccelli and
/// Hebuterne 1981).
double answered_in(const line_of_states& states, const work& of, int agents, double within_s) {
  double at_once = 0;
  for (int k = 0; k < agents; ++k)
    at_once += states.probability(k);
  if (agents == 0 || within_s <= 0)
    return at_once;
  const double log_first = std::log(of.calls_per_s)
                           + states.log_weight[static_cast<std::size_t>(agents - 1)]
                           - states.log_sum;
  const auto served_at = [&](double x) {
    const double left = x / of.patience_s;
    const double g = -of.calls_per_s * of.patience_s * std::expm1(-left) - agents / of.handle_s * x;
    return std::exp(log_first + g - left);
  };
  using rule = boost::math::quadrature::gauss_kronrod<double, 31>;
  return std::min(1.0, at_once + rule::integrate(served_at, 0.0, within_s, 15, 1e-10));
}

expectation refusing(const work& of, int agents) {
  expectation out;
  out.lost = erlang_b(of.erlangs(), agents);
  out.has_to_wait = out.lost;
  out.answered_in = 1 - out.lost;
  out.occupancy = agents == 0 ? 0 : of.erlangs() * (1 - out.lost) / agents;
  return out;
}

expectation patient(const work& of, int agents, double within_s) {
  expectation out;
  const double spare = agents - of.erlangs();
  out.has_to_wait = erlang_c(of.erlangs(), agents);
  if (spare <= 0) {
    out.occupancy = 1;
    out.mean_wait_s = std::numeric_limits<double>::infinity();
    return out;
  }
  out.answered_in = 1 - out.has_to_wait * std::exp(-spare * within_s / of.handle_s);
  out.mean_wait_s = out.has_to_wait * of.handle_s / spare;
  out.occupancy = of.erlangs() / agents;
  return out;
}

expectation impatient(const work& of, int agents, double within_s) {
  const line_of_states states{of, agents};
  expectation out;
  double waiting = 0;
  for (int k = agents; k <= states.highest(); ++k) {
    out.has_to_wait += states.probability(k);
    waiting += (k - agents) * states.probability(k);
  }
  out.mean_wait_s = waiting / of.calls_per_s;
  out.lost = out.mean_wait_s / of.patience_s;
  out.answered_in = answered_in(states, of, agents, within_s);
  out.occupancy = agents == 0 ? 0 : of.erlangs() * (1 - out.lost) / agents;
  return out;
}

bool reaches(const expectation& is, const target& wanted) {
  return is.answered_in >= wanted.answered_in && is.lost <= wanted.lost
         && is.occupancy <= wanted.occupancy
         && (wanted.mean_wait_s == 0 || is.mean_wait_s <= wanted.mean_wait_s);
}

} // namespace

double erlang_b(double erlangs, int servers) noexcept {
  double lost = 1;
  for (int n = 1; n <= servers; ++n)
    lost = erlangs * lost / (n + erlangs * lost);
  return lost;
}

double erlang_c(double erlangs, int servers) noexcept {
  if (servers <= erlangs)
    return 1;
  const double lost = erlang_b(erlangs, servers);
  return lost / (1 - erlangs / servers * (1 - lost));
}

expectation expect(formula by, const work& of, int agents, double within_s) {
  if (of.erlangs() == 0) {
    expectation idle;
    idle.answered_in = 1;
    return idle;
  }
  switch (by) {
  case formula::b:
    return refusing(of, agents);
  case formula::c:
    return patient(of, agents, within_s);
  case formula::a:
    break;
  }
  return impatient(of, agents, within_s);
}

int agents_for(formula by, const work& of, const target& wanted, int most) {
  if (of.erlangs() == 0)
    return 0;
  const auto enough = [&](int n) { return reaches(expect(by, of, n, wanted.within_s), wanted); };
  // More agents are never worse: find a number that is enough, then the fewest.
  int high = 1;
  while (high < most && !enough(high))
    high = std::min(most, high * 2);
  if (!enough(high))
    return -1;
  int low = 0;
  while (high - low > 1) {
    const int middle = low + (high - low) / 2;
    (enough(middle) ? high : low) = middle;
  }
  return high;
}

int scheduled_for(int agents, double shrinkage) {
  // A share such as 0.3 has no exact form; what is whole but for that stays whole.
  return static_cast<int>(std::ceil(agents / (1 - shrinkage) - 1e-9));
}

} // namespace careline::workforce
