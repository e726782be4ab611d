#pragma once

#include <array>
#include <boost/beast/core/tcp_stream.hpp>
#include <deque>

#include "gateway/http/core.hpp"

namespace careline::gateway::http {

/// One page's event stream. A page that does not read as fast as frames come loses those in between
/// and gets the whole board instead: what waits for it is never above the limit.
class page_stream : public std::enable_shared_from_this<page_stream> {
public:
  page_stream(core& in, boost::beast::tcp_stream stream, connection_slot slot);
  ~page_stream();
  page_stream(const page_stream&) = delete;
  page_stream& operator=(const page_stream&) = delete;

  /// Sends the head of the answer and the first snapshot.
  void start(unsigned version);
  /// A delta, true at `at`.
  void push(const chunk& text, position at);
  /// The whole board, in place of what still waits.
  void push_whole();
  /// A beat is not worth keeping a slow page for.
  void push_beat(const chunk& text);

private:
  void add(chunk text);
  void write_next();
  void on_written(const boost::system::error_code& failed);
  void listen();
  void end();

  core& in_;
  boost::beast::tcp_stream stream_;
  connection_slot slot_;
  std::deque<chunk> waiting_;
  std::size_t waiting_bytes_ = 0;
  chunk writing_;
  position shown_ = 0;  ///< of the newest snapshot given
  bool behind_ = false;
  bool ended_ = false;
  std::array<char, 256> heard_{};
};

} // namespace careline::gateway::http
