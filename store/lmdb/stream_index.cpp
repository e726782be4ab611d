#include "store/lmdb/stream_index.hpp"

#include <algorithm>
#include <filesystem>

#include "store/background.hpp"
#include "store/hash.hpp"

namespace careline::store::lmdb {

namespace {

/// So much is indexed in one transaction; until then a reader looks through the log's end himself,
/// which takes about a millisecond.
constexpr position batch_events = 4096;
constexpr std::uint64_t map_bytes = 64ULL << 30U;
constexpr std::string_view indexed_key = "indexed";
constexpr std::string_view hash_key = "hash";
constexpr std::size_t subject_bytes_max = 400;
constexpr table_spec tables[] = {{"streams"}, {"meta"}};

std::string key_of(std::string_view subject) {
  std::string key{subject};
  if (subject.size() > subject_bytes_max)
    key = "#" + std::string{bytes_of(blake256(subject))};
  key += '\0';
  return key;
}

void add_big_endian(position at, std::string& key) {
  for (int shift = 56; shift >= 0; shift -= 8)
    key += static_cast<char>(static_cast<unsigned char>(at >> shift));
}

position big_endian_in(std::string_view bytes) {
  position at = 0;
  for (const char c : bytes)
    at = at << 8U | static_cast<unsigned char>(c);
  return at;
}

} // namespace

stream_index::stream_index(const std::string& folder, source from, position head, bool read_only)
    : from_(std::move(from)), read_only_(read_only), head_(head) {
  try {
    open(folder);
    if (!read_only_) {
      bool is_ours = false;
      {
        const reading r{*env_};
        const auto at = r.get(meta_, indexed_key);
        indexed_ = at ? number_in(*at) : 0;
        is_ours = indexed_ <= head && is_of_this_log(r, indexed_);
      }
      if (!is_ours)
        empty();
    }
  } catch (const failure&) {
    env_.reset();
    if (read_only_ || !make_anew(folder))
      return;
  }
  if (read_only_)
    return;
  next_try_ = indexed_ + batch_events;
  thread_ = std::thread{[this] { run(); }};
}

stream_index::~stream_index() {
  {
    const std::scoped_lock hold{mutex_};
    stops_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable())
    thread_.join();
}

void stream_index::open(const std::string& folder) {
  // A lost last commit only means that its events are indexed again.
  env_ = std::make_unique<env>(env_options{folder, read_only_ ? 0 : map_bytes, read_only_, false});
  const auto opened = env_->open_tables(tables);
  streams_ = opened[0];
  meta_ = opened[1];
}

/// Nothing is lost with it. False: it goes without.
bool stream_index::make_anew(const std::string& folder) {
  std::error_code ignored;
  for (const auto* file : {"/data.mdb", "/lock.mdb"})
    std::filesystem::remove(folder + file, ignored);
  indexed_ = 0;
  try {
    open(folder);
    return true;
  } catch (const failure&) {
    env_.reset();
    return false;
  }
}

bool stream_index::is_of_this_log(const reading& r, position indexed) const {
  if (indexed == 0)
    return r.entries(streams_) == 0;
  const auto hash = r.get(meta_, hash_key);
  return hash && *hash == bytes_of(from_.hash_at(indexed));
}

void stream_index::empty() {
  writing w{*env_};
  w.clear(streams_);
  w.put(meta_, indexed_key, number_bytes{0});
  w.commit();
  indexed_ = 0;
}

void stream_index::log_is_at(position head) {
  bool enough = false;
  {
    const std::scoped_lock hold{mutex_};
    // One wake-up for each batch, not for each commit.
    enough = head / batch_events != head_ / batch_events;
    head_ = head;
  }
  if (enough)
    changed_.notify_one();
}

/// No query waits for it: a page that hides rows is found a moment after the start.
void stream_index::look_through() {
  try {
    const reading r{*env_};
    if (r.shows_all_rows(streams_, stops_))
      return;
  } catch (const failure&) {
    // As if it hid some.
  }
  distrust();
}

void stream_index::run() {
  run_in_background("stream-index");
  look_through();
  std::unique_lock hold{mutex_};
  while (true) {
    changed_.wait(hold, [this] { return stops_ || head_ >= next_try_; });
    if (stops_)
      return;
    const auto until = std::min(head_, (is_distrusted_ ? 0 : indexed_) + batch_events);
    const auto tried = head_;
    hold.unlock();
    const bool went_on = catch_up(until);
    hold.lock();
    // On a damaged log or a full disk readers have the slow way until a later batch gets through.
    next_try_ = (went_on ? indexed_ : tried / batch_events * batch_events) + batch_events;
  }
}

bool stream_index::catch_up(position until) {
  if (from_.has_room && !from_.has_room())
    return false;
  try {
    if (is_distrusted_) {
      empty();
      is_distrusted_ = false;
    }
    std::vector<std::string> keys;
    const auto reached =
        from_.subjects(indexed_, until, [&](position at, std::string_view subject) {
          add_big_endian(at, keys.emplace_back(key_of(subject)));
        });
    if (reached != until)
      return false;
    std::sort(keys.begin(), keys.end());
    const auto hash = from_.hash_at(until);
    writing w{*env_};
    for (const auto& key : keys)
      w.put(streams_, key, {});
    w.put(meta_, indexed_key, number_bytes{until});
    w.put(meta_, hash_key, bytes_of(hash));
    w.commit();
    indexed_ = until;
    return true;
  } catch (const failure&) {
    return false;
  }
}

void stream_index::distrust() {
  {
    const std::scoped_lock hold{mutex_};
    is_distrusted_ = true;
    next_try_ = 0;
  }
  changed_.notify_one();
}

/// Whether the log has at that place what this row of the index says.
bool stream_index::names_its_event(std::string_view key, position indexed) const {
  const auto at = key.size() > sizeof(position) ? big_endian_in(key.substr(key.size() - 8)) : 0;
  if (at == 0 || at > indexed)
    return false;
  bool does = false;
  from_.subjects(at - 1, at, [&](position, std::string_view subject) {
    does = key.substr(0, key.size() - sizeof at) == key_of(subject);
  });
  return does;
}

/// Nothing when a row is not what was written. A row whose key changed still stands where it stood,
/// next to those of its subject: so the first one before them and the first one behind are looked
/// at, too.
std::optional<stream_index::places> stream_index::look_up(std::string_view subject) const {
  places found;
  const reading r{*env_};
  const auto at = r.get(meta_, indexed_key);
  found.indexed = at ? number_in(*at) : 0;
  if (!is_of_this_log(r, found.indexed))
    return std::nullopt;
  const auto prefix = key_of(subject);
  cursor before{r, streams_};
  if ((before.seek(prefix) ? before.prev() : before.last())
      && !names_its_event(before.key(), found.indexed))
    return std::nullopt;
  cursor c{r, streams_};
  bool more = c.seek(prefix);
  for (; more && c.key().starts_with(prefix); more = c.next()) {
    const auto place = big_endian_in(c.key().substr(prefix.size()));
    if (c.key().size() != prefix.size() + sizeof place || place > found.indexed
        || place <= (found.at.empty() ? 0 : found.at.back()))
      return std::nullopt;
    found.at.push_back(place);
  }
  if (more && !names_its_event(c.key(), found.indexed))
    return std::nullopt;
  return found;
}

stream_index::places stream_index::find(std::string_view subject) {
  if (!env_ || is_distrusted_)
    return {};  // as if nothing was indexed yet
  try {
    if (auto found = look_up(subject))
      return std::move(*found);
  } catch (const failure& f) {
    if (!f.is_damage())
      return {};
  }
  distrust();
  return {};
}

} // namespace careline::store::lmdb
