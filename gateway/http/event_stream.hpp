#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string_view>

#include "gateway/http/connection_stream.hpp"
#include "gateway/http/core.hpp"
#include "gateway/people_keeper.hpp"

namespace careline::gateway::http {

/// A connection that has become an event stream (text/event-stream): what is added is written one
/// after the other, for as long as the other side reads and may hear it.
class event_stream : public std::enable_shared_from_this<event_stream> {
public:
  /// `shown`: what the listener came in by; asked anew once a second. Empty: nobody needs to.
  event_stream(core& in, connection_stream stream, connection_slot slot, credential shown);
  virtual ~event_stream();
  event_stream(const event_stream&) = delete;
  event_stream& operator=(const event_stream&) = delete;

  /// Sends the head of the answer, and listens for the other side to leave.
  void begin(unsigned version);
  /// A sign of life, which is not worth keeping a slow listener for.
  virtual void push_beat(const chunk& text);
  /// Ends it, with a word of farewell, when its listener may hear it no more.
  void check_listener();

protected:
  void add(chunk text);
  void write_next();
  /// What is written next; null: nothing for now.
  virtual chunk take();
  void drop_waiting();
  std::size_t waiting_bytes() const noexcept { return waiting_bytes_; }
  bool is_idle() const noexcept { return waiting_.empty(); }
  bool has_ended() const noexcept { return ended_; }
  /// Who listens, as of the last check; nothing where nobody needs to say.
  const std::optional<visitor>& listener() const noexcept { return listener_; }

  core& in_;

private:
  void on_written(const boost::system::error_code& failed);
  void listen();
  void end();

  connection_stream stream_;
  connection_slot slot_;
  credential shown_;
  std::optional<visitor> listener_;
  std::deque<chunk> waiting_;
  std::size_t waiting_bytes_ = 0;
  chunk writing_;
  bool ended_ = false;
  bool leaving_ = false;  ///< ends when what waits is written
  std::array<char, 256> heard_{};
};

/// All that are open. Whoever goes through them may end one: the set must not change meanwhile.
std::vector<std::shared_ptr<event_stream>> all_streams(core& in);

} // namespace careline::gateway::http
