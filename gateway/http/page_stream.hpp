#pragma once

#include "gateway/http/event_stream.hpp"

namespace careline::gateway::http {

/// One page's view of the board. A page that does not read as fast as frames come loses those in
/// between and gets the whole board instead: what waits for it is never above the limit.
class page_stream : public event_stream {
public:
  page_stream(core& in, connection_stream stream, connection_slot slot, credential shown);
  ~page_stream() override;

  /// Sends the head of the answer and the first snapshot.
  void start(unsigned version);
  /// A delta, true at `at`.
  void push(const chunk& text, position at);
  /// The whole board, in place of what still waits.
  void push_whole();
  void push_beat(const chunk& text) override;

private:
  chunk take() override;

  position shown_at_ = 0;  ///< of the newest snapshot given
  bool behind_ = false;
};

} // namespace careline::gateway::http
