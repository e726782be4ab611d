#include "actors/routing/strategies/strategies.hpp"

namespace careline::routing {

namespace {

/// The step of splitmix64: every bit of the input moves every bit of the output.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

/// FNV-1a: the same on every machine, unlike std::hash.
std::uint64_t number_of(std::string_view text) {
  std::uint64_t n = 0xCBF29CE484222325U;
  for (const char c : text)
    n = (n ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return n;
}

} // namespace

std::uint64_t draw_one_of(std::uint64_t of, std::uint64_t seed, const contact& c, int nth) {
  const auto offer = static_cast<std::uint64_t>(c.offer_number);
  const auto x = mixed(mixed(mixed(seed) ^ number_of(c.id.text())) ^ (offer << 16U)
                       ^ static_cast<std::uint64_t>(nth));
  return x % of;  // of is far below 2^64: no draw is noticeably likelier
}

std::uint64_t weight_of_tier(int tier) {
  constexpr std::uint64_t one = 1U << 20U;
  return std::max<std::uint64_t>(1, one / (static_cast<std::uint64_t>(std::max(tier, 0)) + 1));
}

} // namespace careline::routing
