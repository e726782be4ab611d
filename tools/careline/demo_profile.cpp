#include "tools/careline/demo_profile.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

namespace careline::program {

// All figures of this file are computed from the call log of 1 - 15 August 1999 of the "Anonymous
// Bank" centre (23,469 calls without PHANTOM), published by the Technion, Haifa (I. Guedj,
// A. Mandelbaum): arrivals per hour and weekday, share that seeks an agent, offered load, patience
// by Kaplan and Meier with served calls censored, and lognormal service times by type. What the
// types are called here (service, business, …) is the demo's own.

namespace {

constexpr std::array kinds{
    call_kind{"PS", "service", 0.649, 4.8760, 0.8367, 0.0488},
    call_kind{"NW", "business", 0.166, 4.4953, 0.9211, 0.0308},
    call_kind{"IN", "broadband", 0.083, 4.9046, 1.0623, 0.0253},
    call_kind{"NE", "complaint", 0.075, 5.2152, 0.8951, 0.0547},
    call_kind{"TT", "fault", 0.022, 4.2729, 1.2266, 0.2646},
    call_kind{"PE", "service-en", 0.004, 5.4550, 0.7979, 0.0400},
};

/// Calls per hour of day, by weekday: five workdays (Sunday to Thursday there), Friday, Saturday.
constexpr std::array<std::array<double, 7>, 24> calls{{
    {8.33, 9.00, 9.50, 7.00, 7.50, 8.00, 0.50},  // 0
    {3.67, 5.00, 3.00, 3.00, 1.50, 1.50, 0.50},  // 1
    {1.33, 0.00, 4.50, 1.00, 0.50, 1.00, 1.00},  // 2
    {1.33, 1.50, 0.00, 0.50, 0.00, 1.50, 0.00},  // 3
    {0.00, 0.50, 0.50, 1.50, 1.00, 1.50, 0.00},  // 4
    {1.33, 1.00, 1.50, 1.00, 1.00, 1.50, 0.00},  // 5
    {8.33, 13.00, 7.00, 3.50, 2.50, 3.00, 0.00},  // 6
    {39.00, 56.50, 63.00, 43.00, 27.00, 24.00, 0.00},  // 7
    {114.67, 95.00, 123.50, 91.50, 67.50, 73.50, 0.00},  // 8
    {166.00, 166.00, 154.50, 161.50, 114.00, 88.50, 0.50},  // 9
    {185.33, 184.50, 175.00, 174.00, 143.50, 86.50, 1.00},  // 10
    {167.00, 171.00, 170.00, 145.50, 144.50, 88.00, 0.50},  // 11
    {148.67, 146.00, 156.50, 137.50, 134.50, 104.00, 2.00},  // 12
    {148.00, 147.00, 151.00, 120.00, 106.50, 71.50, 0.00},  // 13
    {155.33, 146.50, 151.00, 129.50, 133.50, 37.50, 1.00},  // 14
    {154.33, 145.50, 161.00, 131.50, 128.00, 19.00, 0.00},  // 15
    {166.00, 125.00, 160.50, 128.50, 115.00, 18.50, 2.50},  // 16
    {139.00, 113.00, 124.50, 100.00, 91.00, 11.50, 2.50},  // 17
    {88.00, 113.00, 144.50, 112.00, 89.00, 6.00, 1.00},  // 18
    {61.33, 94.50, 100.50, 75.50, 54.00, 0.50, 2.50},  // 19
    {71.33, 158.50, 81.50, 72.50, 72.50, 2.00, 12.50},  // 20
    {70.67, 134.00, 105.50, 75.50, 91.00, 1.00, 49.50},  // 21
    {50.33, 116.50, 95.50, 57.50, 84.50, 1.00, 74.00},  // 22
    {35.33, 67.00, 83.00, 46.00, 48.00, 0.50, 41.00},  // 23
}};

/// Of those, the share that does not leave in the voice menu.
constexpr std::array<double, 24> seeking{
    0.044, 0.000, 0.000, 0.000, 0.000, 0.000, 0.181, 0.974, 0.984, 0.956, 0.964, 0.971,
    0.976, 0.976, 0.975, 0.966, 0.961, 0.970, 0.945, 0.940, 0.737, 0.738, 0.860, 0.899};

constexpr std::array<double, 24> erlangs{
    0.01, 0.00, 0.00, 0.00, 0.00, 0.00, 0.03, 2.50, 4.74, 8.62, 10.90, 9.16, 8.00, 6.91,
    7.59, 8.15, 7.05, 5.19, 4.60, 3.34, 3.21, 2.69, 2.94, 2.14};

/// Seconds, and the share of callers who would wait longer.
constexpr std::array<std::pair<int, double>, 51> patience{{
    {0,0.99822}, {10,0.95965}, {20,0.91242}, {30,0.88689}, {40,0.86606}, {50,0.84149},
    {60,0.80570}, {70,0.77778}, {80,0.75667}, {90,0.73436}, {100,0.72225}, {110,0.71119},
    {120,0.70133}, {130,0.68969}, {140,0.67811}, {150,0.66602}, {160,0.65457},
    {170,0.64231}, {180,0.63197}, {190,0.62339}, {200,0.61532}, {210,0.60939},
    {220,0.60223}, {230,0.59444}, {240,0.58630}, {250,0.57848}, {260,0.57164},
    {270,0.56408}, {280,0.55721}, {290,0.54985}, {300,0.54246}, {330,0.51925},
    {360,0.50155}, {390,0.48383}, {420,0.46726}, {450,0.45612}, {480,0.43655},
    {510,0.42268}, {540,0.40612}, {570,0.39148}, {600,0.37977}, {660,0.36182},
    {720,0.32163}, {780,0.31676}, {840,0.29602}, {900,0.27231}, {960,0.27231},
    {1020,0.26142}, {1080,0.23964}, {1140,0.22822}, {1200,0.21681}}};

/// Behind the table's end: the hazard of its last ten minutes, per second.
constexpr double late_hazard = 0.0012;

} // namespace

double dice::unit() {
  return static_cast<double>(engine_() >> 11U) * 0x1.0p-53;
}

double dice::normal() {
  const double u = 1 - unit();
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * unit());
}

