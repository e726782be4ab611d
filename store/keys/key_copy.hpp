#pragma once

#include <cstddef>
#include <string>

#include "messages/result.hpp"

namespace careline::store {

/// True when `folder` has keys in it.
bool has_keys(const std::string& folder);

/// Whether an engine may be using the keys, or they are a copy that nobody writes.
enum class keys_are { in_use, a_copy };

/// Copies the keys in `from` and their master key to the folder `to`, which is made; a copy that
/// was there is put out of the way and overwritten, so that persons who were erased since are
/// erased in it too. Beside a running engine: an erasure waits until the file was read. Looks
/// through the copy and says how many keys it has. Fails with a sentence; the copy that was there
/// stays.
result<std::size_t, std::string> copy_keys(const std::string& from, keys_are what,
                                           const std::string& to);

/// Opens every key of a copy with its master key. Writes nothing. How many there are, or what is
/// wrong, in a sentence.
result<std::size_t, std::string> check_keys(const std::string& folder);

} // namespace careline::store
