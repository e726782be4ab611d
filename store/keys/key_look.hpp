#pragma once

#include <string>

#include "store/keys/key_file.hpp"

namespace careline::store {

/// Keys that nobody writes, opened to look at them, and the master key that fits them.
struct looked_at {
  key_file file;
  master_keys master;       ///< its keys of hashes are those of the first master key
  std::string master_path;  ///< where it was found; empty: kept elsewhere, or given
};

/// Opens the keys in `folder` with the master key that is kept elsewhere, or with `master.key`, or
/// with `master.key.next` where something was killed while that one took the other's place. One
/// that is `given` is tried, too. Fails as `damaged` or `newer_format`. Throws lmdb::failure.
result<looked_at, log_error> look_at_keys(const std::string& folder,
                                          const master_keys* given = nullptr);

/// Why the keys in the folder `there` may not be overwritten by a copy of ours from `from`: they
/// are of another centre, or open what ours do not, or nothing tells whose they are. `fresh` is the
/// folder of the copy that is to take their place.
std::optional<log_error> refuse_other_keys(const looked_at& ours, const std::string& fresh,
                                           const std::string& from, const std::string& there);

/// The folder's name without links.
std::string whole_name(const std::string& folder);

} // namespace careline::store
