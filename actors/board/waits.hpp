#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "messages/time.hpp"

namespace careline::board {

/// Who waits, oldest first: since when, and the contact's number. A contact stands in three of
/// these, and comes last nearly always; so it is a line in which places fall empty, not a tree.
class waits {
public:
  std::size_t size() const noexcept { return line_.size() - gone_; }
  bool empty() const noexcept { return size() == 0; }
  /// Requires: not empty.
  instant oldest() const { return line_.front().since(); }

  void add(instant since, std::uint64_t number) {
    const place one{since, number};
    line_.insert(std::upper_bound(line_.begin(), line_.end(), one, stands_before), one);
  }
  /// Nothing happens when it is not there.
  void remove(instant since, std::uint64_t number) {
    const place one{since, number};
    auto at = std::lower_bound(line_.begin(), line_.end(), one, stands_before);
    // It may have gone and come back within one moment.
    while (at != line_.end() && at->is_gone() && !stands_before(one, *at))
      ++at;
    if (at == line_.end() || stands_before(one, *at))
      return;
    at->go();
    ++gone_;
    for (; !line_.empty() && line_.front().is_gone(); --gone_)
      line_.pop_front();
    if (gone_ > few && gone_ > line_.size() / 2) {
      std::erase_if(line_, [](const place& p) { return p.is_gone(); });
      gone_ = 0;
    }
  }
  /// Many that come in no order: `sort` follows before anything else is asked.
  void put(instant since, std::uint64_t number) { line_.push_back(place{since, number}); }
  void sort() { std::sort(line_.begin(), line_.end(), stands_before); }

private:
  static constexpr std::size_t few = 64;

  class place {
  public:
    place(instant since, std::uint64_t number) : since_(since), number_(number) {}
    instant since() const noexcept { return since_; }
    bool is_gone() const noexcept { return (number_ & gone_bit) != 0; }
    void go() noexcept { number_ |= gone_bit; }
    bool stands_before(const place& other) const noexcept {
      return since_ != other.since_ ? since_ < other.since_
                                    : (number_ & ~gone_bit) < (other.number_ & ~gone_bit);
    }

  private:
    static constexpr std::uint64_t gone_bit = std::uint64_t{1} << 63U;
    instant since_;
    std::uint64_t number_;
  };
  static bool stands_before(const place& a, const place& b) noexcept { return a.stands_before(b); }

  std::deque<place> line_;  ///< the first is never gone
  std::size_t gone_ = 0;
};

} // namespace careline::board
