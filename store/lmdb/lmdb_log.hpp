#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "store/ballast.hpp"
#include "store/disk_use.hpp"
#include "store/event_log.hpp"
#include "store/folder_lock.hpp"
#include "store/lmdb/lmdb_env.hpp"
#include "store/lmdb/stream_index.hpp"
#include "store/row_source.hpp"

namespace careline::store::lmdb {

/// The log in an LMDB environment (docs/log-format.md), one engine at a time. An append is durable
/// when it returns: default flags, every commit is synced.
class lmdb_log final : public event_log, public row_source {
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
  result<std::optional<remembered>, log_error>
  find_command(const command_key& key) const override;
  result<std::optional<position>, log_error>
  find_checkpoint(std::string_view listener) const override;
  std::vector<std::pair<std::string, position>> last_of_types() const override;
  std::int64_t room_bytes() const override;
  std::int64_t reserve_bytes() const override;
  log_usage usage() const override;

  std::optional<log_error> walk_records(position after, position until,
                                        const each_record& each) const override;
  std::optional<log_error> check_beside(const type_positions& walked,
                                        position until) const override;

private:
  disk_room look_at_disk() const;

  explicit lmdb_log(const open_options& options);

  // lmdb_open.cpp: what is looked at before anything is served.
  void start();
  void check_layout(const reading& r, std::uint64_t records) const;
  void read_state(const reading& r);
  void check_end(const reading& r) const;
  void refuse_shorter() const;
  void raise_epoch();
  void start_streams();
  void start_ballast();
  void sync_folders() const;

  // lmdb_log.cpp
  struct growth;
  result<std::vector<committed>, log_error> write(std::vector<batch>& group, position expected_head,
                                                  std::uint64_t epoch);
  std::optional<log_error> write_group(std::vector<batch>& group, std::uint64_t epoch, growth& g,
                                       std::vector<committed>& places);
  void write_batch(writing& w, batch& b, growth& g, std::vector<committed>& places) const;
  void write_meta(writing& w, const growth& g) const;
  void forget_old(writing& w, const growth& g) const;
  void commit(writing& w) const;
  bool is_out_of_disk(const failure& f) const;
  template <class Work>
  auto with_ballast(Work&& work);

  // lmdb_read.cpp
  position head_in(const reading& r) const;
  position head_now() const;
  type_positions types_in(const reading& r) const;
  std::vector<std::pair<std::string, position>> types_now() const;
  chain_hash stored_hash(const reading& r, position at) const;
  log_error damaged_at(const reading& r, position at) const;
  log_error known_from(position at) const;
  log_error known_damage() const;
  template <class Each>
  std::optional<log_error> walk(position after, position until, Each&& each) const;
  position walk_subjects(position after, position until,
                         const std::function<void(position, std::string_view)>& each) const;
  result<bool, log_error> read_places(std::string_view subject,
                                      const std::vector<position>& places,
                                      std::vector<event_record>& into) const;
  std::uint64_t free_on_disk() const;

  // lmdb_check.cpp
  log_error damaged_meta(std::string_view what) const;
  std::optional<log_error> check_meta(const type_positions& walked, position until) const;
  std::optional<log_error> check_commands() const;

  open_options options_;
  std::optional<folder_lock> lock_;
  std::unique_ptr<env> env_;
  table log_ = 0;
  table commands_ = 0;
  table meta_ = 0;
  std::uint64_t epoch_ = 0;
  std::uint64_t readers_checked_us_ = 0;

  /// Of the four below. A read-only log has here what it saw when it was opened.
  mutable std::mutex state_mutex_;
  position head_ = 0;
  chain_hash head_hash_{};
  instant newest_{};
  type_positions last_of_types_;

  std::unique_ptr<ballast> ballast_;
  mutable std::atomic<position> damaged_{0};  ///< first known wrong position, 0 for none
  std::unique_ptr<stream_index> streams_;     ///< last: its thread reads the log
};

/// Does `work`; where the disk turns out to be full, gives back some of the ballast and does it
/// again, as long as there is any.
template <class Work>
auto lmdb_log::with_ballast(Work&& work) {
  while (true) {
    try {
      return work();
    } catch (const failure& f) {
      if (!ballast_ || !is_out_of_disk(f) || !ballast_->give_back())
        throw;
    }
  }
}

/// What LMDB said, in the port's words.
log_error error_from(const failure& f);

/// Key of a remembered command: time-ordered, so that old ones are at the front.
std::string command_row_key(const command_key& key);
/// Ids that carry no time sort behind all that do and stay; only files of scenarios have them.
inline constexpr char timeless = '\xFF';
/// Says that the row under this key is not what was written.
log_error damaged_command(std::string_view row_key);

} // namespace careline::store::lmdb
