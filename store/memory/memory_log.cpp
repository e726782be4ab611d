#include "store/memory/memory_log.hpp"

#include <algorithm>

#include "messages/planted.hpp"
#include "store/hash.hpp"
#include "store/row.hpp"

namespace careline::store {

namespace {

std::string flat(const command_key& key) {
  return key.client + '\0' + key.id;
}

} // namespace

memory_log::memory_log(const open_options& options) : options_(options) {}

void memory_log::append(std::vector<batch> group, position expected_head, std::uint64_t epoch,
                        append_done done) {
  done(write(group, expected_head, epoch));
}

result<std::vector<committed>, log_error> memory_log::write(std::vector<batch>& group,
                                                            position expected_head,
                                                            std::uint64_t epoch) {
  const std::scoped_lock hold{mutex_};
  if (expected_head != rows_.size() || epoch != this->epoch())
    return no(log_error{log_fault::conflict, "the log has moved on", rows_.size()});
  for (const auto& b : group)
    for (const auto& e : b.events)
      if (auto why = unwritable(e))
        return no(log_error{log_fault::io, *why});
  if (bytes_ + bytes_needed(group) > options_.map_bytes)
    return no(log_error{log_fault::full, "the log has reached its size limit"});
  std::vector<committed> places;
  places.reserve(group.size());
  for (auto& b : group) {
    committed place;
    if (!b.events.empty())
      place = {rows_.size() + (planted(bug::reuses_position) && places.size() > 2 ? 0 : 1),
               rows_.size() + b.events.size()};
    for (auto& e : b.events)
      add(e);
    if (b.command) {
      auto& [key, kept] = *b.command;
      if (kept.outcome == outcome_kind::accepted && place.last != 0)
        kept.at = place.last;
      remember(key, kept);
    }
    for (const auto& c : b.checkpoints)
      checkpoints_[c.listener] = c.at;
    places.push_back(place);
  }
  forget_old();
  return places;
}

void memory_log::add(event_record& e) {
  e.at = rows_.size() + 1;
  auto& last = last_of_types_[e.type];
  e.previous = last;
  last = e.at;
  scratch_.clear();
  encode_record(e, scratch_);
  const auto hash = next_hash(stored_hash(e.at - 1), scratch_);
  std::string row;
  row.reserve(scratch_.size() + hash.size());
  row += scratch_;
  row += bytes_of(hash);
  bytes_ += row.size();
  rows_.push_back(std::move(row));
  streams_[e.subject].push_back(e.at);
  newest_ = std::max(newest_, e.time);
}

void memory_log::remember(const command_key& key, const remembered& kept) {
  auto id = flat(key);
  if (commands_.insert_or_assign(id, kept).second)
    command_order_.emplace_back(id_now(), std::move(id));
}

instant memory_log::id_now() const {
  return options_.id_now ? options_.id_now() : newest_;
}

void memory_log::forget_old() {
  const auto oldest = id_now() - options_.remember;
  while (!command_order_.empty() && command_order_.front().first < oldest) {
    commands_.erase(command_order_.front().second);
    command_order_.pop_front();
  }
}

std::uint64_t memory_log::bytes_needed(const std::vector<batch>& group) const {
  std::uint64_t bytes = 0;
  for (const auto& b : group)
    bytes += room_needed(b);
  return bytes;
}

position memory_log::head() const {
  const std::scoped_lock hold{mutex_};
  return rows_.size();
}

chain_hash memory_log::head_hash() const {
  const std::scoped_lock hold{mutex_};
  return stored_hash(rows_.size());
}

result<chain_hash, log_error> memory_log::hash_at(position at) const {
  const std::scoped_lock hold{mutex_};
  if (at > rows_.size())
    return no(log_error{log_fault::conflict,
                        "position " + std::to_string(at) + " is above the head", at});
  return stored_hash(at);
}

chain_hash memory_log::stored_hash(position at) const {
  return at == 0 ? chain_hash{} : split_row(rows_[at - 1])->hash;
}

bool memory_log::is_right(position at) const {
  return chain_walk{at - 1, stored_hash(at - 1)}.step(rows_[at - 1]);
}

log_error memory_log::damaged_at(position at) const {
  while (at > 1 && !is_right(at - 1))
    --at;
  damaged_ = damaged_ == 0 ? at : std::min(damaged_, at);
  return {log_fault::damaged, "record " + std::to_string(damaged_) + " is not what was written",
          damaged_};
}

result<page, log_error> memory_log::read(const read_options& what) const {
  const std::scoped_lock hold{mutex_};
  page_filler filler{what};
  if (what.after >= rows_.size())
    return filler.finish();
  if (damaged_ != 0 && what.after + 1 >= damaged_)
    return no(damaged_at(damaged_));
  if (what.after > 0 && !is_right(what.after))
    return no(damaged_at(what.after));
  chain_walk chain{what.after, stored_hash(what.after)};
  const auto until = std::min<position>(rows_.size(), what.after + scan_records_max);
  while (chain.at() < until) {
    const auto at = chain.at() + 1;
    const bool is_damaged = at == damaged_ || !chain.step(rows_[at - 1]);
    if (is_damaged && filler.is_at_start())
      return no(damaged_at(at));
    if (is_damaged || filler.take(at, chain.record()) != page_filler::took::yes)
      break;
  }
  return filler.finish();
}

std::optional<log_error> memory_log::walk_records(position after, position until,
                                                  const each_record& each) const {
  const std::scoped_lock hold{mutex_};
  if (damaged_ != 0 && after + 1 >= damaged_)
    return damaged_at(damaged_);
  if (after > 0 && !is_right(after))
    return damaged_at(after);
  chain_walk chain{after, stored_hash(after)};
  while (chain.at() < until) {
    const auto at = chain.at() + 1;
    if (at == damaged_ || !chain.step(rows_[at - 1]))
      return damaged_at(at);
    if (!each(chain))
      break;
  }
  return std::nullopt;
}

/// Nothing of it was ever on a disk.
std::optional<log_error> memory_log::check_beside(const type_positions&, position) const {
  return std::nullopt;
}

result<std::vector<event_record>, log_error>
memory_log::read_stream(std::string_view subject) const {
  const std::scoped_lock hold{mutex_};
  std::vector<event_record> events;
  const auto found = streams_.find(std::string{subject});
  if (found == streams_.end())
    return events;
  for (const auto at : found->second) {
    if ((damaged_ != 0 && at >= damaged_) || !is_right(at))
      return no(damaged_at(at));
    if (auto event = decode_record(split_row(rows_[at - 1])->record))
      events.push_back(std::move(*event));
  }
  return events;
}

result<std::optional<remembered>, log_error>
memory_log::find_command(const command_key& key) const {
  const std::scoped_lock hold{mutex_};
  const auto found = commands_.find(flat(key));
  return found == commands_.end() ? std::optional<remembered>{} : found->second;
}

result<std::optional<position>, log_error>
memory_log::find_checkpoint(std::string_view listener) const {
  const std::scoped_lock hold{mutex_};
  const auto found = checkpoints_.find(listener);
  return found == checkpoints_.end() ? std::optional<position>{} : found->second;
}

std::vector<std::pair<std::string, position>> memory_log::last_of_types() const {
  const std::scoped_lock hold{mutex_};
  return {last_of_types_.begin(), last_of_types_.end()};
}

std::int64_t memory_log::room_bytes() const {
  const std::scoped_lock hold{mutex_};
  return static_cast<std::int64_t>(options_.map_bytes) - static_cast<std::int64_t>(bytes_)
         - static_cast<std::int64_t>(options_.reserve_bytes);
}

std::int64_t memory_log::reserve_bytes() const {
  return static_cast<std::int64_t>(options_.reserve_bytes);
}

void memory_log::damage(position at) {
  const std::scoped_lock hold{mutex_};
  auto& row = rows_[at - 1];
  const auto middle = (row.size() - sizeof(chain_hash)) / 2;
  row[middle] = static_cast<char>(row[middle] ^ 1);
}

} // namespace careline::store
