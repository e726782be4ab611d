#pragma once

#include <string>

namespace careline::store {

/// Holds the file of the keys, between processes (flock on its folder). LMDB's own locks do not see
/// that an erasure puts another file in the old one's place: who still had the old one open would
/// give the engine wrong numbers of transactions. Waits for others that hold it.
class key_hold {
public:
  enum class kind { to_read, to_exchange };
  /// Throws lmdb::failure.
  key_hold(const std::string& folder, kind how);
  ~key_hold();
  key_hold(key_hold&& other) noexcept;
  key_hold& operator=(key_hold&& other) noexcept;

private:
  int file_ = -1;
};

} // namespace careline::store
