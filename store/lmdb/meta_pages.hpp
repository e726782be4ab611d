#pragma once

#include <string>

struct MDB_env;

namespace careline::store::lmdb {

/// Throws a failure that is damage when one of the two meta pages of the environment just opened in
/// `folder` is not what a commit left: LMDB would take the state before the last one for the newest
/// and say nothing. Beside a writer too.
void refuse_lost_state(MDB_env* of, const std::string& folder);

} // namespace careline::store::lmdb
