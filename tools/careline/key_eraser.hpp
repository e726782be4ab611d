#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "actors/kernel/shell.hpp"
#include "messages/vocabulary.hpp"
#include "store/event_log.hpp"
#include "store/keys/key_store.hpp"

namespace careline::program {

/// Does to the keys what events ask for, once they are durable, on a thread of its own: destroys
/// those of people who were erased, and has another master key take the place of the one in force.
/// That it is done is written down with the keys, in the same step: a start does what an engine
/// that was killed had not come to, and leaves the key of whoever came by the same number since.
class key_eraser {
public:
  using remark = std::function<void(kernel::journal_level, const std::string&)>;
  using tell = std::function<void(event)>;

  /// `log` and `keys` outlive it. `told`: what became of a rotation, for the log.
  key_eraser(const store::event_log& log, store::key_store& keys, remark say, tell told = {});
  /// Ends the thread; what it has not come to is done after the next start.
  ~key_eraser();
  key_eraser(const key_eraser&) = delete;
  key_eraser& operator=(const key_eraser&) = delete;

  /// These are to have no keys. Any thread.
  void erase(const std::vector<party_id>& parties);
  /// The log's tail, in order. Any thread.
  void reached(const std::vector<std::shared_ptr<const event_record>>& events);
  /// Waits until nothing is left to do.
  void wait();

private:
  void run();
  void learn(const std::string& subject) const;
  result<std::vector<person_id>, std::string> persons_of(const party_id& party) const;
  result<std::size_t, std::string> erase_all(const std::set<party_id>& parties);
  void rotate(const std::string& client);
  bool destroy(const std::set<party_id>& parties);
  bool has_work() const;

  const store::event_log& log_;
  store::key_store& keys_;
  remark say_;
  tell told_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<party_id> waiting_;
  std::optional<std::string> rotates_;  ///< who asked for another master key
  bool rewrites_ = false;               ///< the file of the keys holds what was destroyed before
  bool works_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace careline::program
