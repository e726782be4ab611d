#include "gateway/http/page_stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <vector>

#include "gateway/http/routes.hpp"

namespace careline::gateway::http {

namespace net = boost::asio;

namespace {

/// A page that takes nothing for so long is gone; it comes back by itself.
constexpr std::chrono::seconds write_within{30};
/// Bounds what the system keeps for a page beside our own limit.
constexpr int send_buffer_bytes = 128 * 1024;

std::string stream_head(unsigned version) {
  std::string out = version < 11 ? "HTTP/1.0 200 OK\r\n" : "HTTP/1.1 200 OK\r\n";
  out += "Content-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-store\r\n"
         "Connection: close\r\nX-Accel-Buffering: no\r\n";
  for (const auto& [name, text] : security_headers())
    out += std::string{name} + ": " + text + "\r\n";
  return out + "\r\nretry: 1000\n\n";
}

/// Fanning out may end a page: the set must not change under the loop.
std::vector<std::shared_ptr<page_stream>> all_pages(core& in) {
  std::vector<std::shared_ptr<page_stream>> all;
  all.reserve(in.pages.size());
  for (auto* page : in.pages)
    if (auto held = page->weak_from_this().lock())
      all.push_back(std::move(held));
  return all;
}

} // namespace

std::string sse_text(std::string_view event, position at, std::string_view data) {
  std::string out;
  out.reserve(data.size() + 64);
  out += "id: " + std::to_string(at) + "\nevent: ";
  out += event;
  out += "\ndata: ";
  // A line break inside JSON text is only white space; inside an event it would end the data.
  for (const char c : data)
    out += c == '\n' || c == '\r' ? ' ' : c;
  out += "\n\n";
  return out;
}

chunk whole_chunk(core& in) {
  if (!in.whole) {
    const auto frame = in.options.whole_board();
    if (frame.json.empty())
      return nullptr;
    in.whole = std::make_shared<const std::string>(sse_text("snapshot", frame.at, frame.json));
    in.whole_at = frame.at;
  }
  return in.whole;
}

void fan_out(core& in, const board_frame& frame) {
  in.beats_since_frame = 0;
  in.whole.reset();
  if (in.frames_lost.exchange(false) || frame.whole) {
    for (const auto& page : all_pages(in))
      page->push_whole();
    return;
  }
  const auto text = std::make_shared<const std::string>(sse_text("delta", frame.at, frame.json));
  for (const auto& page : all_pages(in))
    page->push(text, frame.at);
}

void beat(core& in) {
  if (in.beats_since_frame++ == 0)
    return;
  const auto quiet = in.options.beat * static_cast<int>(in.beats_since_frame);
  const auto text = std::make_shared<const std::string>(
      "event: beat\ndata: {\"quiet_ms\":" + std::to_string(quiet.count()) + "}\n\n");
  for (const auto& page : all_pages(in))
    page->push_beat(text);
}

page_stream::page_stream(core& in, boost::beast::tcp_stream stream, connection_slot slot)
    : in_(in), stream_(std::move(stream)), slot_(std::move(slot)) {
  in_.pages.insert(this);
  ++in_.pages_open;
}

page_stream::~page_stream() {
  in_.pages.erase(this);
  --in_.pages_open;
}

void page_stream::start(unsigned version) {
  boost::system::error_code ignored;
  stream_.socket().set_option(net::socket_base::send_buffer_size{send_buffer_bytes}, ignored);
  stream_.expires_never();
  listen();
  add(std::make_shared<const std::string>(stream_head(version)));
  if (auto whole = whole_chunk(in_)) {
    add(std::move(whole));
    shown_ = in_.whole_at;
  }
}

void page_stream::push(const chunk& text, position at) {
  // What is older than the snapshot given is in it already.
  if (ended_ || behind_ || at < shown_)
    return;
  if (waiting_bytes_ + text->size() > in_.options.page_backlog_bytes_max) {
    push_whole();
    ++in_.fallbacks;
    return;
  }
  add(text);
}

void page_stream::push_whole() {
  if (ended_)
    return;
  waiting_.clear();
  waiting_bytes_ = 0;
  behind_ = true;
  write_next();
}

void page_stream::push_beat(const chunk& text) {
  if (!ended_ && !behind_ && waiting_.empty())
    add(text);
}

void page_stream::add(chunk text) {
  waiting_bytes_ += text->size();
  waiting_.push_back(std::move(text));
  write_next();
}

void page_stream::write_next() {
  if (ended_ || writing_)
    return;
  if (behind_) {
    // Only now, when the page has taken what it was sent, so that the snapshot is the newest.
    behind_ = false;
    writing_ = whole_chunk(in_);
    if (!writing_)
      return; // the first frame will be a whole one
    shown_ = in_.whole_at;
  } else if (!waiting_.empty()) {
    writing_ = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= writing_->size();
  } else {
    return;
  }
  stream_.expires_after(write_within);
  net::async_write(stream_, net::buffer(*writing_),
                   [self = shared_from_this()](const boost::system::error_code& failed,
                                               std::size_t) { self->on_written(failed); });
}

void page_stream::on_written(const boost::system::error_code& failed) {
  writing_.reset();
  if (failed == boost::beast::error::timeout)
    ++in_.slow_readers;
  if (failed)
    end();
  else
    write_next();
}

/// A page says nothing more; listening tells when it leaves.
void page_stream::listen() {
  stream_.async_read_some(net::buffer(heard_), [self = shared_from_this()](
                                                   const boost::system::error_code& failed,
                                                   std::size_t) {
    if (failed)
      self->end();
    else if (!self->ended_)
      self->listen();
  });
}

void page_stream::end() {
  if (ended_)
    return;
  ended_ = true;
  waiting_.clear();
  boost::system::error_code ignored;
  stream_.socket().close(ignored);
}

} // namespace careline::gateway::http
