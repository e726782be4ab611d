#include "store/lmdb/meta_pages.hpp"

#include <array>
#include <cstdint>

#include <lmdb.h>
#include <unistd.h>

#include "store/lmdb/lmdb_env.hpp"

// A commit writes over the older of two meta pages, in one sector, after its data are on the disk.
// So whatever a crash leaves, one page is of a transaction and the other of the next, and the file
// never got shorter in between. LMDB has no sum over them and takes the one with the higher number.

namespace careline::store::lmdb {

namespace {

// LMDB 0.9's own offsets.
constexpr off_t meta_last_page = 136;  // and behind it the transaction's number
/// So often a writer beside this reader may commit between two looks.
constexpr int tries = 8;

struct meta_page {
  std::uint64_t last_page = 0;
  std::uint64_t transaction = 0;
  friend bool operator==(const meta_page&, const meta_page&) = default;
};
using both_pages = std::array<meta_page, 2>;

both_pages read_both(int file, std::size_t page_bytes, const std::string& folder) {
  both_pages pages;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    std::array<std::uint64_t, 2> found{};
    const auto at = static_cast<off_t>(i * page_bytes) + meta_last_page;
    if (::pread(file, found.data(), sizeof found, at) != static_cast<ssize_t>(sizeof found))
      throw failure(MDB_CORRUPTED, "opening " + folder + ": its first pages are missing");
    pages[i] = {found[0], found[1]};
  }
  return pages;
}

bool follow_each_other(const both_pages& pages) {
  const bool first_is_newer = pages[0].transaction > pages[1].transaction;
  const auto& newer = pages[first_is_newer ? 0 : 1];
  const auto& older = pages[first_is_newer ? 1 : 0];
  if (newer.transaction == 0)
    return true;  // nothing was committed yet
  return newer.transaction == older.transaction + 1 && newer.last_page >= older.last_page;
}

} // namespace

void refuse_lost_state(MDB_env* of, const std::string& folder) {
  MDB_stat stat;
  int file = -1;
  mdb_env_stat(of, &stat);
  mdb_env_get_fd(of, &file);
  auto before = read_both(file, stat.ms_psize, folder);
  for (int i = 0; i < tries && !follow_each_other(before); ++i) {
    const auto now = read_both(file, stat.ms_psize, folder);
    if (now == before)
      throw failure(MDB_CORRUPTED, "opening " + folder + ": its two newest states do not follow "
                                       "each other, and nobody can say which is the last");
    before = now;
  }
}

} // namespace careline::store::lmdb
