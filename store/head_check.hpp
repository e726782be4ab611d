#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "store/keys/signing.hpp"
#include "store/signed_head.hpp"

namespace careline::store {

/// Holds a log to the heads that were signed of it.
class head_check {
public:
  /// `keys`: whose signatures count.
  head_check(std::vector<head_line> lines, std::vector<public_key> keys);

  /// h(at) of the log, in order: what verify_log tells.
  void saw(position at, const chain_hash& hash);

  struct misfit {
    std::size_t line = 0;
    std::string why;  ///< a sentence without its end
  };
  /// The first line that is broken, is of a foreign key, or does not fit the log, whose last
  /// position is `head`. Requires: `saw` was told all up to `head`.
  std::optional<misfit> first_misfit(position head) const;

  std::size_t size() const noexcept { return lines_.size(); }
  /// The last line's head. Requires: no misfit, not empty.
  const signed_head& last() const { return *lines_.back().head; }

private:
  std::string why_misfit(const head_line& line, bool has_hash, position head) const;

  std::vector<head_line> lines_;
  std::vector<public_key> keys_;
  std::vector<std::size_t> by_position_;  ///< of the lines that are heads
  std::size_t next_ = 0;                  ///< in by_position_
  std::vector<bool> fits_;                ///< each line: its hash is the log's
};

} // namespace careline::store
