#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "messages/time.hpp"

namespace careline {

/// A UUID of version 7 (RFC 9562 §5.7): its first 48 bits are the time in ms, so ids made one after
/// the other sort that way and the log's index of them stays packed.
struct uuid7 {
  std::array<unsigned char, 16> bytes{};
  instant time() const noexcept;
  std::string text() const;
  friend bool operator==(const uuid7&, const uuid7&) = default;
};

/// Reads the 36-character form, either case. Nothing for another version or variant.
std::optional<uuid7> parse_uuid7(std::string_view text) noexcept;

/// Makes ids that never go back, also within one millisecond (a 12-bit counter, then random bits).
/// One per thread; random bits from the system.
class uuid7_maker {
public:
  uuid7 make(instant now);

private:
  instant last_{};
  unsigned counter_ = 0;
};

} // namespace careline
