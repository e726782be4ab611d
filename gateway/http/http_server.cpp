#include "gateway/http/http_server.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <charconv>
#include <optional>
#include <thread>

#include "gateway/http/core.hpp"
#include "gateway/http/session.hpp"

namespace careline::gateway::http {

namespace net = boost::asio;
namespace ssl = boost::asio::ssl;
using net::ip::tcp;

namespace {

/// Frames handed over and not yet fanned out; above it pages are given the whole board instead.
constexpr std::uint64_t frames_queued_max = 64;

std::optional<tcp::endpoint> endpoint_of(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  auto host = address.substr(0, colon);
  const auto digits = address.substr(colon + 1);
  unsigned port = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (failed != std::errc{} || end != digits.data() + digits.size() || port > 65535)
    return std::nullopt;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  boost::system::error_code wrong;
  const auto ip = net::ip::make_address(
      host == "localhost" ? std::string{"127.0.0.1"} : std::string{host}, wrong);
  if (wrong)
    return std::nullopt;
  return tcp::endpoint{ip, static_cast<unsigned short>(port)};
}

/// One connection's failure (no memory, a figure that could not be made) must not end the others.
void run(net::io_context& loop) {
  while (!loop.stopped()) {
    try {
      loop.run();
    } catch (const std::exception&) {
      continue;
    }
  }
}

std::string text_of(const tcp::endpoint& at) {
  const auto ip = at.address().to_string();
  return (at.address().is_v6() ? "[" + ip + "]" : ip) + ":" + std::to_string(at.port());
}

} // namespace

bool is_loopback(std::string_view address) {
  const auto at = endpoint_of(address);
  return at && at->address().is_loopback();
}

struct http_server::impl {
  impl(http_options options, ingress& to)
      : shared(std::make_shared<core>(std::move(options), to)) {}

  std::optional<std::string> bind();
  std::optional<std::string> open_tls();
  void accept();
  void tick();

  std::shared_ptr<core> shared;
  tcp::acceptor acceptor{shared->loop};
  net::steady_timer beats{shared->loop};
  net::steady_timer pause{shared->loop};
  std::thread thread;
};

/// The reason why not, or nothing.
std::optional<std::string> http_server::impl::bind() {
  const auto& address = shared->options.address;
  const auto at = endpoint_of(address);
  if (!at)
    return "http: \"" + address + "\" is no address; expected is one like 127.0.0.1:5580.";
  const auto& with = shared->options;
  if (!at->address().is_loopback() && (!with.people || with.certificate.empty()))
    return "http: " + address + " is not a loopback address; others are served only with keys on "
           "(serve --secure) and under TLS (http_certificate, http_key).";
  if (!with.certificate.empty())
    if (auto wrong = open_tls())
      return wrong;
  boost::system::error_code failed;
  acceptor.open(at->protocol(), failed);
  if (!failed)
    acceptor.set_option(net::socket_base::reuse_address{true}, failed);
  if (!failed)
    acceptor.bind(*at, failed);
  if (!failed)
    acceptor.listen(net::socket_base::max_listen_connections, failed);
  if (failed)
    return "http: cannot listen on " + address + ": " + failed.message() + ".";
  shared->bound = text_of(acceptor.local_endpoint());
  return std::nullopt;
}

/// Nothing older than TLS 1.2, which browsers of this decade speak.
std::optional<std::string> http_server::impl::open_tls() {
  const auto& with = shared->options;
  auto& tls = shared->tls.emplace(ssl::context::tls_server);
  boost::system::error_code failed;
  tls.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1
                      | ssl::context::no_compression,
                  failed);
  tls.use_certificate_chain_file(with.certificate, failed);
  if (failed)
    return "http: cannot use the certificate " + with.certificate + ": " + failed.message() + ".";
  tls.use_private_key_file(with.private_key, ssl::context::pem, failed);
  if (failed)
    return "http: cannot use the private key " + with.private_key + ": " + failed.message() + ".";
  return std::nullopt;
}

void http_server::impl::accept() {
  acceptor.async_accept([this](const boost::system::error_code& failed, tcp::socket socket) {
    if (failed == net::error::operation_aborted)
      return;
    if (failed) {
      // No descriptors left: trying again at once would only turn the processor.
      pause.expires_after(std::chrono::milliseconds{100});
      pause.async_wait([this](const boost::system::error_code& ended) {
        if (!ended)
          accept();
      });
      return;
    }
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay{true}, ignored);
    if (shared->connections >= shared->options.connections_max) {
      ++shared->refused;
      ++shared->too_many;
      turn_away(std::move(socket));
    } else {
      serve_connection(shared, std::move(socket));
    }
    accept();
  });
}

void http_server::impl::tick() {
  beats.expires_after(shared->options.beat);
  beats.async_wait([this](const boost::system::error_code& ended) {
    if (ended)
      return;
    ++shared->beats;
    beat(*shared);
    tick();
  });
}

http_server::http_server() = default;

http_server::~http_server() {
  close();
}

result<std::unique_ptr<http_server>, std::string> http_server::open(http_options options,
                                                                    ingress& to) {
  std::unique_ptr<http_server> server{new http_server};
  server->impl_ = std::make_unique<impl>(std::move(options), to);
  if (auto why_not = server->impl_->bind())
    return no(std::move(*why_not));
  return server;
}

void http_server::start() {
  impl_->accept();
  impl_->tick();
  net::post(impl_->shared->loop, [&in = *impl_->shared] { ++in.beats; });
  impl_->thread = std::thread{[shared = impl_->shared] { run(shared->loop); }};
}

std::string http_server::address() const {
  return impl_->shared->bound;
}

void http_server::show(std::shared_ptr<const board_frame> frame) {
  auto& in = *impl_->shared;
  if (in.frames_queued >= frames_queued_max) {
    in.frames_lost = true;
    return;
  }
  ++in.frames_queued;
  net::post(in.loop, [&in, frame = std::move(frame)] {
    --in.frames_queued;
    fan_out(in, *frame);
  });
}

void http_server::tell(const std::vector<std::shared_ptr<const event_record>>& events) {
  auto& in = *impl_->shared;
  if (in.desks_open == 0 || events.empty())
    return;
  std::vector<seen_event> seen;
  seen.reserve(events.size());
  for (const auto& one : events)
    seen.push_back({one->type, one->subject, one->at});
  net::post(in.loop, [&in, seen = std::move(seen)] { tell_desks(in, seen); });
}

http_figures http_server::figures() const {
  const auto& in = *impl_->shared;
  http_figures f;
  f.requests = in.requests;
  f.pages = in.pages_open;
  f.desks = in.desks_open;
  f.fallbacks = in.fallbacks;
  f.refused = in.refused;
  f.too_many = in.too_many;
  f.slow_requests = in.slow_requests;
  f.slow_readers = in.slow_readers;
  f.connections = in.connections;
  f.connections_max = in.options.connections_max;
  f.beats = in.beats;
  return f;
}

void http_server::close() {
  if (!impl_ || !impl_->thread.joinable())
    return;
  impl_->shared->loop.stop();
  impl_->thread.join();
}

} // namespace careline::gateway::http
