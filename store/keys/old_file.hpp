#pragma once

#include <string>

namespace careline::store {

/// A file of keys that another takes the place of: kept hold of, so that its bytes do not wait on
/// the disk for someone to find them.
class old_file {
public:
  /// One that is not there is none.
  explicit old_file(const std::string& path);
  ~old_file();
  old_file(const old_file&) = delete;
  old_file& operator=(const old_file&) = delete;

  /// With zeros, once nobody needs it any more.
  void overwrite() const;

private:
  int file_;
};

} // namespace careline::store
