#pragma once

#include <string>
#include <vector>

#include "tools/careline/demo_profile.hpp"
#include "tools/careline/people.hpp"

namespace careline::program {

struct demo_day_options {
  instant start{};                           ///< engine time at which the day is joined
  std::uint64_t seed = 1;
  int agents = 16;
  profile_day day = profile_day::first;
  int start_hour = 10;                       ///< the day's own clock then: in the middle of it
};

/// The demo's customers and staff, hour by hour, out of the published profile: invented people,
/// real rhythm. The day runs on its own clock, which shows `start_hour` at `start`; the hours in
/// which the centre is closed are left out, so that the next morning follows the night.
class demo_day {
public:
  explicit demo_day(demo_day_options options);

  /// Queues, and agents at their desks. To be played before anything else.
  std::vector<cue> opening();
  /// What is laid down for the next hour, in the order of time.
  std::vector<cue> next_hour();
  /// Engine time up to which `next_hour` has told everything.
  instant told_until() const noexcept { return hour_start_; }
  std::vector<agent_id> agents() const;

private:
  int wanted_agents() const;
  void staff(std::vector<cue>& out);
  void breaks(std::vector<cue>& out);
  void arrivals(std::vector<cue>& out);
  cue arrival(instant at);
  void next_clock();

  demo_day_options options_;
  dice dice_;
  instant hour_start_{};
  profile_day day_;
  int hour_;
  double day_factor_ = 1;
  int on_duty_ = 0;
  std::string run_;        ///< keeps the contacts of two runs apart
  std::uint64_t opened_ = 0;
};

/// What is said in a chat from its connection on, line after line, for as long as it lasts.
std::vector<cue> chat_lines(const contact_id& contact, instant connected, span talk, bool english,
                            dice& by);

/// "mon" … "sun": five workdays, a short day, a day off. Nothing for another word.
std::optional<profile_day> read_day(std::string_view word) noexcept;

} // namespace careline::program
