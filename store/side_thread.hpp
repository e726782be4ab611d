#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <thread>

namespace careline::store {

/// Does one thing at a time on a thread of its own, for those who may stop waiting for it: a disk
/// that does not answer keeps that thread, and nobody else.
class side_thread {
public:
  /// `name`: what the thread goes by in the system's tools, at most 15 bytes.
  explicit side_thread(const char* name);
  /// A thread that is in the middle of something is left to itself.
  ~side_thread();
  side_thread(const side_thread&) = delete;
  side_thread& operator=(const side_thread&) = delete;

  static constexpr auto always = std::numeric_limits<std::uint64_t>::max();
  /// Does `what` and waits until it is done, or until `until_us` on steady_us, or `let_go`. False:
  /// nobody waits for it any more, or for what came before it; then it was not begun. It may still
  /// go on when this is gone, so all that it uses is its own.
  bool run(std::function<void()> what, std::uint64_t until_us = always);
  /// From now on `run` waits for nothing. Any thread.
  void let_go();

private:
  struct shared;
  static void work(const std::shared_ptr<shared>& with);

  std::shared_ptr<shared> shared_;
  std::thread thread_;
};

} // namespace careline::store
