#include "store/lmdb/lmdb_log.hpp"

#include <algorithm>
#include <cerrno>

#include "messages/uuid.hpp"
#include "store/hash.hpp"
#include "store/lmdb/meta_rows.hpp"
#include "store/row.hpp"
#include "store/stopwatch.hpp"

// The writing half. One transaction per group: events, remembered commands, checkpoints.

namespace careline::store::lmdb {

namespace {

constexpr std::uint64_t readers_check_us = 60'000'000;
constexpr std::size_t forget_min = 8;

} // namespace

/// What the group adds to the log's state once it is durable.
struct lmdb_log::growth {
  position head = 0;
  chain_hash hash{};
  instant newest{};
  std::size_t commands = 0;
  type_positions places;  ///< of the types in this group
  std::map<std::string, position> checkpoints;
  std::string row;        ///< of the record being written
};

log_error error_from(const failure& f) {
  if (f.is_full())
    return {log_fault::full, "the log has reached its size limit"};
  if (f.is_damage())
    return {log_fault::damaged, f.what()};
  if (f.is_disk_full())
    return {log_fault::io, std::string{"the disk is full: "} + f.what()};
  return {log_fault::io, f.what()};
}

std::string command_row_key(const command_key& key) {
  std::string bytes;
  bytes.reserve(32);
  if (const auto id = parse_uuid7(key.id)) {
    bytes = bytes_of(id->bytes);
  } else {
    bytes += timeless;
    bytes += bytes_of(blake128(key.id)).substr(1);
  }
  bytes += bytes_of(blake128(key.client));
  return bytes;
}

void lmdb_log::append(std::vector<batch> group, position expected_head, std::uint64_t epoch,
                      append_done done) {
  auto outcome = write(group, expected_head, epoch);
  const bool grew = outcome.has_value();
  if (grew && streams_)
    streams_->log_is_at(head());
  done(std::move(outcome));
  // After the answer: it may take a moment.
  if (grew && ballast_)
    ballast_->take();
}

result<std::vector<committed>, log_error> lmdb_log::write(std::vector<batch>& group,
                                                          position expected_head,
                                                          std::uint64_t epoch) {
  if (options_.read_only)
    return no(log_error{log_fault::io, "the log is open for reading only"});
  for (const auto& b : group)
    for (const auto& e : b.events)
      if (auto why = unwritable(e))
        return no(log_error{log_fault::io, *why});
  growth before;
  {
    const std::scoped_lock hold{state_mutex_};
    before.head = head_;
    before.hash = head_hash_;
    before.newest = newest_;
  }
  if (expected_head != before.head || epoch != epoch_)
    return no(log_error{log_fault::conflict, "the log has moved on", before.head});
  growth g;
  std::vector<committed> places;
  try {
    if (const auto now_us = steady_us(); now_us - readers_checked_us_ > readers_check_us) {
      env_->drop_dead_readers();
      readers_checked_us_ = now_us;
    }
    const auto refused = with_ballast([&] {
      g = before;
      places.clear();
      return write_group(group, epoch, g, places);
    });
    if (refused)
      return no(*refused);
  } catch (const failure& f) {
    return no(error_from(f));
  }
  const std::scoped_lock hold{state_mutex_};
  head_ = g.head;
  head_hash_ = g.hash;
  newest_ = g.newest;
  for (const auto& [type, at] : g.places)
    last_of_types_[type] = at;
  return places;
}

/// One transaction; without it nothing happened, and it can be done once more.
std::optional<log_error> lmdb_log::write_group(std::vector<batch>& group, std::uint64_t epoch,
                                               growth& g, std::vector<committed>& places) {
  writing w{*env_};
  const auto newest_epoch = w.get(meta_, "epoch");
  if (!newest_epoch || number_in(*newest_epoch) != epoch)
    return log_error{log_fault::conflict, "another engine has taken the log over", g.head};
  places.reserve(group.size());
  for (auto& b : group)
    write_batch(w, b, g, places);
  write_meta(w, g);
  forget_old(w, g);
  commit(w);
  return std::nullopt;
}

void lmdb_log::commit(writing& w) const {
  if (options_.disk.commit_error)
    if (const int code = options_.disk.commit_error())
      throw failure(code, "making durable");
  w.commit();
}

/// LMDB calls a write that was cut off by the disk's end EIO.
bool lmdb_log::is_out_of_disk(const failure& f) const {
  return f.is_disk_full() || (f.code == EIO && free_on_disk() < ballast_->slice_bytes());
}

void lmdb_log::write_batch(writing& w, batch& b, growth& g, std::vector<committed>& places) const {
  committed place;
  for (auto& e : b.events) {
    e.at = g.head + 1;
    auto known = g.places.find(e.type);
    if (known == g.places.end()) {
      // Only the writer changes last_of_types_, and this is its thread.
      const auto before = last_of_types_.find(e.type);
      known = g.places.emplace(e.type, before == last_of_types_.end() ? 0 : before->second).first;
    }
    e.previous = known->second;
    g.row.clear();
    encode_record(e, g.row);
    g.hash = next_hash(g.hash, g.row);
    g.row += bytes_of(g.hash);
    w.append(log_, number_bytes{e.at}, g.row);
    known->second = e.at;
    g.head = e.at;
    g.newest = std::max(g.newest, e.time);
    place.first = place.first == 0 ? e.at : place.first;
    place.last = e.at;
  }
  if (b.command) {
    auto& [key, kept] = *b.command;
    if (kept.outcome == outcome_kind::accepted && place.last != 0)
      kept.at = place.last;
    const auto row_key = command_row_key(key);
    w.put(commands_, row_key, encode_remembered(row_key, kept));
    ++g.commands;
  }
  for (const auto& c : b.checkpoints)
    g.checkpoints[c.listener] = c.at;
  places.push_back(place);
}

void lmdb_log::write_meta(writing& w, const growth& g) const {
  if (g.places.empty() && g.checkpoints.empty())
    return;
  meta_change meta{w, meta_};
  for (const auto& [type, at] : g.places)
    meta.put("previous/" + type, number_bytes{at});
  for (const auto& [listener, at] : g.checkpoints)
    meta.put("checkpoint/" + listener, number_bytes{at});
  meta.finish();
}

void lmdb_log::forget_old(writing& w, const growth& g) const {
  if (g.commands == 0)
    return;
  const auto oldest = (options_.id_now ? options_.id_now() : g.newest) - options_.remember;
  // Twice as many as come in, so that the table shrinks to its window after a pause.
  auto left = std::max(forget_min, 2 * g.commands);
  cursor c{w, commands_};
  for (bool more = c.first(); more && left > 0; more = c.next(), --left) {
    uuid7 id;
    if (c.key().size() < id.bytes.size() || c.key().front() == timeless)
      return;
    std::copy_n(c.key().begin(), id.bytes.size(), id.bytes.begin());
    if (id.time() >= oldest)
      return;
    c.erase();
  }
}

} // namespace careline::store::lmdb
