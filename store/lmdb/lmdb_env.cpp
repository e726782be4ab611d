#include "store/lmdb/lmdb_env.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <set>

#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/lmdb/cut_file.hpp"
#include "store/lmdb/meta_pages.hpp"
#include "store/sync_path.hpp"

namespace careline::store::lmdb {

namespace {

constexpr unsigned tables_max = 8;
/// Far above the threads of one engine and the commands that read beside it.
constexpr unsigned readers_max = 1024;
constexpr std::uint64_t map_bytes_min = 1 << 20;
constexpr mdb_mode_t file_mode = 0640;

/// LMDB forbids a folder to be open twice in one process: closing one would drop the other's locks.
class open_folders {
public:
  bool add(const std::string& folder) {
    const std::scoped_lock hold{mutex_};
    return folders_.insert(folder).second;
  }
  void remove(const std::string& folder) {
    const std::scoped_lock hold{mutex_};
    folders_.erase(folder);
  }

private:
  std::mutex mutex_;
  std::set<std::string> folders_;
};

open_folders& folders_of_this_process() {
  static open_folders folders;
  return folders;
}

void check(int code, const char* doing) {
  if (code != MDB_SUCCESS)
    throw failure(code, doing);
}

std::uint64_t entries_of(MDB_txn* txn, MDB_dbi in) {
  MDB_stat stat;
  check(mdb_stat(txn, in, &stat), "counting");
  return stat.ms_entries;
}

/// Whether the rows of a table that one comes to are as many as it knows to have; true when `stops`
/// ends the walk.
bool shows_all(MDB_txn* txn, MDB_dbi in, const std::atomic<bool>* stops = nullptr) {
  const auto said = entries_of(txn, in);
  MDB_cursor* at = nullptr;
  check(mdb_cursor_open(txn, in, &at), "counting");
  MDB_val key;
  MDB_val value;
  std::uint64_t found = 0;
  int code = MDB_SUCCESS;
  for (auto go = MDB_FIRST; found <= said && !(stops && *stops); go = MDB_NEXT, ++found) {
    code = mdb_cursor_get(at, &key, &value, go);
    // A page without rows would show its first one all the same.
    if (code == MDB_SUCCESS)
      code = mdb_cursor_get(at, &key, &value, MDB_GET_CURRENT);
    if (code != MDB_SUCCESS)
      break;
  }
  mdb_cursor_close(at);
  if (code != MDB_SUCCESS && code != MDB_NOTFOUND)
    throw failure(code, "counting");
  return found == said || (stops && *stops);
}

void refuse_hidden(MDB_txn* txn, MDB_dbi in, const std::string& what) {
  if (!shows_all(txn, in))
    throw failure(MDB_CORRUPTED, what + " has " + std::to_string(entries_of(txn, in))
                                     + " rows, but shows others");
}

MDB_val val(std::string_view bytes) noexcept {
  return {bytes.size(), const_cast<char*>(bytes.data())};
}

std::string_view view(const MDB_val& v) noexcept {
  return {static_cast<const char*>(v.mv_data), v.mv_size};
}

/// LMDB writes a new file's first two pages without a sync. A power cut could leave half of them,
/// which it would call damaged for ever: so the file is made under another name, and gets its own
/// when all of it is on the disk.
void make_file(const std::string& folder, std::uint64_t map_bytes) {
  const auto path = folder + "/data.mdb";
  const auto unfinished = folder + "/data.new";
  if (::access(path.c_str(), F_OK) == 0)
    return;
  ::unlink(unfinished.c_str());
  MDB_env* bare = nullptr;
  check(mdb_env_create(&bare), "making an environment");
  {
    const std::unique_ptr<MDB_env, decltype(&mdb_env_close)> made{bare, mdb_env_close};
    check(mdb_env_set_mapsize(bare, std::max(map_bytes, map_bytes_min)), "setting the map");
    check(mdb_env_open(bare, unfinished.c_str(), MDB_NOSUBDIR | MDB_NOLOCK, file_mode),
          ("making " + path).c_str());
    check(mdb_env_sync(bare, 1), ("syncing " + unfinished).c_str());
  }
  if (::rename(unfinished.c_str(), path.c_str()) != 0)
    throw failure(errno, "making " + path);
}

} // namespace

failure::failure(int error, const std::string& doing)
    : std::runtime_error(doing + ": " + mdb_strerror(error)), code(error) {}

bool failure::is_full() const noexcept {
  return code == MDB_MAP_FULL;
}

bool failure::is_disk_full() const noexcept {
  return code == ENOSPC || code == EDQUOT;
}

bool failure::is_damage() const noexcept {
  return code == MDB_CORRUPTED || code == MDB_INVALID || code == MDB_PAGE_NOTFOUND
         || code == MDB_VERSION_MISMATCH || code == MDB_BAD_VALSIZE || code == MDB_INCOMPATIBLE;
}

bool failure::is_absent() const noexcept {
  return code == MDB_NOTFOUND || code == ENOENT;
}

env::env(const env_options& options) : folder_(options.folder), read_only_(options.read_only) {
  if (!folders_of_this_process().add(folder_))
    throw failure(EBUSY, folder_ + " is open in this process already");
  try {
    if (!read_only_)
      make_file(folder_, options.map_bytes);
    check(mdb_env_create(&env_), "making an environment");
    check(mdb_env_set_maxdbs(env_, tables_max), "setting the number of tables");
    check(mdb_env_set_maxreaders(env_, readers_max), "setting the number of readers");
    if (options.map_bytes > 0)
      check(mdb_env_set_mapsize(env_, std::max(options.map_bytes, map_bytes_min)),
            "setting the map");
    // MDB_NOTLS: readers belong to their owner, not to the thread that happened to begin them.
    const unsigned flags = MDB_NOTLS | (read_only_ ? MDB_RDONLY : 0U)
                           | (options.locks ? 0U : static_cast<unsigned>(MDB_NOLOCK))
                           | (options.syncs_meta ? 0U : static_cast<unsigned>(MDB_NOMETASYNC));
    check(mdb_env_open(env_, folder_.c_str(), flags, file_mode), ("opening " + folder_).c_str());
    refuse_cut_file(env_, folder_);
    refuse_lost_state(env_, folder_);
    if (!read_only_)
      check(sync_path(folder_), ("syncing " + folder_).c_str());
    drop_dead_readers();
  } catch (...) {
    if (env_)
      mdb_env_close(env_);
    folders_of_this_process().remove(folder_);
    throw;
  }
}

env::~env() {
  for (auto* txn : pool_)
    mdb_txn_abort(txn);
  mdb_env_close(env_);
  folders_of_this_process().remove(folder_);
}

std::vector<table> env::open_tables(std::span<const table_spec> specs) {
  MDB_txn* txn = nullptr;
  check(mdb_txn_begin(env_, nullptr, read_only_ ? MDB_RDONLY : 0U, &txn), "opening tables");
  std::vector<table> tables;
  try {
    const auto open = [&](const char* name, unsigned flags, const std::string& what) {
      table opened = 0;
      if (const int code = mdb_dbi_open(txn, name, flags, &opened))
        throw failure(code, "opening " + what);
      return opened;
    };
    // Before one that is hidden is made anew.
    const auto names = "the table of tables of " + folder_;
    refuse_hidden(txn, open(nullptr, 0, names), names);
    for (const auto& spec : specs) {
      const auto what = std::string{"table "} + spec.name + " of " + folder_;
      tables.push_back(open(
          spec.name, (spec.integer_keys ? MDB_INTEGERKEY : 0U) | (read_only_ ? 0U : MDB_CREATE),
          what));
      if (spec.counted)
        refuse_hidden(txn, tables.back(), what);
    }
  } catch (...) {
    mdb_txn_abort(txn);
    throw;
  }
  check(mdb_txn_commit(txn), "opening tables");
  return tables;
}

std::uint64_t env::map_bytes() const {
  MDB_envinfo info;
  mdb_env_info(env_, &info);
  return info.me_mapsize;
}

std::uint64_t env::used_bytes() const {
  MDB_envinfo info;
  MDB_stat stat;
  mdb_env_info(env_, &info);
  mdb_env_stat(env_, &stat);
  return (std::uint64_t{info.me_last_pgno} + 1) * stat.ms_psize;
}

env::readers env::readers_now() const {
  MDB_envinfo info;
  mdb_env_info(env_, &info);
  struct seen {
    std::uint64_t slots = 0;
    std::uint64_t oldest;
  } all{0, info.me_last_txnid};
  // LMDB tells its readers as lines only: pid, thread, and what they read from or "-".
  const auto take = [](const char* line, void* into) {
    auto& s = *static_cast<seen*>(into);
    unsigned long pid = 0;
    unsigned long from = 0;
    const int words = std::sscanf(line, "%lu %*x %lu", &pid, &from);
    s.slots += words >= 1 ? 1 : 0;
    if (words == 2)
      s.oldest = std::min<std::uint64_t>(s.oldest, from);
    return 0;
  };
  mdb_reader_list(env_, take, &all);
  return {all.slots, info.me_maxreaders, info.me_last_txnid - all.oldest};
}

void env::drop_dead_readers() {
  int dead = 0;
  mdb_reader_check(env_, &dead);
}

void env::copy_compact(const std::string& folder) const {
  check(mdb_env_copy2(env_, folder.c_str(), MDB_CP_COMPACT), ("copying to " + folder).c_str());
  // LMDB lets others read a copy.
  if (::chmod((folder + "/data.mdb").c_str(), file_mode) != 0)
    throw failure(errno, "closing " + folder + "/data.mdb to others");
}

void env::copy_compact(int file) const {
  check(mdb_env_copyfd2(env_, file, MDB_CP_COMPACT), ("copying " + folder_).c_str());
}

MDB_txn* env::borrow() const {
  {
    const std::scoped_lock hold{pool_mutex_};
    if (!pool_.empty()) {
      auto* txn = pool_.back();
      pool_.pop_back();
      if (mdb_txn_renew(txn) == MDB_SUCCESS)
        return txn;
      mdb_txn_abort(txn);
    }
  }
  MDB_txn* txn = nullptr;
  check(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn), "beginning to read");
  return txn;
}

