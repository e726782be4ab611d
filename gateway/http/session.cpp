#include "gateway/http/session.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <functional>
#include <optional>
#include <utility>

#include "gateway/http/connection_stream.hpp"
#include "gateway/http/desk_stream.hpp"
#include "gateway/http/page_stream.hpp"
#include "gateway/http/people_routes.hpp"
#include "gateway/http/parsing.hpp"

namespace careline::gateway::http {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;

namespace {

/// A kept connection may stay so long without a further request.
constexpr std::chrono::seconds idle_within{75};
constexpr std::chrono::milliseconds end_again_each{50};
/// After the last answer: how long and how much of what still comes is taken.
constexpr std::chrono::seconds part_within{2};
constexpr std::size_t dropped_bytes_max = 1024 * 1024;

std::optional<plain_answer> too_slow_answer() {
  return problem_answer(408, "about:blank", "Request timeout",
                        "The request did not come to its end in time.");
}

connection_stream stream_over(net::ip::tcp::socket socket, core& in) {
  return in.tls ? connection_stream{std::move(socket), *in.tls}
                : connection_stream{std::move(socket)};
}

/// One connection.
class session : public std::enable_shared_from_this<session> {
public:
  session(const std::shared_ptr<core>& in, net::ip::tcp::socket socket)
      : in_(*in), kept_(in), stream_(stream_over(std::move(socket), *in)), slot_(*in),
        wait_(in->loop) {
    name_ = "http/" + std::to_string(++in_.connections_made);
    boost::system::error_code ignored;
    const auto from = stream_.socket().remote_endpoint(ignored).address();
    peer_ = from.to_string();
    const bool is_mapped = from.is_v6() && from.to_v6().is_v4_mapped();
    is_local_ = !ignored
                && (is_mapped ? net::ip::make_address_v4(net::ip::v4_mapped, from.to_v6())
                                    .is_loopback()
                              : from.is_loopback());
  }

  void begin();

private:
  void read();
  void read_header();
  void on_header(const beast::error_code& failed);
  void on_read(const beast::error_code& failed);
  void limit(std::chrono::milliseconds within);
  void end_reading_after(std::chrono::milliseconds within);
  void handle();
  void stream_events(const request_view& asked, const events_wanted& what);
  /// What the answer will be made of may come from any thread, and after the server has gone.
  template <class T>
  std::function<void(T)> later(std::function<plain_answer(const T&)> say);
  void send(plain_answer said, bool keep);
  void part();
  void leave();
  void drop_rest();

