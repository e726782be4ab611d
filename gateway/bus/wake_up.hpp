#pragma once

namespace careline::gateway::bus {

/// Wakes a thread that polls `fd()`, from any other thread.
class wake_up {
public:
  wake_up();
  ~wake_up();
  wake_up(const wake_up&) = delete;
  wake_up& operator=(const wake_up&) = delete;

  int fd() const noexcept { return fd_; }
  /// Makes `fd()` readable. Any thread; never blocks.
  void ring() noexcept;
  /// Makes it quiet again. The polling thread.
  void clear() noexcept;

private:
  int fd_ = -1;
};

} // namespace careline::gateway::bus
