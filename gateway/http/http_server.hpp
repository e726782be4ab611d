#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/ingress.hpp"
#include "gateway/people_keeper.hpp"
#include "messages/result.hpp"

namespace careline::gateway::http {

/// What the pages are shown: one whole board, or what changed since a position. JSON text, made
/// once and shared by all pages (design §5.14).
struct board_frame {
  position at = 0;          ///< log position it is true for
  bool whole = false;       ///< a snapshot, else a delta on the frame before
  std::string json;
};

/// What a desk is told of an event: that it happened, and to whom.
struct seen_event {
  std::string type;
  std::string subject;
  position at = 0;
};

struct http_options {
  /// Port 0 takes a free one. Other than loopback only with `people` and under TLS: `open` fails
  /// otherwise, and the program exits 2.
  std::string address = "127.0.0.1:5580";
  /// Who may ask what; null: everybody may ask what is no change and nothing about people. Outlives
  /// the server.
  people_keeper* people = nullptr;
  std::string certificate;  ///< file with the chain, PEM; empty: no TLS
  std::string private_key;  ///< file, PEM
  std::string name;         ///< by which browsers reach it, beside loopback: careline.example
  /// Prometheus text, made at each request. Must not block long.
  std::function<std::string()> metrics;
  /// Readiness: empty = ready, else the reasons, one a line. `verbose` lists every check.
  std::function<std::string(bool verbose, bool& ready)> readiness;
  /// The whole board now, for a page that starts or fell behind. Must hold at least what was given
  /// to `show` before; a delta that it already holds may come again. Empty JSON: there is none yet,
  /// pages get nothing, and the first frame is a whole one. Called on the HTTP thread.
  std::function<board_frame()> whole_board;
  /// Engine time, for the ids of queries that come without one.
  std::function<instant()> now;
  /// A page further behind is sent a snapshot instead.
  std::size_t page_backlog_bytes_max = 1024 * 1024;
  unsigned connections_max = 2000;  ///< above: 503; from three quarters on none is kept open
  std::chrono::milliseconds beat{1000};              ///< a sign of life to pages when no frame came
  std::chrono::milliseconds header_within{5'000};    ///< from its first byte (of a new connection:
                                                     ///< from its opening) to its end; else 408
  /// A body after its header: else 408. Our answer's taking: else closed. The engine's: else 504.
  std::chrono::milliseconds request_within{10'000};
};

/// True for "127.0.0.1:5580", "localhost:5580", "[::1]:0": what may be served without access
/// control.
bool is_loopback(std::string_view address);

struct http_figures {
  std::uint64_t requests = 0;
  std::uint64_t pages = 0;        ///< open event streams of the board
  std::uint64_t desks = 0;        ///< likewise of desks
  std::uint64_t fallbacks = 0;    ///< slow pages sent a snapshot
  std::uint64_t refused = 0;        ///< answered with a status from 400 on, whatever the reason
  std::uint64_t too_many = 0;       ///< connections turned away at the limit
  std::uint64_t slow_requests = 0;  ///< that did not come to their end in time
  std::uint64_t slow_readers = 0;   ///< connections ended because they did not take their answer
  std::uint64_t connections = 0;    ///< open now
  std::uint64_t connections_max = 0;
  std::uint64_t beats = 0;          ///< of the HTTP thread, one each `beat`
};

/// HTTP on a thread of its own (Boost.Beast, callbacks). Endpoints: `/` the board and its files,
/// `/api/events` the SSE stream, `POST /api/query` one query (JSON of a command) -> reply,
/// `/api/board` the whole board, `/livez`, `/readyz[?verbose]`, `/metrics`. With people also
/// `/api/session` (who am I, sign in, sign out), `POST /api/command`, `/api/desk` (what happened to
/// whom); and all but files and health needs somebody who may.
class http_server {
public:
  /// Binds; who connects waits for `start`. Fails with a sentence that names the address. `to`
  /// outlives the server.
  static result<std::unique_ptr<http_server>, std::string> open(http_options options, ingress& to);
  ~http_server();

  /// Begins to answer. Apart from `open`, because what the options call asks the server itself:
  /// its owner must have it by then. Once.
  void start();
  /// "127.0.0.1:5580", as bound.
  std::string address() const;
  /// Fans one frame out to all pages. Any thread.
  void show(std::shared_ptr<const board_frame> frame);
  /// Tells the desks what became durable. Any thread.
  void tell(const std::vector<std::shared_ptr<const event_record>>& events);
  http_figures figures() const;
  void close();

private:
  http_server();
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace careline::gateway::http