  core& in_;
  std::weak_ptr<core> kept_;  ///< weak: the core's own loop holds this session
  connection_stream stream_;
  connection_slot slot_;
  net::steady_timer wait_;
  beast::flat_buffer buffer_{buffer_bytes_max};
  std::optional<request_parser> parser_;
  std::optional<wire::response<wire::string_body>> response_;
  std::optional<wire::response_serializer<wire::string_body>> serializer_;
  std::string name_;
  std::string peer_;
  bool is_local_ = false;
  std::uint64_t asked_ = 0;  ///< tells what is waited for now from a late reply or limit
  bool is_first_ = true;
  bool too_slow_ = false;
  bool head_only_ = false;
  std::size_t dropped_ = 0;
};

void session::begin() {
  if (!stream_.is_tls())
    return read();
  stream_.expires_after(in_.options.header_within);
  stream_.async_handshake([self = shared_from_this()](const beast::error_code& failed) {
    if (failed == beast::error::timeout)
      ++self->in_.slow_requests;
    if (failed)
      return self->stream_.close();
    self->read();
  });
}

void session::read() {
  set_limits(parser_.emplace());
  // The first byte may be long in coming on a kept connection; once it is there, all must follow.
  if (buffer_.size() > 0) {
    read_header();
    return;
  }
  const auto is_new = std::exchange(is_first_, false);
  stream_.expires_after(is_new ? in_.options.header_within : idle_within);
  stream_.async_read_some(buffer_.prepare(4096),
                          [self = shared_from_this(), is_new](const beast::error_code& failed,
                                                              std::size_t got) {
                            if (is_new && failed == beast::error::timeout)
                              ++self->in_.slow_requests;
                            if (failed)
                              return self->stream_.close();
                            self->buffer_.commit(got);
                            self->read_header();
                          });
}

/// Reading ends when `within` has passed, however steadily bytes drip in. The stream's own deadline
/// would close the socket, and the other side would not learn why.
void session::limit(std::chrono::milliseconds within) {
  ++asked_;
  stream_.expires_never();
  end_reading_after(within);
}

/// Until it has ended: where a read had just got something, the next one of the same request
/// begins after it was told to end.
void session::end_reading_after(std::chrono::milliseconds within) {
  wait_.expires_after(within);
  wait_.async_wait([self = shared_from_this(), turn = asked_](const beast::error_code& failed) {
    if (failed || self->asked_ != turn)
      return;
    self->too_slow_ = true;
    self->stream_.cancel();
    self->end_reading_after(end_again_each);
  });
}

void session::read_header() {
  limit(in_.options.header_within);
  wire::async_read_header(stream_, buffer_, *parser_,
                          [self = shared_from_this()](const beast::error_code& failed,
                                                      std::size_t) { self->on_header(failed); });
}

void session::on_header(const beast::error_code& failed) {
  if (failed || parser_->is_done())
    return on_read(failed);
  limit(in_.options.request_within);
  wire::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](const beast::error_code& ended, std::size_t) {
                     self->on_read(ended);
                   });
}

void session::on_read(const beast::error_code& failed) {
  ++asked_;
  wait_.cancel();
  const bool was_slow = std::exchange(too_slow_, false) && failed == net::error::operation_aborted;
  in_.slow_requests += was_slow ? 1 : 0;
  if (!failed) {
    ++in_.requests;
    handle();
    return;
  }
  if (auto said = was_slow ? too_slow_answer() : answer_to(failed)) {
    ++in_.refused;
    head_only_ = false;
    return send(std::move(*said), false);
  }
  stream_.close();
}

void session::handle() {
  const auto& request = parser_->get();
  head_only_ = request.method() == wire::verb::head;
  auto asked = view_of(request);
  asked.peer = peer_;
  asked.is_local = is_local_;
  route_result chosen;
  try {
    chosen = route(asked, in_.options);
  } catch (const std::exception& e) {
    chosen = problem_answer(500, "about:blank", "Internal server error", e.what());
  }
  if (auto* wanted = std::get_if<command_wanted>(&chosen))
    return in_.commands.submit(std::move(wanted->command), name_, later<reply>(reply_answer));
  if (auto* wanted = std::get_if<sign_in_wanted>(&chosen))
    return in_.options.people->sign_in(
        std::move(wanted->request),
        later<answer<signed_in>>([&in = in_](const answer<signed_in>& did) {
          return sign_in_answer(did, in.options);
        }));
  if (const auto* wanted = std::get_if<events_wanted>(&chosen))
    return stream_events(asked, *wanted);
  auto& said = std::get<plain_answer>(chosen);
  if (said.status >= 400)
    ++in_.refused;
  send(std::move(said), request.keep_alive());
}

/// The connection is one request's no longer.
void session::stream_events(const request_view& asked, const events_wanted& what) {
  const auto& request = parser_->get();
  if (head_only_)
    return send({200, "text/event-stream; charset=utf-8", {}, {}}, request.keep_alive());
  const auto version = request.version();
  listener_rights by;
  if (in_.options.people)
    by = {credential_of(asked, in_.options), what.needs};
  if (what.of_desk)
    std::make_shared<desk_stream>(in_, std::move(stream_), std::move(slot_), std::move(by))
        ->start(version);
  else
    std::make_shared<page_stream>(in_, std::move(stream_), std::move(slot_), std::move(by))
        ->start(version);
}

