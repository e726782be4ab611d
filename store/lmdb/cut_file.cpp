#include "store/lmdb/cut_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/lmdb/lmdb_env.hpp"
#include "store/lmdb/meta_pages.hpp"

// Not every short file was cut: pages that one transaction took at the end and gave back are on the
// list of free ones without ever having been written. The list is a tree like any other, kept under
// the two meta pages; here it is read with LMDB 0.9's own offsets, because its pages may be among
// the missing ones and must not be touched through the map.

namespace careline::store::lmdb {

namespace {

constexpr std::size_t page_flags = 10;
constexpr std::size_t page_lower = 12;   // where the offsets of its nodes end
constexpr std::size_t page_head = 16;
constexpr std::size_t node_head = 8;
constexpr unsigned is_branch = 1;        // of a page's flags
constexpr unsigned is_elsewhere = 1;     // of a node's: its data are on pages of their own
constexpr std::uint64_t no_page = ~std::uint64_t{0};

failure cut_short(const std::string& folder) {
  return failure{MDB_CORRUPTED, "opening " + folder + ": the file was cut short"};
}

template <class N>
N number_at(std::string_view bytes, std::size_t at) {
  N n{};
  if (at + sizeof n > bytes.size())
    throw failure(MDB_CORRUPTED, "looking at the free pages");
  std::memcpy(&n, bytes.data() + at, sizeof n);
  return n;
}

/// The pages of one state of the file.
class free_list {
public:
  free_list(int file, std::size_t page_bytes) : file_(file), page_bytes_(page_bytes) {}

  /// How many pages from `first` on are on the list.
  std::uint64_t count_from(std::uint64_t first, std::uint64_t page, unsigned depth) const {
    if (page == no_page)
      return 0;
    if (depth == 0)
      throw failure(MDB_CORRUPTED, "looking at the free pages");
    const auto bytes = read(page, page_bytes_);
    const auto end = number_at<std::uint16_t>(bytes, page_lower);
    const bool branch = (number_at<std::uint16_t>(bytes, page_flags) & is_branch) != 0;
    std::uint64_t count = 0;
    for (std::size_t at = page_head; at + 1 < end; at += 2) {
      const std::size_t node = number_at<std::uint16_t>(bytes, at);
      count += branch ? count_from(first, child_of(bytes, node), depth - 1)
                      : count_in(data_of(bytes, node), first);
    }
    return count;
  }

private:
  /// 48 bits: two halves, and what is the flags in a leaf.
  static std::uint64_t child_of(std::string_view page, std::size_t node) {
    return std::uint64_t{number_at<std::uint16_t>(page, node)}
           | std::uint64_t{number_at<std::uint16_t>(page, node + 2)} << 16U
           | std::uint64_t{number_at<std::uint16_t>(page, node + 4)} << 32U;
  }

  std::string data_of(std::string_view page, std::size_t node) const {
    const auto size = std::size_t{number_at<std::uint16_t>(page, node)}
                      | std::size_t{number_at<std::uint16_t>(page, node + 2)} << 16U;
    const auto at = node + node_head + number_at<std::uint16_t>(page, node + 6);
    if ((number_at<std::uint16_t>(page, node + 4) & is_elsewhere) != 0)
      return read(number_at<std::uint64_t>(page, at), page_head + size).substr(page_head);
    if (at + size > page.size())
      throw failure(MDB_CORRUPTED, "looking at the free pages");
    return std::string{page.substr(at, size)};
  }

  /// A count and so many page numbers.
  static std::uint64_t count_in(std::string_view list, std::uint64_t first) {
    const auto count = number_at<std::uint64_t>(list, 0);
    std::uint64_t found = 0;
    for (std::uint64_t i = 1; i <= count; ++i)
      found += number_at<std::uint64_t>(list, i * sizeof i) >= first ? 1 : 0;
    return found;
  }

  std::string read(std::uint64_t page, std::size_t bytes) const {
    std::string whole(bytes, '\0');
    const auto at = static_cast<off_t>(page * page_bytes_);
    if (::pread(file_, whole.data(), bytes, at) != static_cast<ssize_t>(bytes))
      throw failure(MDB_CORRUPTED, "looking at the free pages");
    return whole;
  }

  int file_;
  std::size_t page_bytes_;
};

/// A state that nobody overwrites the pages of.
class held_state {
public:
  explicit held_state(MDB_env* of) {
    if (const int code = mdb_txn_begin(of, nullptr, MDB_RDONLY, &txn_))
      throw failure(code, "looking at the free pages");
  }
  ~held_state() { mdb_txn_abort(txn_); }
  held_state(const held_state&) = delete;
  held_state& operator=(const held_state&) = delete;
  std::uint64_t transaction() const noexcept { return mdb_txn_id(txn_); }

private:
  MDB_txn* txn_ = nullptr;
};

/// Nothing when the state was overwritten by later ones.
std::optional<meta_page> meta_of(const held_state& state, int file, std::size_t page_bytes,
                                 const std::string& folder) {
  const auto both = read_meta_pages(file, page_bytes, folder);
  const auto found = std::find_if(both.begin(), both.end(), [&](const meta_page& page) {
    return page.transaction == state.transaction();
  });
  return found == both.end() ? std::nullopt : std::optional{*found};
}

std::uint64_t pages_in(int file, const std::string& folder, std::size_t page_bytes) {
  struct stat about {};
  if (::fstat(file, &about) != 0)
    throw failure(errno, "looking at the file in " + folder);
  return static_cast<std::uint64_t>(about.st_size) / page_bytes;
}

} // namespace

void refuse_cut_file(MDB_env* of, const std::string& folder) {
  MDB_envinfo info;
  MDB_stat stat;
  int file = -1;
  mdb_env_info(of, &info);
  mdb_env_stat(of, &stat);
  mdb_env_get_fd(of, &file);
  // The file after what is said of it: a writer beside this reader makes it longer first.
  // A fresh environment has its two meta pages and says so by last page 1.
  if (pages_in(file, folder, stat.ms_psize) >= std::uint64_t{info.me_last_pgno} + 1)
    return;
  const free_list list{file, stat.ms_psize};
  for (int i = 0; i < meta_tries; ++i) {
    const held_state now{of};
    try {
      const auto meta = meta_of(now, file, stat.ms_psize, folder);
      if (!meta)
        continue;
      const auto there = pages_in(file, folder, stat.ms_psize);
      const auto needed = meta->last_page + 1;
      if (there >= needed
          || list.count_from(there, meta->free_root, meta->free_depth) == needed - there)
        return;
    } catch (const failure&) {
      // Not even the list is whole.
    }
    throw cut_short(folder);
  }
}

} // namespace careline::store::lmdb
