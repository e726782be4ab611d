#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "store/event_log.hpp"
#include "store/keys/memory_file.hpp"

namespace careline::store {

/// True when `folder` has keys in it.
bool has_keys(const std::string& folder);

/// Whether an engine may be using the keys, or they are a copy that nobody writes.
enum class keys_are { in_use, a_copy };

/// The keys of a folder as they were at one moment, in memory, sealed under their master key.
class key_image {
public:
  /// Reads them. Beside a running engine: an erasure waits for this, and for nothing that comes
  /// after it.
  static result<key_image, log_error> of(const std::string& from, keys_are what);

  /// Writes them and their master key to the folder `to`, which is made; an older copy of them that
  /// was there is put out of the way and overwritten, so that persons who were erased since are
  /// erased in it too. Looks through the copy and says how many keys it has. Fails with a sentence;
  /// what was there stays. `conflict`: there are other keys in `to`, or these themselves.
  result<std::size_t, log_error> write(const std::string& to);

private:
  explicit key_image(std::string from) : from_(std::move(from)) {}

  std::string from_;
  std::unique_ptr<memory_file> file_;
};

/// Both, one after the other.
result<std::size_t, log_error> copy_keys(const std::string& from, keys_are what,
                                         const std::string& to);

/// Opens every key of a copy with its master key. Writes nothing. How many there are, or what is
/// wrong, in a sentence: `newer_format`, or `damaged`.
result<std::size_t, log_error> check_keys(const std::string& folder);

} // namespace careline::store
