#pragma once

#include <mutex>
#include <utility>
#include <vector>

namespace careline::kernel {

/// What other threads have for one actor, in the order in which they put it. Whoever puts something
/// into the empty box tells the actor to look; all that comes until it looks is on the same way,
/// so that many cost one message and one wake-up.
template <class T>
class batch_box {
public:
  /// True when it was empty: the actor has to be told.
  bool put(T item) {
    const std::lock_guard hold{mutex_};
    items_.push_back(std::move(item));
    return items_.size() == 1;
  }
  std::vector<T> take() {
    const std::lock_guard hold{mutex_};
    return std::exchange(items_, {});
  }

private:
  std::mutex mutex_;
  std::vector<T> items_;
};

} // namespace careline::kernel
