#include <algorithm>
#include <functional>
#include <utility>

#include <lmdb.h>
#include <sys/statvfs.h>

#include "store/hash.hpp"
#include "store/lmdb/lmdb_log.hpp"
#include "store/lmdb/meta_rows.hpp"
#include "store/row.hpp"

// The reading half. Any thread; a transaction lives for one chunk only, so that no reader keeps the
// writer from using freed pages again.

namespace careline::store::lmdb {

namespace {

constexpr std::size_t chunk_records = 4096;

log_error above_head(position at) {
  return {log_fault::conflict, "position " + std::to_string(at) + " is above the head", at};
}

log_error newer_record(position at) {
  return {log_fault::newer_format,
          "record " + std::to_string(at) + " was written by a newer version of the program", at};
}

} // namespace

position lmdb_log::head_in(const reading& r) const {
  cursor c{r, log_};
  return c.last() ? number_in(c.key()) : 0;
}

position lmdb_log::head_now() const {
  if (options_.read_only)
    return head_in(reading{*env_});
  const std::scoped_lock hold{state_mutex_};
  return head_;
}

// Beside a running engine these look into the file. Where it cannot be read any more they say what
// they knew at the opening, and the next `read` says what is wrong.

position lmdb_log::head() const {
  try {
    return head_now();
  } catch (const failure&) {
    return head_;
  }
}

chain_hash lmdb_log::head_hash() const {
  try {
    if (options_.read_only) {
      const reading r{*env_};
      return stored_hash(r, head_in(r));
    }
  } catch (const failure&) {
    return head_hash_;
  }
  const std::scoped_lock hold{state_mutex_};
  return head_hash_;
}

std::uint64_t lmdb_log::epoch() const {
  try {
    if (options_.read_only) {
      const reading r{*env_};
      const auto found = r.get(meta_, "epoch");
      return found ? number_in(*found) : 0;
    }
  } catch (const failure&) {
    return epoch_;
  }
  return epoch_;
}

result<chain_hash, log_error> lmdb_log::hash_at(position at) const {
  try {
    if (at > head_now())
      return no(above_head(at));
    const reading r{*env_};
    if (at != 0 && !r.get(log_, number_bytes{at}))
      return no(damaged_at(r, at));
    return stored_hash(r, at);
  } catch (const failure& f) {
    return no(error_from(f));
  }
}

chain_hash lmdb_log::stored_hash(const reading& r, position at) const {
  if (at == 0)
    return {};
  const auto bytes = r.get(log_, number_bytes{at});
  const auto found = bytes ? split_row(*bytes) : std::nullopt;
  return found ? found->hash : chain_hash{};
}

log_error lmdb_log::damaged_at(const reading& r, position at) const {
  // The fault may lie further back than where this reader began.
  const auto is_wrong = [&](position p) {
    const auto bytes = r.get(log_, number_bytes{p});
    return !bytes || !chain_walk{p - 1, stored_hash(r, p - 1)}.step(*bytes);
  };
  while (at > 1 && is_wrong(at - 1))
    --at;
  return known_from(at);
}

log_error lmdb_log::known_from(position at) const {
  auto known = damaged_.load();
  while ((known == 0 || at < known) && !damaged_.compare_exchange_weak(known, at)) {
  }
  return known_damage();
}

log_error lmdb_log::known_damage() const {
  const auto at = damaged_.load();
  return {log_fault::damaged, "record " + std::to_string(at) + " is not what was written", at};
}

/// Calls `each` with the chain at each checked record in (after, until] until it says false.
template <class Each>
std::optional<log_error> lmdb_log::walk(position after, position until, Each&& each) const {
  const auto known = damaged_.load();
  if (known != 0 && after + 1 >= known)
    return known_damage();
  // One record further back: it proves the hash that the first one is checked with.
  const auto from = after > 0 ? after - 1 : 0;
  chain_walk chain{from, chain_hash{}};
  bool begun = false;
  while (chain.at() < until) {
    const reading r{*env_};
    if (!begun)
      chain = chain_walk{from, stored_hash(r, from)};
    begun = true;
    cursor c{r, log_};
    bool more = chain.at() == 0 ? c.first() : c.seek(number_bytes{chain.at() + 1});
    for (std::size_t n = 0; n < chunk_records && chain.at() < until; ++n, more = c.next()) {
      if ((known != 0 && chain.at() + 1 >= known))
        return known_damage();
      if (!more || number_in(c.key()) != chain.at() + 1 || !chain.step(c.value()))
        // What this walk has checked is right; looking for it by its key could be led astray.
        return chain.at() > from ? known_from(chain.at() + 1) : damaged_at(r, chain.at() + 1);
      if (chain.at() > after && !each(std::as_const(chain)))
        return std::nullopt;
    }
  }
  return std::nullopt;
}

result<page, log_error> lmdb_log::read(const read_options& what) const {
  try {
    page_filler filler{what};
    const auto end = head_now();
    if (what.after >= end)
      return filler.finish();
    if (!what.types.empty() && damaged_ == 0
        && type_filter{what.types}.last_of(types_now()) <= what.after) {
      filler.skip_to(end);
      return filler.finish();
    }
    std::optional<log_error> wrong;
    const auto until = std::min(end, what.after + scan_records_max);
    const auto damage = walk(what.after, until, [&](const chain_walk& at) {
      const auto took = filler.take(at.at(), at.record());
      if (took == page_filler::took::unreadable)
        wrong = newer_record(at.at());
      return took == page_filler::took::yes;
    });
    if (damage)
      wrong = damage;
    if (wrong && filler.is_at_start())
      return no(*wrong);
    return filler.finish();
  } catch (const failure& f) {
    return no(error_from(f));
  }
}

position lmdb_log::walk_subjects(
    position after, position until,
    const std::function<void(position, std::string_view)>& each) const {
  position reached = after;
  walk(after, until, [&](const chain_walk& at) {
    each(at.at(), subject_in_record(at.record()));
    reached = at.at();
    return true;
  });
  return reached;
}

std::optional<log_error> lmdb_log::walk_records(position after, position until,
                                                const each_record& each) const {
  try {
    return walk(after, until, each);
  } catch (const failure& f) {
    return error_from(f);
  }
}

/// False when the index named an event of another subject: it is a cache, and what it says is
/// looked at, not believed.
result<bool, log_error> lmdb_log::read_places(std::string_view subject,
                                              const std::vector<position>& places,
                                              std::vector<event_record>& into) const {
  bool fits = true;
  for (const auto at : places) {
    const auto wrong = walk(at - 1, at, [&](const chain_walk& here) {
      auto event = decode_record(here.record());
      fits = fits && event && event->subject == subject;
      if (fits)
        into.push_back(std::move(*event));
      return true;
    });
    if (wrong)
      return no(*wrong);
  }
  return fits;
}

result<std::vector<event_record>, log_error> lmdb_log::read_stream(std::string_view subject) const {
  try {
    const auto end = head_now();
    auto places = streams_->find(subject);
    std::erase_if(places.at, [&](position at) { return at > end; });
    std::vector<event_record> events;
    const auto indexed = read_places(subject, places.at, events);
    if (!indexed)
      return no(indexed.error());
    if (!*indexed) {
      streams_->distrust();
      places.indexed = 0;
      events.clear();
    }
    const auto wrong = walk(places.indexed, end, [&](const chain_walk& at) {
      if (subject_in_record(at.record()) == subject)
        if (auto event = decode_record(at.record()))
          events.push_back(std::move(*event));
      return true;
    });
    if (wrong)
      return no(*wrong);
    return events;
  } catch (const failure& f) {
    return no(error_from(f));
  }
}

result<std::optional<remembered>, log_error>
lmdb_log::find_command(const command_key& key) const {
  try {
    const auto row_key = command_row_key(key);
    const reading r{*env_};
    cursor c{r, commands_};
    const bool is_at_or_above = c.seek(row_key);
    if (is_at_or_above && c.key() == row_key) {
      auto found = decode_remembered(row_key, c.value());
      return found ? result<std::optional<remembered>, log_error>{std::move(found)}
                   : no(damaged_command(row_key));
    }
    // A row whose key changed on the disk stands about here. That the command is new is believed
    // only between two whole rows: else it would be done twice.
    if (is_at_or_above && !decode_remembered(c.key(), c.value()))
      return no(damaged_command(c.key()));
    if ((is_at_or_above ? c.prev() : c.last()) && !decode_remembered(c.key(), c.value()))
      return no(damaged_command(c.key()));
    return std::nullopt;
  } catch (const failure& f) {
    return no(error_from(f));
  }
}

result<std::optional<position>, log_error>
lmdb_log::find_checkpoint(std::string_view listener) const {
  try {
    const reading r{*env_};
    if (const auto fault = fault_in_meta(r, meta_))
      return no(damaged_meta(*fault));
    const auto found = r.get(meta_, "checkpoint/" + std::string{listener});
    return found ? std::optional{number_in(*found)} : std::nullopt;
  } catch (const failure& f) {
    return no(error_from(f));
  }
}

type_positions lmdb_log::types_in(const reading& r) const {
  constexpr std::string_view prefix = "previous/";
  type_positions found;
  cursor c{r, meta_};
  for (bool more = c.seek(prefix); more && c.key().starts_with(prefix); more = c.next())
    found.emplace(c.key().substr(prefix.size()), number_in(c.value()));
  return found;
}

std::vector<std::pair<std::string, position>> lmdb_log::types_now() const {
  if (options_.read_only) {
    const reading r{*env_};
    if (const auto fault = fault_in_meta(r, meta_))
      throw failure(MDB_CORRUPTED, "the log in " + options_.place + ": " + *fault);
    const auto found = types_in(r);
    return {found.begin(), found.end()};
  }
  const std::scoped_lock hold{state_mutex_};
  return {last_of_types_.begin(), last_of_types_.end()};
}

std::vector<std::pair<std::string, position>> lmdb_log::last_of_types() const {
  try {
    return types_now();
  } catch (const failure&) {
    return {last_of_types_.begin(), last_of_types_.end()};
  }
}

std::uint64_t lmdb_log::free_on_disk() const {
  if (options_.disk.free_bytes)
    return options_.disk.free_bytes();
  struct statvfs disk {};
  if (::statvfs(options_.place.c_str(), &disk) != 0)
    return 0;
  return std::uint64_t{disk.f_bavail} * disk.f_frsize;
}

disk_room lmdb_log::look_at_disk() const {
  // The ballast is the log's alone.
  return weigh_room(env_->used_bytes(), env_->map_bytes(), free_on_disk() + ballast_->held(),
                    options_.reserve_bytes);
}

std::int64_t lmdb_log::room_bytes() const {
  return look_at_disk().room();
}

std::int64_t lmdb_log::reserve_bytes() const {
  return static_cast<std::int64_t>(look_at_disk().reserve);
}

log_usage lmdb_log::usage() const {
  const auto readers = env_->readers_now();
  log_usage f;
  f.used_bytes = env_->used_bytes();
  f.room = look_at_disk();
  f.disk_free_bytes = free_on_disk();
  f.reader_slots = readers.slots;
  f.reader_slots_max = readers.slots_max;
  f.oldest_read_commits = readers.oldest_read;
  return f;
}

} // namespace careline::store::lmdb
