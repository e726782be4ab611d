#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string_view>

#include "messages/time.hpp"

namespace careline::program {

/// Random numbers whose drawing does not depend on the standard library's distributions: the same
/// seed gives the same day everywhere.
class dice {
public:
  explicit dice(std::uint64_t seed) : engine_(seed) {}

  /// In [0, 1).
  double unit();
  bool chance(double share) { return unit() < share; }
  double between(double from, double to) { return from + (to - from) * unit(); }
  double normal();
  double exponential(double mean);
  double lognormal(double mu, double sigma);
  /// An index, by weight. Requires: a weight above 0.
  std::size_t pick(std::span<const double> weights);

private:
  std::mt19937_64 engine_;
};

/// One kind of call of the centre whose profile the demo plays.
struct call_kind {
  std::string_view type;  ///< the source's word
  std::string_view queue; ///< the demo's queue for it
  double share = 0;
  double mu = 0;          ///< lognormal service of 10 s and more
  double sigma = 0;
  double short_share = 0; ///< services under 10 s
};
std::span<const call_kind> call_kinds() noexcept;

/// Days of the week as the centre works: five workdays, a short day, a day off.
enum class profile_day { first, second, third, fourth, fifth, short_day, off_day };

/// Mean calls in that hour (0 to 23) of that day that seek an agent.
double calls_per_hour(profile_day day, int hour) noexcept;
/// Erlangs offered in that hour of a workday: mean calls times mean service.
double erlangs_offered(int hour) noexcept;
/// The centre's own spread from day to day: standard deviation over mean of calls per workday.
inline constexpr double day_spread = 300.0 / 1980.0;

/// The hours in which the centre is open on workdays.
inline constexpr int opens_hour = 7;
inline constexpr int closes_hour = 24;

/// Share of callers whose patience is longer than `seconds` (Kaplan-Meier, served calls censored).
double still_waiting(double seconds) noexcept;
/// A caller's patience, given that it is longer than `beyond`.
span draw_patience(dice& by, span beyond = {});
/// A service time of that kind.
span draw_service(dice& by, const call_kind& kind);

} // namespace careline::program
