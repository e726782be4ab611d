#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/event_log.hpp"
#include "store/row_source.hpp"

namespace careline::store {

/// The log without a disk: for `simulate`, tests and a first look. It keeps the port's whole
/// promise but one: it is gone with the process. Any text is a command id.
class memory_log final : public event_log, public row_source {
public:
  explicit memory_log(const open_options& options);

  void append(std::vector<batch> group, position expected_head, std::uint64_t epoch,
              append_done done) override;
  position head() const override;
  chain_hash head_hash() const override;
  std::uint64_t epoch() const override { return 1; }
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

  std::optional<log_error> walk_records(position after, position until,
                                        const each_record& each) const override;
  std::optional<log_error> check_beside(const type_positions& walked,
                                        position until) const override;

  /// Changes one bit of the record at `at`, as a bad disk would. For tests.
  void damage(position at);

private:
  result<std::vector<committed>, log_error> write(std::vector<batch>& group, position expected_head,
                                                  std::uint64_t epoch);
  void add(event_record& e);
  void remember(const command_key& key, const remembered& kept);
  instant id_now() const;
  void forget_old();
  std::uint64_t bytes_needed(const std::vector<batch>& group) const;
  chain_hash stored_hash(position at) const;
  bool is_right(position at) const;
  log_error damaged_at(position at) const;

  open_options options_;
  mutable std::mutex mutex_;  ///< of all below
  std::deque<std::string> rows_;  ///< record ‖ hash, as on disk
  std::uint64_t bytes_ = 0;
  instant newest_{};
  std::string scratch_;
  std::map<std::string, position, std::less<>> last_of_types_;
  std::map<std::string, position, std::less<>> checkpoints_;
  std::unordered_map<std::string, std::vector<position>> streams_;
  std::unordered_map<std::string, remembered> commands_;
  std::deque<std::pair<instant, std::string>> command_order_;
  mutable position damaged_ = 0;
};

} // namespace careline::store
