#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/bus/head_beat.hpp"
#include "messages/envelope.hpp"

namespace careline::gateway::bus {

/// Exact types, or prefixes that end in "."; none = all. The same words as in `log.read`.
class type_filter {
public:
  explicit type_filter(std::vector<std::string> types) : types_(std::move(types)) {}
  bool takes(std::string_view type) const;

private:
  std::vector<std::string> types_;
};

/// What a follower of the log knows it has, and whether it has missed something (docs/wire.md,
/// "Never missing one"). Touches no socket.
class follow {
public:
  /// Has everything up to `after`. `is_filtered`: gets some types only, so that positions have
  /// holes by nature and each type is counted by itself.
  follow(position after, bool is_filtered)
      : is_filtered_(is_filtered), whole_(after), head_(after) {}

  /// Forgets what was, and has everything up to `after`.
  void start_at(position after);

  /// An event that the socket brought: true when it is the next to hand on. One that shows a gap is
  /// not taken: the log will bring it.
  bool takes(const event_record& e);
  /// The beat. `news` covers every type with an event after `news.since`.
  void heard(const head_news& news, const type_filter& wanted);

  /// An event that a page of the log brought: true when it was not handed on before.
  bool takes_from_log(const event_record& e);
  /// The page reached `next`; the log ends at `head`.
  void read_up_to(position next, position head);

  /// Something is missing, or the log may be another one: read on from `whole_up_to()`.
  bool is_behind() const noexcept { return is_behind_; }
  position whole_up_to() const noexcept { return whole_; }
  position head() const noexcept { return head_; }

private:
  position last_of(const std::string& type) const;
  void is_whole_up_to(position at);

  bool is_filtered_;
  bool is_behind_ = false;
  position whole_ = 0;
  position head_ = 0;
  std::map<std::string, position> last_;  ///< by type, where above whole_
  std::set<position> handed_;             ///< above whole_
};

} // namespace careline::gateway::bus
