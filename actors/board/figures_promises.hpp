#pragma once

#include <cstddef>
#include <map>
#include <set>

#include "messages/promise.hpp"

namespace careline::board {

/// The promises that are not kept: how many are open, how many were let pass, and when the next one
/// falls due (R1.2.1).
class promise_figures {
public:
  void take(const promise::promise_made& e);
  void take(const promise::promise_broken& e);
  void take(const promise::promise_kept& e);
  void take(const promise::promise_moved& e);

  /// True once a promise was made: who never makes any is not shown that there are none.
  bool has_any() const noexcept { return has_any_; }
  /// {open, broken, next_due}
  value show() const;
  value save() const;
  bool load(const value& from);

private:
  void set(const promise_id& id, instant due, bool broken);
  void forget(const promise_id& id);

  struct row {
    instant due{};
    bool broken = false;
  };
  std::map<promise_id, row> rows_;
  std::multiset<instant> open_;      ///< derived: when those that are not broken fall due
  bool has_any_ = false;
};

} // namespace careline::board
