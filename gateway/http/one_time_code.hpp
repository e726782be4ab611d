#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/time.hpp"

namespace careline::gateway::http {

/// The second factor (TOTP, RFC 6238, HMAC-SHA-1, 6 digits, steps of 30 s): what every
/// authenticator knows.

inline constexpr std::int64_t code_step_s = 30;

/// The code of a step. `secret` in base32; empty where that is none.
std::string code_of(std::string_view secret, std::uint64_t step);

/// The step that a code belongs to: now, or one before or after, for clocks that differ. 0: it is
/// none of theirs. Takes the same time for each wrong one.
std::uint64_t step_of_code(std::string_view secret, std::string_view code, instant now);

} // namespace careline::gateway::http
