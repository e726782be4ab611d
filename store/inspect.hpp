#pragma once

#include <functional>
#include <map>
#include <string>

#include "store/event_log.hpp"

namespace careline::store {

/// How far a walk has come.
using progress = std::function<void(position at, position head)>;

struct verified {
  position head = 0;
  chain_hash hash{};  ///< h(head), computed anew from the records
};
/// Is told h(at) of each record as it is computed, in order.
using hash_seen = std::function<void(position at, const chain_hash& hash)>;
/// Walks the whole chain from the first record to the head, about as quickly as it can be hashed:
/// places without gaps, the link to the event before of its type, the hash; then what is kept
/// beside the records. `damaged` names the first position that is wrong. `tell` is called now and
/// then, and at the end.
result<verified, log_error> verify_log(const event_log& log, const progress& tell = {},
                                       const hash_seen& seen = {});

struct log_figures {
  position head = 0;
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;  ///< of the records, without the tables' own share
  instant first{};          ///< times of the first and last event; meaningless when there is none
  instant last{};
  std::map<std::string, std::uint64_t> per_type;
  std::uint64_t epoch = 0;
  std::int64_t room_bytes = 0;
  chain_hash hash{};
};
/// Counts what is in the log, by one walk through it.
result<log_figures, log_error> count_log(const event_log& log, const progress& tell = {});

} // namespace careline::store
