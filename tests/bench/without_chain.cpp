// The program without the chain over its log: what the chain costs is the ratio of the two
// (docs/performance.md). Linked in front of the real function; what it writes, the real program
// calls damaged.

#include "store/event_log.hpp"

namespace careline::store {

chain_hash hash_of_nothing(const chain_hash& before, std::string_view record)
    asm("__wrap__ZN8careline5store9next_hashERKSt5arrayIhLm32EESt17basic_string_viewIcSt11char_"
        "traitsIcEE");

chain_hash hash_of_nothing(const chain_hash& before, std::string_view) {
  return before;
}

} // namespace careline::store
