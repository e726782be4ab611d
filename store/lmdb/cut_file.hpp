#pragma once

#include <string>

struct MDB_env;

namespace careline::store::lmdb {

/// Throws a failure that is damage when the file of the environment just opened in `folder` was cut
/// short: the first touch of what is missing would be a bus error. Reads the file, not the map.
void refuse_cut_file(MDB_env* of, const std::string& folder);

} // namespace careline::store::lmdb
