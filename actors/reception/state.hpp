#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "messages/reception.hpp"
#include "messages/seldom.hpp"

namespace careline::reception {

/// What few contacts have.
struct visit_more {
  std::map<code_word, std::vector<document_row>> issued;  ///< by business
  std::set<code_word> presented;
  std::set<code_word> reminded;
};

/// A contact that was opened; forgotten a day after its end. There may be a million of them.
struct visit {
  std::optional<int> score;
  std::optional<instant> ended;
  int table = 0;                          ///< the version of the table that sorted it
  const contact_class* sorted = nullptr;  ///< by that table; null: not by a table
  const contact_class* is = nullptr;      ///< as far as anybody has said
  seldom<visit_more> more;

  bool was_corrected() const noexcept { return sorted && sorted != is; }
};

/// How the triage table in force does.
struct triage_counts {
  std::int64_t by_table = 0;
  std::int64_t by_default = 0;
  std::int64_t corrected = 0;        ///< of those by the table
  std::int64_t ended = 0;            ///< of those by the table
  std::int64_t ended_corrected = 0;
};

/// A wording, in a language, on a channel or on any.
struct wording_key {
  code_word wording;
  code_word language;
  channel_id channel;
  friend auto operator<=>(const wording_key&, const wording_key&) = default;
};

/// The versions of a wording that are kept, the oldest first.
struct wording_texts {
  int first = 1;  ///< the version of the first of them
  std::deque<std::string> texts;
  bool is_forbidden = false;  ///< derived, of a greeting: the newest holds a forbidden word

  int newest() const noexcept { return first + static_cast<int>(texts.size()) - 1; }
};

/// Which one it is, as answers name it.
value head_of(const wording_key& key);
/// The wording that who arrives is met with.
inline constexpr std::string_view greeting_word = "greeting";

/// Somebody who helps himself.
struct episode {
  channel_id channel;
  code_word need;
  code_word business;
  instant opened{};
  std::optional<self_service_outcome> ended;
};

struct episode_counts {
  std::int64_t opened = 0;
  std::int64_t solved = 0;
  std::int64_t handed_over = 0;
  std::int64_t left = 0;

  std::int64_t ended() const noexcept { return solved + handed_over + left; }
};

/// An episode is known for so long.
inline constexpr span episode_kept = std::chrono::hours{24};

/// Areas that are closed send people on so often.
inline constexpr int areas_in_a_row_max = 8;

/// True of a place outside the engine: "external:…".
inline bool leads_outside(std::string_view to) noexcept {
  return to.starts_with("external:");
}

/// Whom the tables send where.
struct way_in {
  queue_id queue{};
  std::string outside{};  ///< not empty: there, and nobody waits in the queue
  bool closed = false;
};

} // namespace careline::reception
