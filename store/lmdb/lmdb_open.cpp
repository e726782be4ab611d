#include <algorithm>
#include <cstring>
#include <filesystem>

#include "store/hash.hpp"
#include "store/lmdb/lmdb_log.hpp"
#include "store/lmdb/meta_rows.hpp"
#include "store/lost_log.hpp"
#include "store/row.hpp"
#include "store/stopwatch.hpp"
#include "store/sync_path.hpp"

// What happens before a log serves anything: the lock, the checks, the new epoch.

namespace careline::store::lmdb {

namespace {

/// So many records are checked at each opening; the rest when they are read.
constexpr position records_checked = 1000;
/// Enough to end some 100,000 calls; no more than a quarter of the reserve that it is a part of.
constexpr std::uint64_t ballast_max = 64ULL << 20U;

/// Carries a reason out of an opening that has begun.
struct refusal {
  log_error why;
};

[[noreturn]] void refuse(log_fault fault, std::string detail, position at = 0) {
  throw refusal{{fault, std::move(detail), at}};
}

void make_folder(const std::string& path) {
  std::error_code wrong;
  std::filesystem::create_directories(path, wrong);
  if (wrong)
    refuse(log_fault::io, "cannot make the folder " + path + ": " + wrong.message());
}

} // namespace

result<std::unique_ptr<event_log>, log_error> lmdb_log::open(const open_options& options) {
  try {
    std::unique_ptr<lmdb_log> log{new lmdb_log{options}};
    log->start();
    return std::unique_ptr<event_log>{std::move(log)};
  } catch (const refusal& r) {
    return no(r.why);
  } catch (const failure& f) {
    return no(error_from(f));
  }
}

lmdb_log::lmdb_log(const open_options& options) : options_(options) {
  std::error_code wrong;
  const auto whole = std::filesystem::weakly_canonical(options_.place, wrong);
  if (!wrong)
    options_.place = whole.string();
}

lmdb_log::~lmdb_log() {
  streams_.reset();
}

void lmdb_log::start() {
  const auto& place = options_.place;
  if (options_.read_only) {
    if (std::error_code wrong; !std::filesystem::exists(place + "/log/data.mdb", wrong))
      refuse(log_fault::io, "there is no log in " + place);
  } else {
    make_folder(place + "/log");
    make_folder(place + "/streams");
    auto lock = folder_lock::take(place);
    if (!lock)
      refuse(lock.error().held_by_other ? log_fault::locked : log_fault::io, lock.error().detail);
    lock_ = std::move(*lock);
  }
  start_ballast();
  env_ = std::make_unique<env>(
      env_options{place + "/log", options_.read_only ? 0 : options_.map_bytes, options_.read_only});
  const auto opened = env_->open_tables(log_tables);
  log_ = opened[0];
  commands_ = opened[1];
  meta_ = opened[2];
  {
    const reading r{*env_};
    check_layout(r, r.entries(log_));
    read_state(r);
    check_end(r);
  }
  if (!options_.read_only) {
    refuse_shorter();
    raise_epoch();
  }
  start_streams();
  if (!options_.read_only)
    sync_folders();
  readers_checked_us_ = steady_us();
}

void lmdb_log::check_layout(const reading& r, std::uint64_t records) const {
  const auto number = layout_in(r, meta_);
  if (number && *number > layout)
    refuse(log_fault::newer_format, "the log in " + options_.place + " has layout "
                                        + std::to_string(*number) + ", this program knows up to "
                                        + std::to_string(layout) + "; use the newer program");
  if (!number && records > 0)
    refuse(log_fault::damaged, "the log in " + options_.place + " does not say its layout");
  if (number == 0)
    refuse(log_fault::damaged, "the layout of the log in " + options_.place + " cannot be read");
  if (const auto fault = fault_in_meta(r, meta_))
    throw refusal{damaged_meta(*fault)};
}

void lmdb_log::read_state(const reading& r) {
  if (const auto epoch = r.get(meta_, "epoch"))
    epoch_ = number_in(*epoch);
  cursor records{r, log_};
  if (records.last()) {
    head_ = number_in(records.key());
    const auto last = split_row(records.value());
    if (!last)
      refuse(log_fault::damaged, "the last record is cut short", head_);
    head_hash_ = last->hash;
  }
  if (r.entries(log_) != head_)
    refuse(log_fault::damaged, "the log has " + std::to_string(r.entries(log_))
                                   + " records, but the last is at " + std::to_string(head_));
  last_of_types_ = types_in(r);
}

void lmdb_log::check_end(const reading& r) const {
  if (head_ == 0)
    return;
  const auto from = head_ > records_checked ? head_ - records_checked : 0;
  chain_walk walk{from, stored_hash(r, from)};
  cursor c{r, log_};
  bool more = from == 0 ? c.first() : c.seek(number_bytes{from + 1});
  while (more && number_in(c.key()) == walk.at() + 1 && walk.step(c.value()))
    more = c.next();
  if (walk.at() != head_)
    refuse(log_fault::damaged,
           "record " + std::to_string(walk.at() + 1) + " is not what was written", walk.at() + 1);
  const auto type = type_in_record(walk.record());
  if (type.empty())
    refuse(log_fault::newer_format, "the last record is of a newer format", head_);
  const auto last = last_of_types_.find(type);
  if (last == last_of_types_.end() || last->second != head_)
    refuse(log_fault::damaged, "the last position of " + std::string{type} + " is not the head",
           head_);
}

/// LMDB's own pages have no sums: the state before the last may be what a damaged file shows.
/// Whoever wrote on from there would give its positions a second time.
void lmdb_log::refuse_shorter() const {
  if (const auto more = trace_above(options_.place, head_))
    refuse(log_fault::damaged,
           "the log in " + options_.place + " ends at " + std::to_string(head_)
               + ", but it was longer: " + *more + ". Nothing was begun. Its disk lost what came "
                 "after: restore the newest backup into an empty folder. Where an older copy of "
                 "the log was put there on purpose, or a snapshot of another, move that file away");
}

void lmdb_log::raise_epoch() {
  with_ballast([this] {
    writing w{*env_};
    meta_change meta{w, meta_};
    meta.put("layout", layout_bytes());
    meta.put("epoch", number_bytes{epoch_ + 1});
    meta.finish();
    commit(w);
  });
  ++epoch_;
  const reading r{*env_};
  cursor c{r, log_};
  if (c.last())
    if (const auto last = split_row(c.value()))
      if (const auto event = decode_record(last->record))
        newest_ = event->time;
}

/// Before anything else is opened: on a full disk the opening needs a little of it.
void lmdb_log::start_ballast() {
  auto bytes = std::min(ballast_max, options_.map_bytes / 16);
  if (options_.reserve_bytes != 0)
    bytes = std::min(bytes, options_.reserve_bytes / 4);
  ballast_ = std::make_unique<ballast>(options_.place + "/ballast", bytes,
                                       [this] { return free_on_disk(); });
  if (!options_.read_only)
    ballast_->begin();
}

/// What was made just now must outlive a power cut; the environments see to their own folders.
void lmdb_log::sync_folders() const {
  if (const int wrong = sync_path(options_.place))
    throw failure(wrong, "syncing " + options_.place);
  // The folder's own name; who may not read the folder above cannot sync it, and need not.
  const auto above = std::filesystem::path{options_.place}.parent_path().string();
  sync_path(above.empty() ? "." : above);
}

void lmdb_log::start_streams() {
  stream_index::source from;
  from.subjects = [this](position after, position until, const auto& each) {
    return walk_subjects(after, until, each);
  };
  from.hash_at = [this](position at) {
    const auto hash = hash_at(at);
    return hash ? *hash : chain_hash{};
  };
  from.has_room = [this] { return room_bytes() > 0; };
  streams_ = std::make_unique<stream_index>(options_.place + "/streams", std::move(from), head_,
                                            options_.read_only);
}

} // namespace careline::store::lmdb