double dice::exponential(double mean) {
  return -mean * std::log(1 - unit());
}

double dice::lognormal(double mu, double sigma) {
  return std::exp(mu + sigma * normal());
}

std::size_t dice::pick(std::span<const double> weights) {
  double sum = 0;
  for (const auto w : weights)
    sum += w;
  double at = unit() * sum;
  std::size_t i = 0;
  while (i + 1 < weights.size() && at >= weights[i])
    at -= weights[i++];
  return i;
}

std::span<const call_kind> call_kinds() noexcept {
  return kinds;
}

double calls_per_hour(profile_day day, int hour) noexcept {
  const auto h = static_cast<std::size_t>(hour);
  return calls[h][static_cast<std::size_t>(day)] * seeking[h];
}

double erlangs_offered(int hour) noexcept {
  return erlangs[static_cast<std::size_t>(hour)];
}

double still_waiting(double seconds) noexcept {
  const auto after =
      std::ranges::find_if(patience, [&](const auto& p) { return p.first > seconds; });
  if (after == patience.end())
    return patience.back().second
           * std::exp(-late_hazard * (seconds - patience.back().first));
  if (after == patience.begin())
    return 1;
  const auto& [t0, s0] = *std::prev(after);
  const auto& [t1, s1] = *after;
  return s0 + (s1 - s0) * (seconds - t0) / (t1 - t0);
}

span draw_patience(dice& by, span beyond) {
  const double share = still_waiting(to_seconds(beyond)) * (1 - by.unit());
  if (share >= patience.front().second)
    return beyond;
  if (share <= patience.back().second)
    return from_seconds(patience.back().first
                        + std::log(patience.back().second / share) / late_hazard);
  const auto after =
      std::ranges::find_if(patience, [&](const auto& p) { return p.second < share; });
  const auto& [t0, s0] = *std::prev(after);
  const auto& [t1, s1] = *after;
  return std::max(beyond, from_seconds(t0 + (t1 - t0) * (s0 - share) / (s0 - s1)));
}

span draw_service(dice& by, const call_kind& kind) {
  if (by.chance(kind.short_share))
    return from_seconds(by.between(1, 10));
  return from_seconds(std::max(10.0, by.lognormal(kind.mu, kind.sigma)));
}

} // namespace careline::program
