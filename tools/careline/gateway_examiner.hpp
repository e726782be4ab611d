#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tools/careline/gateway_checks.hpp"

namespace careline::program {

/// Holds the checks against all that passes between a gateway and an engine, and interferes for the
/// trial that is on. What passes comes from the relay's thread, the rest from one other.
class gateway_examiner final : public gateway::bus::go_between {
public:
  /// Time since the talk began.
  using clock = std::function<span()>;

  /// `only` these checks, by name; none = all. `patience`: how long something may take that has no
  /// limit of its own. `by_key`: see gateway_talk.
  gateway_examiner(clock now, const std::vector<std::string>& only, span patience,
                   std::string by_key = {});

  gateway::bus::relayed on_command(const std::string& connection, value& body,
                                   std::vector<value>& answers) override;
  gateway::bus::relayed on_reply(const std::string& connection, value& body) override;
  gateway::bus::relayed on_event(value& body, std::vector<value>& after) override;
  void on_subscription(const std::string& topic, bool taken_back) override;

  /// Something became true in the engine, told or not.
  void happened(const event_record& what);
  void cut(bool is_cut);

  /// Goes on to the next trial; its words, or nothing after the last.
  struct trial {
    std::string name;
    std::string asks;
    std::size_t number = 0;
    std::size_t of = 0;
  };
  std::optional<trial> next_trial();
  /// What the trial that is on wants done now.
  std::vector<trial_wish> wishes();
  bool is_trial_over();
  /// Looks at what is due; true while something is that the talk should not end before.
  bool is_waiting();
  void end();

  /// A copy of what is known, for whoever acts in it.
  std::optional<gateway_talk::lease_taken> speaker() const;
  /// A gateway has said who it is, or brought somebody.
  bool has_come() const;
  bool has_left() const;

  struct finding {
    const check_row* row = nullptr;
    verdict said = verdict::not_seen;
    std::string sentence;
    value shown;
  };
  std::vector<finding> findings() const;

private:
  struct held_check {
    const check_row* row;
    std::unique_ptr<gateway_check> check;
    gateway_trial* trial;  ///< the same, where it is one
  };

  template <class F>
  void each(F&& tell);

  const clock now_;
  mutable std::mutex guard_;
  gateway_talk talk_;
  std::vector<held_check> checks_;
  gateway_trial* on_ = nullptr;
  std::size_t next_ = 0;
};

} // namespace careline::program