template <class T>
std::function<void(T)> session::later(std::function<plain_answer(const T&)> say) {
  const bool keep = parser_->get().keep_alive();
  const auto turn = ++asked_;
  wait_.expires_after(in_.options.request_within);
  wait_.async_wait([self = shared_from_this(), turn, keep](const beast::error_code& failed) {
    if (failed || self->asked_ != turn)
      return;
    ++self->asked_;
    self->send(problem_answer(504, "about:blank", "Gateway timeout", "The engine did not answer."),
               keep);
  });
  return [kept = kept_, me = weak_from_this(), turn, keep, say = std::move(say)](T made) {
    const auto in = kept.lock();
    if (!in)
      return;
    net::post(in->loop, [me, turn, keep, say, made = std::move(made)] {
      const auto self = me.lock();
      if (!self || self->asked_ != turn)
        return;
      ++self->asked_;
      self->wait_.cancel();
      self->send(say(made), keep);
    });
  };
}

void session::send(plain_answer said, bool keep) {
  // Nearly full: whoever comes next finds a place sooner.
  const auto most = in_.options.connections_max;
  keep = keep && in_.connections <= most - most / 4;
  response_.emplace(static_cast<wire::status>(said.status), 11);
  auto& out = *response_;
  for (const auto& [name, text] : security_headers())
    out.set(beast::string_view{name.data(), name.size()}, text);
  for (const auto& [name, text] : said.headers)
    out.set(beast::string_view{name.data(), name.size()}, text);
  if (!said.type.empty())
    out.set(wire::field::content_type, said.type);
  out.keep_alive(keep);
  out.body() = std::move(said.body);
  if (said.status != 304)
    out.prepare_payload();
  serializer_.emplace(out);
  serializer_->split(head_only_);
  stream_.expires_after(in_.options.request_within);
  auto done = [self = shared_from_this(), keep](const beast::error_code& failed, std::size_t) {
    if (failed == beast::error::timeout)
      ++self->in_.slow_readers;
    if (failed)
      return self->stream_.close();
    if (keep)
      self->read();
    else
      self->part();
  };
  if (head_only_ || said.status == 304)
    wire::async_write_header(stream_, *serializer_, std::move(done));
  else
    wire::async_write(stream_, *serializer_, std::move(done));
}

/// Closing with bytes unread would reset the connection and take the answer away from the other
/// side: what still comes is read and dropped, for a while.
void session::part() {
  stream_.expires_after(part_within);
  if (!stream_.is_tls())
    return leave();
  stream_.async_shutdown([self = shared_from_this()](const beast::error_code& failed) {
    if (failed == beast::error::timeout)
      self->stream_.close();
    else
      self->leave();
  });
}

void session::leave() {
  beast::error_code ignored;
  stream_.socket().shutdown(net::ip::tcp::socket::shutdown_send, ignored);
  stream_.expires_after(part_within);
  drop_rest();
}

/// As bytes, also under TLS: nobody reads them.
void session::drop_rest() {
  buffer_.clear();
  stream_.base().async_read_some(buffer_.prepare(16 * 1024),
                                 [self = shared_from_this()](const beast::error_code& failed,
                                                             std::size_t got) {
                                   self->dropped_ += got;
                                   if (failed || self->dropped_ > dropped_bytes_max)
                                     self->stream_.close();
                                   else
                                     self->drop_rest();
                                 });
}

} // namespace

void serve_connection(const std::shared_ptr<core>& in, net::ip::tcp::socket socket) {
  std::make_shared<session>(in, std::move(socket))->begin();
}

void turn_away(net::ip::tcp::socket socket) {
  static const std::string said = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n"
                                  "Connection: close\r\nContent-Length: 0\r\n\r\n";
  beast::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(net::buffer(said), ignored);
  socket.shutdown(net::ip::tcp::socket::shutdown_send, ignored);
}

} // namespace careline::gateway::http
