#pragma once

#include <utility>  // first: Boost 1.74 forgets it

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <memory>
#include <optional>

namespace careline::gateway::http {

/// A connection's bytes, in clear or under TLS: whoever reads and writes need not know which.
class connection_stream {
  using plain_stream = boost::beast::tcp_stream;
  using tls_stream = boost::beast::ssl_stream<plain_stream>;

public:
  using executor_type = plain_stream::executor_type;

  explicit connection_stream(boost::asio::ip::tcp::socket socket) : plain_(std::move(socket)) {}
  connection_stream(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& with)
      : tls_(std::make_unique<tls_stream>(std::move(socket), with)) {}

  bool is_tls() const noexcept { return tls_ != nullptr; }
  executor_type get_executor() { return base().get_executor(); }
  plain_stream& base() { return tls_ ? tls_->next_layer() : *plain_; }
  boost::asio::ip::tcp::socket& socket() { return base().socket(); }
  void expires_after(std::chrono::milliseconds within) { base().expires_after(within); }
  void expires_never() { base().expires_never(); }
  void cancel() { base().cancel(); }
  void close() { base().close(); }

  template <class Buffers, class Handler>
  void async_read_some(const Buffers& into, Handler&& then) {
    if (tls_)
      tls_->async_read_some(into, std::forward<Handler>(then));
    else
      plain_->async_read_some(into, std::forward<Handler>(then));
  }
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& what, Handler&& then) {
    if (tls_)
      tls_->async_write_some(what, std::forward<Handler>(then));
    else
      plain_->async_write_some(what, std::forward<Handler>(then));
  }
  /// Requires: is_tls().
  template <class Handler>
  void async_handshake(Handler&& then) {
    tls_->async_handshake(boost::asio::ssl::stream_base::server, std::forward<Handler>(then));
  }
  /// Says that nothing more comes. Requires: is_tls().
  template <class Handler>
  void async_shutdown(Handler&& then) {
    tls_->async_shutdown(std::forward<Handler>(then));
  }

private:
  std::optional<plain_stream> plain_;
  std::unique_ptr<tls_stream> tls_;
};

} // namespace careline::gateway::http
