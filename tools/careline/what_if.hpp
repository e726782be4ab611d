#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/event_log.hpp"
#include "tools/careline/report_books.hpp"
#include "tools/careline/scenario.hpp"

namespace careline::program {

/// How long people wait before they give up, when those who were answered did not say: the estimate
/// of Kaplan and Meier, in which they count for as long as they waited.
class patience_curve {
public:
  /// `gave_up` false: was answered, or sent elsewhere, after that wait.
  void add(span wait, bool gave_up);
  /// The share still there after so long.
  double still_there(span wait) const;
  /// A patience longer than `beyond`, for `unit` in [0, 1). Past the last who gave up with the rate
  /// of all; endless where nobody ever did.
  std::optional<span> draw(span beyond, double unit) const;

private:
  void settle() const;
  std::vector<std::pair<span, bool>> waits_;
  mutable std::vector<std::pair<span, double>> curve_;  ///< share after each that gave up
  mutable double rate_per_ms_ = 0;
  mutable bool settled_ = false;
};

/// A contact as a log has it: what came, and what it would have done.
struct logged_contact {
  instant opened{};
  reception::contact_open open;   ///< without what is sealed; its need as the queue it led to
  std::optional<span> gave_up;    ///< after so long
  span waited{};                  ///< at least so patient
  std::optional<span> talked;     ///< in all its talks
};

/// All that a log says of a centre's people and their queues.
struct logged_people {
  instant start{};
  instant end{};
  int offset_minutes = 480;
  std::vector<logged_contact> contacts;
  std::vector<scenario_line> lines;      ///< queues and agents, as they were said
  patience_curve patience;
  std::map<std::string, std::vector<span>> talks;  ///< by channel
  value recorded;        ///< the centre's figures as they were
  std::map<std::string, agent_manner> manners;     ///< by agent: its own mean times
  agent_manner usual_manner;                       ///< of all; for who was not there
  std::size_t left_out = 0;              ///< transfers and callbacks: played as one talk, or none
};

/// Reads contacts that came in [from, to), and all queues and agents. Shows a progress bar.
result<logged_people, store::log_error> read_people(const store::event_log& log, instant from,
                                                    instant to);

/// How each agent that signs in behaves, where the line does not say.
void give_manners(const logged_people& people, std::vector<scenario_line>& lines);

/// A scenario of them: what the log does not know is drawn from `seed`, and who says yes when a
/// rule offers to call back, which is that share of them.
scenario scenario_of(const logged_people& people, std::uint64_t seed, double takes_callback);

struct what_if_asked {
  std::string data;
  std::string policy;
  std::string day;
  int days = 1;
  int seeds = 10;
  double takes_callback = 0;  ///< share of people who say yes when a rule offers to call back
  bool json = false;
};
/// `careline simulate --from-log`. Returns the exit code.
int simulate_from_log(const what_if_asked& what);

} // namespace careline::program
