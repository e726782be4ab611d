#include "store/lmdb/meta_pages.hpp"

#include <cstring>

#include <lmdb.h>
#include <unistd.h>

#include "store/lmdb/lmdb_env.hpp"

// A commit writes over the older of two meta pages, in one sector, after its data are on the disk.
// So whatever a crash leaves, one page is of a transaction and the other of the next, and the file
// never got shorter in between. LMDB has no sum over them and takes the one with the higher number.

namespace careline::store::lmdb {

namespace {

// LMDB 0.9's own offsets.
constexpr std::size_t free_depth_at = 40 + 6;  // of the first of two table heads, 48 bytes each
constexpr std::size_t free_root_at = 40 + 40;
constexpr std::size_t last_page_at = 136;
constexpr std::size_t transaction_at = 144;

using meta_bytes = std::array<char, transaction_at + sizeof(std::uint64_t)>;

template <class N>
N number_at(const meta_bytes& bytes, std::size_t at) {
  N n{};
  std::memcpy(&n, bytes.data() + at, sizeof n);
  return n;
}

bool follow_each_other(const meta_pages& pages) {
  const bool first_is_newer = pages[0].transaction > pages[1].transaction;
  const auto& newer = pages[first_is_newer ? 0 : 1];
  const auto& older = pages[first_is_newer ? 1 : 0];
  if (newer.transaction == 0)
    return true;
  return newer.transaction == older.transaction + 1 && newer.last_page >= older.last_page;
}

} // namespace

meta_pages read_meta_pages(int file, std::size_t page_bytes, const std::string& folder) {
  meta_pages pages;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    meta_bytes bytes{};
    const auto at = static_cast<off_t>(i * page_bytes);
    if (::pread(file, bytes.data(), bytes.size(), at) != static_cast<ssize_t>(bytes.size()))
      throw failure(MDB_CORRUPTED, "opening " + folder + ": its first pages are missing");
    pages[i] = {number_at<std::uint64_t>(bytes, transaction_at),
                number_at<std::uint64_t>(bytes, last_page_at),
                number_at<std::uint64_t>(bytes, free_root_at),
                number_at<std::uint16_t>(bytes, free_depth_at)};
  }
  return pages;
}

void refuse_lost_state(MDB_env* of, const std::string& folder) {
  MDB_stat stat;
  int file = -1;
  mdb_env_stat(of, &stat);
  mdb_env_get_fd(of, &file);
  auto before = read_meta_pages(file, stat.ms_psize, folder);
  for (int i = 0; i < meta_tries && !follow_each_other(before); ++i) {
    const auto now = read_meta_pages(file, stat.ms_psize, folder);
    if (now == before)
      throw failure(MDB_CORRUPTED, "opening " + folder + ": its two newest states do not follow "
                                       "each other, and nobody can say which is the last");
    before = now;
  }
}

} // namespace careline::store::lmdb
