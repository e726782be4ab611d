#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "actors/kernel/shell.hpp"
#include "messages/vocabulary.hpp"
#include "store/event_log.hpp"
#include "store/keys/key_store.hpp"

namespace careline::program {

/// Destroys the keys of people who were erased, once that is durable, on a thread of its own. Doing
/// it again does no harm, so a start does it again for all of them: an engine that was killed in
/// between has nothing to remember.
class key_eraser {
public:
  using remark = std::function<void(kernel::journal_level, const std::string&)>;

  /// `log` and `keys` outlive it.
  key_eraser(const store::event_log& log, store::key_store& keys, remark say);
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

  const store::event_log& log_;
  store::key_store& keys_;
  remark say_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<party_id> waiting_;
  bool works_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace careline::program