void env::give_back(MDB_txn* txn) const noexcept {
  mdb_txn_reset(txn);
  const std::scoped_lock hold{pool_mutex_};
  pool_.push_back(txn);
}

std::optional<std::string_view> transaction::get(table in, std::string_view key) const {
  auto k = val(key);
  MDB_val v;
  const int code = mdb_get(txn_, in, &k, &v);
  if (code == MDB_NOTFOUND)
    return std::nullopt;
  check(code, "reading");
  return view(v);
}

std::uint64_t transaction::entries(table in) const {
  return entries_of(txn_, in);
}

bool transaction::shows_all_rows(table in, const std::atomic<bool>& stops) const {
  return shows_all(txn_, in, &stops);
}

reading::reading(const env& of) : of_(of) {
  txn_ = of_.borrow();
}

reading::~reading() {
  of_.give_back(txn_);
}

writing::writing(env& in) {
  check(mdb_txn_begin(in.env_, nullptr, 0, &txn_), "beginning to write");
}

writing::~writing() {
  if (txn_)
    mdb_txn_abort(txn_);
}

void writing::put(table in, std::string_view key, std::string_view value) {
  auto k = val(key);
  auto v = val(value);
  check(mdb_put(txn_, in, &k, &v, 0), "writing");
}

void writing::append(table in, std::string_view key, std::string_view value) {
  auto k = val(key);
  auto v = val(value);
  check(mdb_put(txn_, in, &k, &v, MDB_APPEND), "appending");
}

