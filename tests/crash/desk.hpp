#pragma once

#include <string>

#include "store/event_log.hpp"
#include "store/keys/key_store.hpp"

/// What the recorder does at its desk, as far as it can be known afterwards without being told.
namespace careline::crash {

inline store::open_options log_options(const std::string& folder) {
  store::open_options o;
  o.place = folder;
  o.map_bytes = 64 << 20;
  o.reserve_bytes = 1 << 20;
  o.remember = std::chrono::minutes{20};
  return o;
}

inline store::key_options key_options() {
  store::key_options o;
  o.map_bytes = 16 << 20;
  o.slots_ahead = 16;
  return o;
}

inline const instant morning = from_ms(1'772'413'200'000);  // 2026-03-02T01:00:00Z

inline constexpr position contacts = 37;
inline std::string subject_at(position at) {
  return "contact/C-" + std::to_string(at % contacts);
}

inline constexpr const char* capabilities[] = {"routing", "board"};
/// Several pages long, and another one at each position.
inline std::string snapshot_body(const std::string& capability, position at) {
  std::string body;
  for (position i = 0; i < 500 + at % 1000; ++i)
    body += capability + std::to_string(at + i);
  return body;
}

} // namespace careline::crash
