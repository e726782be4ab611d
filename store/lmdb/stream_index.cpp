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
    if (!read_only_)
      drop_when_of_another_log(head);
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

void stream_index::drop_when_of_another_log(position head) {
  {
    const reading r{*env_};
    const auto at = r.get(meta_, indexed_key);
    const auto hash = r.get(meta_, hash_key);
    indexed_ = at ? number_in(*at) : 0;
    if (indexed_ == 0 || (indexed_ <= head && hash && *hash == bytes_of(from_.hash_at(indexed_))))
      return;
  }
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

void stream_index::run() {
  run_in_background("stream-index");
  std::unique_lock hold{mutex_};
  while (true) {
    changed_.wait(hold, [this] { return stops_ || head_ >= next_try_; });
    if (stops_)
      return;
    const auto until = std::min(head_, indexed_ + batch_events);
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

stream_index::places stream_index::find(std::string_view subject) const {
  if (!env_)
    return {};
  try {
    places found;
    const reading r{*env_};
    const auto at = r.get(meta_, indexed_key);
    found.indexed = at ? number_in(*at) : 0;
    const auto prefix = key_of(subject);
    cursor c{r, streams_};
    for (bool more = c.seek(prefix); more && c.key().starts_with(prefix); more = c.next())
      if (c.key().size() == prefix.size() + sizeof(position))
        found.at.push_back(big_endian_in(c.key().substr(prefix.size())));
    return found;
  } catch (const failure&) {
    return {};  // as if nothing was indexed yet
  }
}

} // namespace careline::store::lmdb