bool writing::erase(table in, std::string_view key) {
  auto k = val(key);
  const int code = mdb_del(txn_, in, &k, nullptr);
  if (code == MDB_NOTFOUND)
    return false;
  check(code, "deleting");
  return true;
}

void writing::clear(table in) {
  check(mdb_drop(txn_, in, 0), "emptying a table");
}

void writing::commit() {
  auto* txn = txn_;
  txn_ = nullptr;  // LMDB frees it whatever becomes of it
  check(mdb_txn_commit(txn), "making durable");
}

cursor::cursor(const transaction& in, table of) {
  check(mdb_cursor_open(in.handle(), of, &cursor_), "opening a cursor");
}

cursor::~cursor() {
  mdb_cursor_close(cursor_);
}

bool cursor::first() {
  return move(MDB_FIRST);
}

bool cursor::last() {
  return move(MDB_LAST);
}

bool cursor::next() {
  return move(MDB_NEXT);
}

bool cursor::prev() {
  return move(MDB_PREV);
}

bool cursor::seek(std::string_view key) {
  key_ = key;
  return move(MDB_SET_RANGE);
}

void cursor::erase() {
  check(mdb_cursor_del(cursor_, 0), "deleting");
}

bool cursor::move(int operation) {
  auto k = val(key_);
  MDB_val v{};
  const int code = mdb_cursor_get(cursor_, &k, &v, static_cast<MDB_cursor_op>(operation));
  if (code == MDB_NOTFOUND)
    return false;
  check(code, "walking");
  key_ = view(k);
  value_ = view(v);
  return true;
}

std::uint64_t number_in(std::string_view bytes) {
  std::uint64_t n = 0;
  if (bytes.size() != sizeof n)
    throw failure(MDB_CORRUPTED, "reading a number");
  std::memcpy(&n, bytes.data(), sizeof n);
  return n;
}

} // namespace careline::store::lmdb
