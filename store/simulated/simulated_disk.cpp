#include "store/simulated/simulated_disk.hpp"

#include <utility>

#include "messages/planted.hpp"
#include "store/row_source.hpp"

namespace careline::store {

/// One opening of a disk. Reads see what is durable.
class simulated_log final : public event_log, public row_source {
public:
  explicit simulated_log(simulated_disk& on) : on_(on), epoch_(on.epoch_) { ++on_.open_; }
  ~simulated_log() override { --on_.open_; }
  simulated_log(const simulated_log&) = delete;
  simulated_log& operator=(const simulated_log&) = delete;

  void append(std::vector<batch> group, position expected_head, std::uint64_t epoch,
              append_done done) override {
    on_.append({epoch, std::move(group), expected_head, std::move(done)});
  }
  std::uint64_t epoch() const override { return epoch_; }
  position head() const override { return on_.log_.head(); }
  chain_hash head_hash() const override { return on_.log_.head_hash(); }
  result<chain_hash, log_error> hash_at(position at) const override { return on_.log_.hash_at(at); }
  result<page, log_error> read(const read_options& what) const override {
    return on_.log_.read(what);
  }
  result<std::vector<event_record>, log_error>
  read_stream(std::string_view subject) const override {
    return on_.log_.read_stream(subject);
  }
  result<std::optional<remembered>, log_error>
  find_command(const command_key& key) const override {
    return on_.log_.find_command(key);
  }
  result<std::optional<position>, log_error>
  find_checkpoint(std::string_view listener) const override {
    return on_.log_.find_checkpoint(listener);
  }
  std::vector<std::pair<std::string, position>> last_of_types() const override {
    return on_.log_.last_of_types();
  }
  std::optional<log_error> walk_records(position after, position until,
                                        const each_record& each) const override {
    return on_.log_.walk_records(after, until, each);
  }
  std::optional<log_error> check_beside(const type_positions& walked,
                                        position until) const override {
    return on_.log_.check_beside(walked, until);
  }
  std::int64_t room_bytes() const override { return on_.room_.value_or(on_.log_.room_bytes()); }
  std::int64_t reserve_bytes() const override { return on_.log_.reserve_bytes(); }

private:
  simulated_disk& on_;
  std::uint64_t epoch_;
};

simulated_disk::simulated_disk(const open_options& options, witness sees)
    : log_(options), sees_(std::move(sees)) {}

result<std::unique_ptr<event_log>, log_error> simulated_disk::open(bool no_lock) {
  if (open_ > 0 && !no_lock)
    return no(log_error{log_fault::locked, "another engine has this disk"});
  ++epoch_;
  return std::unique_ptr<event_log>{new simulated_log{*this}};
}

void simulated_disk::append(written what) {
  if (std::exchange(fails_next_, false)) {
    what.done(no(log_error{log_fault::io, "the write failed"}));
    return;
  }
  if (what.epoch != epoch_ && !planted(bug::appends_after_any_head)) {
    what.done(no(log_error{log_fault::conflict, "another engine has taken the log over",
                           log_.head()}));
    return;
  }
  if (room_ && *room_ + log_.reserve_bytes() < 0) {
    what.done(no(log_error{log_fault::full, "the disk is full"}));
    return;
  }
  written_ = std::move(what);
  if (syncs_each_)
    sync();
}

/// The transaction's end is on the disk: from here on it is true.
result<std::vector<committed>, log_error> simulated_disk::commit(written& what) {
  if (what.epoch != epoch_ && !planted(bug::appends_after_any_head))
    return no(log_error{log_fault::conflict, "another engine has taken the log over", log_.head()});
  const auto group = what.group;
  result<std::vector<committed>, log_error> places{std::vector<committed>{}};
  log_.append(std::move(what.group), what.expected_head, log_.epoch(),
              [&](auto outcome) { places = std::move(outcome); });
  if (places && room_)
    for (const auto& b : group)
      *room_ -= static_cast<std::int64_t>(room_needed(b));
  if (places && sees_)
    sees_(what.epoch, group, *places);
  return places;
}

void simulated_disk::sync() {
  auto what = *std::exchange(written_, std::nullopt);
  auto places = commit(what);
  what.done(std::move(places));
}

void simulated_disk::keep(unsynced_fate fate) {
  auto what = std::exchange(written_, std::nullopt);
  if (what && fate == unsynced_fate::whole)
    (void)commit(*what);
}

void simulated_disk::fail_sync(unsynced_fate fate) {
  const auto done = written_->done;
  keep(fate);
  done(no(log_error{log_fault::io, "the sync failed"}));
}

void simulated_disk::crash(unsynced_fate fate) {
  keep(fate);
}

} // namespace careline::store
