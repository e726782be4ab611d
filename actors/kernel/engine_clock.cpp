#include "actors/kernel/engine_clock.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "messages/planted.hpp"

namespace careline::kernel {

namespace {

using std::chrono::nanoseconds;

constexpr double slew_max = 0.1;
constexpr span jump_min = 5s;

nanoseconds scaled(nanoseconds by, double speed) {
  return nanoseconds{std::llround(static_cast<double>(by.count()) * speed)};
}

instant to_instant(nanoseconds since_1970) {
  return instant{std::chrono::floor<span>(since_1970)};
}

} // namespace

engine_clock::engine_clock(instant anchor, double speed, clock_readings readings)
    : speed_(speed), readings_(std::move(readings)), engine_(anchor.time_since_epoch()),
      last_steady_(readings_.steady()) {}

nanoseconds engine_clock::advance() {
  const auto steady = readings_.steady();
  const auto passed = std::max(nanoseconds{0}, steady - last_steady_);
  last_steady_ = std::max(steady, last_steady_);
  if (speed_ != 1) {
    engine_ += scaled(passed, speed_);
    return engine_;
  }
  engine_ += passed;
  const auto most = scaled(passed, slew_max);
  const nanoseconds apart = readings_.wall().time_since_epoch() - engine_;
  engine_ += planted(bug::clock_goes_back) ? apart : std::clamp(apart, -most, most);
  return engine_;
}

instant engine_clock::now() {
  const std::lock_guard hold{mutex_};
  return to_instant(advance());
}

instant engine_clock::id_now() {
  return speed_ == 1 ? now() : readings_.wall();
}

instant engine_clock::lease_now() const {
  return to_instant(readings_.steady());
}

nanoseconds engine_clock::until(instant at) {
  const std::lock_guard hold{mutex_};
  const nanoseconds ahead = nanoseconds{at.time_since_epoch()} - advance();
  if (ahead <= nanoseconds{0})
    return nanoseconds{0};
  if (speed_ != 1)
    return scaled(ahead, 1 / speed_);
  // Drawn forward, engine time gains a tenth, but no more than it is behind.
  const nanoseconds behind = readings_.wall().time_since_epoch() - engine_;
  return std::max(scaled(ahead, 1 / (1 + slew_max)), ahead - std::max(behind, nanoseconds{0}));
}

span engine_clock::difference() {
  if (speed_ != 1)
    return span{0};
  const std::lock_guard hold{mutex_};
  return readings_.wall() - to_instant(advance());
}

std::optional<clock_jump> engine_clock::take_jump() {
  const auto apart = difference();
  const std::lock_guard hold{mutex_};
  if (std::chrono::abs(apart) <= jump_min) {
    jump_reported_ = false;
    return std::nullopt;
  }
  if (std::exchange(jump_reported_, true))
    return std::nullopt;
  return clock_jump{std::chrono::abs(apart), apart < span{0}};
}

clock_readings manual_clocks::readings() {
  return {[this] {
            const std::lock_guard hold{mutex_};
            return steady_;
          },
          [this] {
            const std::lock_guard hold{mutex_};
            return wall_;
          }};
}

void manual_clocks::go_on(std::chrono::milliseconds by) {
  const std::lock_guard hold{mutex_};
  steady_ += by;
  wall_ += by;
}

void manual_clocks::set_wall(instant to) {
  const std::lock_guard hold{mutex_};
  wall_ = to;
}

} // namespace careline::kernel
