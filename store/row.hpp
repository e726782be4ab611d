#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/event_log.hpp"
#include "store/type_filter.hpp"

namespace careline::store {

/// What is kept at a position: record ‖ h(position) (docs/log-format.md).
struct row {
  std::string_view record;
  chain_hash hash{};
};
/// Nothing when it is too short to be one.
std::optional<row> split_row(std::string_view bytes) noexcept;

/// The position that an encoded record names as the one before it of its type. Requires: a row's.
position previous_in_record(std::string_view record) noexcept;

/// The subject of an encoded record, without decoding the rest; empty when it is none.
std::string_view subject_in_record(std::string_view record) noexcept;

/// Checks rows one after the other against the chain. Knows nothing of where they are kept.
class chain_walk {
public:
  /// Expects the row after `at`, whose hash is `hash`.
  chain_walk(position at, const chain_hash& hash) : at_(at), hash_(hash) {}

  /// True, and a step further, when `bytes` is the row at the next position; its record is then
  /// `record()`.
  bool step(std::string_view bytes);
  std::string_view record() const noexcept { return record_; }
  position at() const noexcept { return at_; }
  const chain_hash& hash() const noexcept { return hash_; }

private:
  position at_;
  chain_hash hash_;
  std::string_view record_;
};

/// Fills one page out of checked records: limits, filter, and how far it has looked.
class page_filler {
public:
  /// `what` outlives the filler.
  explicit page_filler(const read_options& what)
      : what_(what), filter_(what.types), page_{{}, what.after} {}

  enum class took { yes, full, unreadable };
  /// `full` and `unreadable` (of a newer format): the record is not taken and the page ends before
  /// it. Requires: the record was checked.
  took take(position at, std::string_view record);
  /// Everything up to `at` has been looked at.
  void skip_to(position at) noexcept { page_.next = at; }
  /// True when there is nothing to give the caller yet, not even how far it was looked.
  bool is_at_start() const noexcept { return page_.next == what_.after; }
  page finish() { return std::move(page_); }

private:
  const read_options& what_;
  type_filter filter_;
  page page_;
  std::size_t bytes_ = 0;
};

/// A call looks at no more than this many records, so that a rare type in a long log keeps nobody
/// waiting; the caller goes on after `next`.
inline constexpr std::size_t scan_records_max = 200'000;

/// Types, subjects and the like must fit the record's 16-bit lengths and the tables' keys.
inline constexpr std::size_t type_bytes_max = 256;
inline constexpr std::size_t string_bytes_max = 0xFFFF;
/// Says what cannot be written down about an event, if anything: a bug of whoever made it.
std::optional<std::string> unwritable(const event_record& r);

/// An estimate of what a batch takes in the log, with the tables' share.
std::uint64_t room_needed(const batch& b) noexcept;

/// The reply as it is kept under `key`, with a sum over both: it stands in no chain.
std::string encode_remembered(std::string_view key, const remembered& r);
/// The position of the command's first event; 0 where it had none, or the row is too short.
position position_in_remembered(std::string_view bytes) noexcept;
/// Nothing when it is not what was written under that key. What was written before there was a sum
/// is believed.
std::optional<remembered> decode_remembered(std::string_view key, std::string_view bytes);

} // namespace careline::store
