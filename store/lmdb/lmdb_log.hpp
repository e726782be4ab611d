#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "store/event_log.hpp"
#include "store/folder_lock.hpp"
#include "store/lmdb/lmdb_env.hpp"
#include "store/lmdb/stream_index.hpp"

namespace careline::store::lmdb {

/// The log in an LMDB environment (docs/log-format.md), one engine at a time. An append is durable
/// when it returns: default flags, every commit is synced.
class lmdb_log final : public event_log {
public:
  /// Opens or makes the folder `options.place` with `log/` and `streams/` in it.
  static result<std::unique_ptr<event_log>, log_error> open(const open_options& options);
  ~lmdb_log() override;

  void append(std::vector<batch> group, position expected_head, std::uint64_t epoch,
              append_done done) override;
  position head() const override;
  chain_hash head_hash() const override;
  std::uint64_t epoch() const override;
  result<chain_hash, log_error> hash_at(position at) const override;
  result<page, log_error> read(const read_options& what) const override;
  result<std::vector<event_record>, log_error> read_stream(std::string_view subject) const override;
  std::optional<remembered> find_command(const command_key& key) const override;
  std::optional<position> find_checkpoint(std::string_view listener) const override;
  std::vector<std::pair<std::string, position>> last_of_types() const override;
  std::int64_t room_bytes() const override;

private:
  using type_places = std::map<std::string, position, std::less<>>;

  explicit lmdb_log(const open_options& options);

  // lmdb_open.cpp: what is looked at before anything is served.
  void start();
  void check_layout(const reading& r, std::uint64_t records) const;
  void read_state(const reading& r);
  void check_end(const reading& r) const;
  void raise_epoch();
  void start_streams();

  // lmdb_log.cpp
  struct growth;
  result<std::vector<committed>, log_error> write(std::vector<batch>& group, position expected_head,
                                                  std::uint64_t epoch);
  void write_batch(writing& w, batch& b, growth& g, std::vector<committed>& places) const;
  void write_places(writing& w, const growth& g) const;
  void forget_old(writing& w, const growth& g) const;

  // lmdb_read.cpp
  chain_hash stored_hash(const reading& r, position at) const;
  log_error damaged_at(const reading& r, position at) const;
  log_error known_damage() const;
  template <class Each>
  std::optional<log_error> walk(position after, position until, Each&& each) const;
  position walk_subjects(position after, position until,
                         const std::function<void(position, std::string_view)>& each) const;
  std::optional<log_error> read_places(std::string_view subject,
                                       const std::vector<position>& places,
                                       std::vector<event_record>& into) const;
  std::uint64_t free_on_disk() const;

  open_options options_;
  std::optional<folder_lock> lock_;
  std::unique_ptr<env> env_;
  table log_ = 0;
  table commands_ = 0;
  table meta_ = 0;
  std::uint64_t epoch_ = 0;
  std::uint64_t readers_checked_us_ = 0;

  mutable std::mutex state_mutex_;  ///< of the four below; all but read-only logs use them
  position head_ = 0;
  chain_hash head_hash_{};
  instant newest_{};
  type_places last_of_types_;

  mutable std::atomic<position> damaged_{0};  ///< first known wrong position, 0 for none
  std::unique_ptr<stream_index> streams_;     ///< last: its thread reads the log
};

/// What LMDB said, in the port's words.
log_error error_from(const failure& f);

/// Key of a remembered command: time-ordered, so that old ones are at the front.
std::string command_row_key(const command_key& key);

} // namespace careline::store::lmdb
