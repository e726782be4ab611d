#include "gateway/http/event_stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <vector>

#include "gateway/http/routes.hpp"

namespace careline::gateway::http {

namespace net = boost::asio;

namespace {

/// Who takes nothing for so long is gone; a page comes back by itself.
constexpr std::chrono::seconds write_within{30};
/// Bounds what the system keeps for a stream beside our own limit.
constexpr int send_buffer_bytes = 128 * 1024;

std::string stream_head(unsigned version) {
  std::string out = version < 11 ? "HTTP/1.0 200 OK\r\n" : "HTTP/1.1 200 OK\r\n";
  out += "Content-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-store\r\n"
         "Connection: close\r\nX-Accel-Buffering: no\r\n";
  for (const auto& [name, text] : security_headers())
    out += std::string{name} + ": " + text + "\r\n";
  return out + "\r\nretry: 1000\n\n";
}

} // namespace

std::vector<std::shared_ptr<event_stream>> all_streams(core& in) {
  std::vector<std::shared_ptr<event_stream>> all;
  all.reserve(in.streams.size());
  for (auto* one : in.streams)
    if (auto held = one->weak_from_this().lock())
      all.push_back(std::move(held));
  return all;
}

event_stream::event_stream(core& in, connection_stream stream, connection_slot slot,
                           credential shown)
    : in_(in), stream_(std::move(stream)), slot_(std::move(slot)), shown_(std::move(shown)) {
  in_.streams.insert(this);
}

event_stream::~event_stream() {
  in_.streams.erase(this);
}

void event_stream::begin(unsigned version) {
  boost::system::error_code ignored;
  stream_.socket().set_option(net::socket_base::send_buffer_size{send_buffer_bytes}, ignored);
  stream_.expires_never();
  listen();
  add(std::make_shared<const std::string>(stream_head(version)));
}

void event_stream::push_beat(const chunk& text) {
  if (!ended_ && waiting_.empty())
    add(text);
}

void event_stream::check_listener() {
  if (ended_ || leaving_ || shown_.empty())
    return;
  auto who = in_.options.people->visitor_of(shown_);
  if (who) {
    listener_ = std::move(*who);
    return;
  }
  listener_.reset();
  drop_waiting();
  leaving_ = true;
  add(std::make_shared<const std::string>("event: signed_out\ndata: {\"reason\":\""
                                          + who.error().type + "\"}\n\n"));
}

void event_stream::add(chunk text) {
  waiting_bytes_ += text->size();
  waiting_.push_back(std::move(text));
  write_next();
}

chunk event_stream::take() {
  if (waiting_.empty())
    return nullptr;
  auto first = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_bytes_ -= first->size();
  return first;
}

void event_stream::drop_waiting() {
  waiting_.clear();
  waiting_bytes_ = 0;
}

void event_stream::write_next() {
  if (ended_ || writing_)
    return;
  // What is left to say to somebody who has to go is said before all else.
  writing_ = leaving_ ? event_stream::take() : take();
  if (!writing_)
    return leaving_ ? end() : void();
  stream_.expires_after(write_within);
  net::async_write(stream_, net::buffer(*writing_),
                   [self = shared_from_this()](const boost::system::error_code& failed,
                                               std::size_t) { self->on_written(failed); });
}

void event_stream::on_written(const boost::system::error_code& failed) {
  writing_.reset();
  if (failed == boost::beast::error::timeout)
    ++in_.slow_readers;
  if (failed)
    end();
  else
    write_next();
}

/// The other side says nothing more; listening tells when it leaves.
void event_stream::listen() {
  stream_.async_read_some(net::buffer(heard_), [self = shared_from_this()](
                                                   const boost::system::error_code& failed,
                                                   std::size_t) {
    if (failed)
      self->end();
    else if (!self->ended_)
      self->listen();
  });
}

void event_stream::end() {
  if (ended_)
    return;
  ended_ = true;
  drop_waiting();
  boost::system::error_code ignored;
  stream_.socket().close(ignored);
}

} // namespace careline::gateway::http
