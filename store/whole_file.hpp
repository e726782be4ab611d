#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "messages/result.hpp"

namespace careline::store {

/// A file that has its name only when it is whole and on disk: it is written as `PATH.tmp`. One
/// that is not finished leaves nothing behind, and what had the name before stays.
class whole_file {
public:
  /// Only the owner of the process may read it. What goes wrong is told by `finish`.
  explicit whole_file(std::string path);
  ~whole_file();
  whole_file(const whole_file&) = delete;
  whole_file& operator=(const whole_file&) = delete;

  /// False once something could not be written: there is no use in going on.
  bool write(std::string_view bytes);
  std::uint64_t bytes() const noexcept { return bytes_; }
  /// Makes it durable under its name. Fails with a sentence.
  result<void, std::string> finish();

private:
  bool flush();
  bool fail(const std::string& doing);

  std::string path_;
  std::string unfinished_;
  std::string waiting_;
  std::string wrong_;
  std::uint64_t bytes_ = 0;
  int file_ = -1;
};

/// All that is in a file. Nothing where it cannot be read; `errno` says why.
std::optional<std::string> bytes_in(const std::string& path);

} // namespace careline::store
