#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

struct MDB_env;

namespace careline::store::lmdb {

/// So often a writer beside this reader may be quicker than one look at both meta pages.
constexpr int meta_tries = 8;

/// What a commit leaves in one of the first two pages of the file.
struct meta_page {
  std::uint64_t transaction = 0;  ///< 0: nothing was committed yet
  std::uint64_t last_page = 0;
  std::uint64_t free_root = 0;    ///< the page where the tree of free ones begins
  unsigned free_depth = 0;        ///< levels of that tree
  friend bool operator==(const meta_page&, const meta_page&) = default;
};
using meta_pages = std::array<meta_page, 2>;
/// Reads the file, not the map. Throws a failure that is damage when they are not there.
meta_pages read_meta_pages(int file, std::size_t page_bytes, const std::string& folder);

/// Throws a failure that is damage when one of the two meta pages of the environment just opened in
/// `folder` is not what a commit left: LMDB would take the state before the last one for the newest
/// and say nothing. Beside a writer too.
void refuse_lost_state(MDB_env* of, const std::string& folder);

} // namespace careline::store::lmdb
