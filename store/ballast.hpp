#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

namespace careline::store {

/// Room that the log holds on the disk in a file of its own, so that nobody else can fill it: what
/// is free may be gone at any time. On a full disk it is given back a slice at a time, so that what
/// is open can still be ended, and taken again when there is plenty. One thread at a time, but for
/// `held`.
class ballast {
public:
  /// Begins with what `file` holds already and changes nothing. `free_bytes` says what the disk has
  /// free beside it.
  ballast(std::string file, std::uint64_t bytes, std::function<std::uint64_t()> free_bytes);

  /// At the start of an engine: as much as it may be, less on a disk that is nearly full, where the
  /// start itself needs a little.
  void begin();
  /// Frees a slice; false when there is none left.
  bool give_back();
  /// Holds a slice more where one is missing and the disk has as much free again as all of them.
  /// True when it did.
  bool take();

  /// Any thread.
  std::uint64_t held() const noexcept { return held_; }
  std::uint64_t slice_bytes() const noexcept { return slice_; }

private:
  bool shrink_to(std::uint64_t bytes);

  std::string file_;
  std::uint64_t bytes_;
  std::uint64_t slice_;
  std::function<std::uint64_t()> free_bytes_;
  std::atomic<std::uint64_t> held_;
};

} // namespace careline::store
