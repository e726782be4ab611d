#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

struct MDB_env;
struct MDB_txn;
struct MDB_cursor;

/// LMDB's C API as owners and exceptions. Stays inside store/: the classes that use it turn every
/// `failure` into a value before they return.
namespace careline::store::lmdb {

/// An LMDB or system error and what was being done.
struct failure : std::runtime_error {
  failure(int error, const std::string& doing);
  bool is_full() const noexcept;     ///< the map is full: the transaction left nothing behind
  bool is_disk_full() const noexcept;
  bool is_damage() const noexcept;   ///< the file is not what LMDB wrote
  bool is_absent() const noexcept;   ///< a table or file that is not there
  int code;
};

using table = unsigned;

struct table_spec {
  const char* name = nullptr;
  bool integer_keys = false;  ///< 8 bytes, native order
  bool counted = false;       ///< its rows are in no chain and no sum: each opening counts them
};

struct env_options {
  std::string folder;           ///< must exist
  std::uint64_t map_bytes = 0;  ///< read-only: 0, the file says
  bool read_only = false;
  bool syncs_meta = true;       ///< false: the last commit may be lost in a power cut, nothing else
  bool locks = true;            ///< false: only for reading what nobody writes
};

/// One open environment. A process opens a folder at most once at a time (LMDB's locks would break
/// otherwise): a second opening fails. Never carried across fork.
class env {
public:
  explicit env(const env_options& options);
  ~env();
  env(const env&) = delete;
  env& operator=(const env&) = delete;

  /// Opens the tables, making them unless read-only. Once, before anything else. Damage where a
  /// page shows fewer tables or rows than were written.
  std::vector<table> open_tables(std::span<const table_spec> specs);

  std::uint64_t map_bytes() const;
  /// What the file takes, without the pages that were freed inside it.
  std::uint64_t used_bytes() const;
  struct readers {
    std::uint64_t slots = 0;
    std::uint64_t slots_max = 0;
    std::uint64_t oldest_read = 0;  ///< commits since the oldest read that is open now began
  };
  /// Who reads now, in this and other processes.
  readers readers_now() const;
  /// Frees the slots of readers whose process died; they would pin old pages for ever.
  void drop_dead_readers();
  /// Writes a copy without freed pages into another, empty folder.
  void copy_compact(const std::string& folder) const;
  /// The same into an open file.
  void copy_compact(int file) const;

private:
  friend class reading;
  friend class writing;
  MDB_txn* borrow() const;
  void give_back(MDB_txn* txn) const noexcept;

  std::string folder_;
  MDB_env* env_ = nullptr;
  bool read_only_ = false;
  mutable std::mutex pool_mutex_;
  mutable std::vector<MDB_txn*> pool_;  ///< reset readers: they hold a slot but no pages
};

/// What both kinds of transaction can do. Views are valid until it ends (a writing one: or writes).
class transaction {
public:
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;

  std::optional<std::string_view> get(table in, std::string_view key) const;
  std::uint64_t entries(table in) const;
  /// LMDB's pages have no sums: one that seems to end earlier hides its last rows, and a row that
  /// is not there looks like one that never was. But each table knows how many it has. Walks them
  /// all; true when `stops` ends it.
  bool shows_all_rows(table in, const std::atomic<bool>& stops) const;
  MDB_txn* handle() const noexcept { return txn_; }

protected:
  transaction() = default;
  ~transaction() = default;
  MDB_txn* txn_ = nullptr;
};

/// The newest durable state, for as long as it lives: keep it short, it pins pages.
class reading : public transaction {
public:
  explicit reading(const env& of);
  ~reading();

private:
  const env& of_;
};

/// The one writer. Without `commit` nothing happened.
class writing : public transaction {
public:
  explicit writing(env& in);
  ~writing();

  void put(table in, std::string_view key, std::string_view value);
  /// Requires: `key` is above all others.
  void append(table in, std::string_view key, std::string_view value);
  /// False when it was not there.
  bool erase(table in, std::string_view key);
  void clear(table in);
  /// Durable when it returns (see env_options::syncs_meta).
  void commit();
};

/// Walks a table in the order of its keys. Lives shorter than its transaction.
class cursor {
public:
  cursor(const transaction& in, table of);
  ~cursor();
  cursor(const cursor&) = delete;
  cursor& operator=(const cursor&) = delete;

  bool first();
  bool last();
  bool next();
  bool prev();
  /// To `key`, or the first one above it.
  bool seek(std::string_view key);
  /// Deletes where it stands; `next` then goes on behind it.
  void erase();

  std::string_view key() const noexcept { return key_; }
  std::string_view value() const noexcept { return value_; }

private:
  bool move(int operation);

  MDB_cursor* cursor_ = nullptr;
  std::string_view key_;
  std::string_view value_;
};

/// A number as a key of an integer table, or as a value.
class number_bytes {
public:
  explicit number_bytes(std::uint64_t n) noexcept : n_(n) {}
  operator std::string_view() const noexcept { // NOLINT: it is nothing but these bytes
    return {reinterpret_cast<const char*>(&n_), sizeof n_};
  }

private:
  std::uint64_t n_;
};
/// Reads it back. Fails with damage when it is not 8 bytes.
std::uint64_t number_in(std::string_view bytes);

} // namespace careline::store::lmdb
