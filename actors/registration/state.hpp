#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "actors/registration/tables/forms.hpp"
#include "messages/registration_events.hpp"
#include "messages/seldom.hpp"

namespace careline::registration {

struct consent {
  code_word purpose;
  channel_id channel;
  code_word proof;
  instant given{};
};

/// What few parties have.
struct party_more {
  party_id into;                     ///< merged: another name of that one
  std::vector<party_id> merged;      ///< those that are another name of this one, sorted
  std::vector<consent> consents;     ///< in force, by purpose
  std::vector<right_id> rights;      ///< open, in the order they were asked for
  int failures = 0;                  ///< of verification, in a row
  maybe_instant locked_until;
  int amended = 0;                   ///< the step of the last amendment
  maybe_instant amended_at;
  std::vector<person_id> numbers;    ///< customer keys that it had before, sorted
  int missing = 0;                   ///< steps that the log did not have
  maybe_instant erased;
  maybe_instant copies_until;
};

/// Somebody whom the centre knows. There may be a million of them, so it is small; its record is
/// here as it is in the log: sealed.
struct party {
  std::string sealed;
  std::string keys;                  ///< what it is found by: see `key_line`
  std::uint64_t name_mark = 0;       ///< and its name, by its key: see `mark_of`; 0: no longer
  instant registered{};
  int steps = 0;
  int contacts = 0;
  field_set given = 0;
  std::uint32_t purposes = 0;
  seldom<party_more> more;

  bool is_erased() const noexcept { return more.get().erased.has_value(); }
};

/// A contact as far as it is about somebody: forgotten a day after the last that was heard of it.
struct visit {
  party_id whose;                    ///< linked to
  party_id verified;                 ///< as that party
  int level = 0;
  code_word method;
  maybe_instant until;
  bool has_ended = false;
  instant kept_until{};
};

/// What a person has asked for, until it is answered.
struct open_right {
  party_id whose;
  right_kind kind = right_kind::access;
  instant requested{};
  instant due{};
  int step = 0;
  int stage = 0;                     ///< so many of `warned_at` are past
};

/// What a client saw in clear in the last minute.
struct reveal_window {
  std::deque<instant> at;
  maybe_instant told;                ///< that it is too much
};

/// What a party can be found by: one line each, kind and keyed hash.
enum class key_kind : char { document = 'd', customer = 'c', phone = 'p' };
inline std::string key_line(key_kind kind, std::string_view hash) {
  std::string out{static_cast<char>(kind)};
  out += hash;
  out += '\n';
  return out;
}

/// Where such a line begins in a party's keys; npos: nowhere.
inline std::size_t find_line(std::string_view keys, std::string_view line) {
  auto at = keys.find(line);
  while (at != keys.npos && at > 0 && keys[at - 1] != '\n')
    at = keys.find(line, at + 1);
  return at;
}

/// The keyed hash of a party's customer number; empty: it has none.
inline std::string_view customer_key_in(std::string_view keys) {
  for (std::size_t at = 0; at < keys.size();) {
    const auto end = keys.find('\n', at);
    if (keys[at] == static_cast<char>(key_kind::customer))
      return keys.substr(at + 1, end - at - 1);
    at = end + 1;
  }
  return {};
}

/// Eight bytes for the key of a name, of which there are as many as parties: FNV-1a, which is the
/// same in every build, for it is saved.
inline std::uint64_t mark_of(std::string_view person) {
  std::uint64_t mark = 0xCBF2'9CE4'8422'2325;
  for (const char c : person)
    mark = (mark ^ static_cast<unsigned char>(c)) * 0x100'0000'01B3;
  return mark;
}

} // namespace careline::registration
