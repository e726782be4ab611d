#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "store/keys/key_file.hpp"
#include "store/keys/key_store.hpp"

namespace careline::store {

/// Remembers up to twice `held_max` entries: the newer half, and the half before it. What is asked
/// for again moves to the newer half, so what is in use stays.
template <class Key, class Value>
class recent {
public:
  explicit recent(std::size_t held_max) : held_max_(std::max<std::size_t>(held_max, 1)) {}

  const Value* find(const Key& key) const {
    const auto found = newer_.find(key);
    return found == newer_.end() ? nullptr : &found->second;
  }
  /// Also looks among the older ones.
  const Value* revive(const Key& key) {
    if (const auto* found = find(key))
      return found;
    const auto old = older_.find(key);
    return old == older_.end() ? nullptr : &put(key, Value{old->second});
  }
  const Value& put(const Key& key, Value item) {
    if (newer_.size() >= held_max_) {
      older_ = std::move(newer_);
      newer_.clear();
    }
    return newer_.insert_or_assign(key, std::move(item)).first->second;
  }
  void erase(const Key& key) {
    newer_.erase(key);
    older_.erase(key);
  }

private:
  std::size_t held_max_;
  std::unordered_map<Key, Value> newer_;
  std::unordered_map<Key, Value> older_;
};

// Two locks. `disk` is held by whoever writes the file; `mutex` guards what is in memory and the
// file's being there. Always `disk` before `mutex`; no one waits for the disk while holding
// `mutex`.
struct key_store::impl {
  impl(const std::string& place, const key_options& chosen)
      : options(chosen), folder(place), file(place, chosen.map_bytes), owners(chosen.held_max),
        keys(chosen.held_max) {}

  std::optional<log_error> start();
  std::optional<log_error> open_file();
  std::optional<log_error> open_master();
  bool take_next_master();
  std::optional<log_error> drop_next_master();
  rotation rotate();
  void stop();
  void run();
  bool refill();
  bool save(std::size_t slots_wanted);
  void finish_rewrite();

  void reopen();

  std::optional<key_slot> at_hand(const std::string& person) const;
  std::optional<key_slot> find_or_take(const std::string& person);
  const secret_key* load(slot_number slot, key_file::key_answer& found);
  void own(const std::string& person, slot_number slot);
  void learn(const std::string& person, slot_number slot);
  struct forgotten {
    std::string person;
    std::vector<slot_number> slots;
    std::vector<key_file::ownership> unsaved;
  };
  forgotten forget(const std::string& person);
  std::size_t erase(const std::vector<person_id>& persons, const std::vector<std::string>& done);
  void destroy(const std::vector<forgotten>& all, const std::vector<std::string>& done);
  void rewrite();
  void end_erasure(const forgotten& what, bool destroyed);

  key_options options;
  const std::string folder;
  bool is_new = false;                   ///< nothing was there
  master_keys master;                    ///< its slots' key changes under `mutex`
  std::optional<secret_key> next_slots;  ///< while another master key takes its place
  nonce_source nonces;

  std::mutex disk;
  mutable std::shared_mutex mutex;  ///< of all below
  key_file file;
  recent<std::string, slot_number> owners;
  recent<slot_number, secret_key> keys;
  std::vector<key_slot> ahead;                  ///< durable, nobody's yet
  std::vector<key_file::ownership> unsaved;     ///< handed out, owner not yet on disk
  std::set<slot_number> unowned;                ///< of a process that died
  std::set<slot_number> doomed;                 ///< being destroyed: nothing is sealed under them
  std::atomic<bool> has_unowned{false};
  std::atomic<bool> is_closed{false};           ///< the file, until `reopen`

  std::mutex wake_mutex;
  std::condition_variable wake;
  bool has_work = false;
  bool stops = false;
  std::thread thread;
};

} // namespace careline::store
