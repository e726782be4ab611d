#include "gateway/http/http_server.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>
#include <thread>

#include "messages/json.hpp"
#include "tests/gateway/http_client.hpp"

using namespace careline;
using namespace careline::gateway;
using careline::test::http_client;
using namespace std::chrono_literals;

namespace {

/// An engine that answers what the test tells it to, on a thread of its own like the real one.
struct told_engine : ingress {
  void submit(command_envelope command, std::string connection, respond answer) override {
    const std::lock_guard lock{mutex};
    asked.push_back(command);
    connections.push_back(std::move(connection));
    if (silent) {
      kept.push_back(std::move(answer));
      return;
    }
    auto r = says;
    r.id = command.id;
    std::thread{[answer = std::move(answer), r = std::move(r)] { answer(r); }}.join();
  }

  std::mutex mutex;
  std::vector<command_envelope> asked;
  std::vector<std::string> connections;
  std::vector<respond> kept;
  reply says;
  bool silent = false;
};

struct served_board {
  explicit served_board(std::function<void(http::http_options&)> change = [](auto&) {}) {
    http::http_options options;
    options.address = "127.0.0.1:0";
    options.metrics = [] { return std::string{"careline_waiting 3\n"}; };
    options.readiness = [this](bool verbose, bool& is_ready) {
      is_ready = ready;
      return verbose ? std::string{"[+]log ok\n[+]bus ok\n"} : std::string{ready ? "" : "log\n"};
    };
    options.whole_board = [this] {
      const std::lock_guard lock{mutex};
      return whole;
    };
    change(options);
    auto opened = http::http_server::open(options, engine);
    REQUIRE(opened);
    server = std::move(*opened);
    server->start();
  }
  void now_shows(position at, std::string json) {
    const std::lock_guard lock{mutex};
    whole = {at, true, std::move(json)};
  }
  void show(position at, std::string json, bool is_whole = false) {
    server->show(std::make_shared<const http::board_frame>(
        http::board_frame{at, is_whole, std::move(json)}));
  }
  std::string address() const { return server->address(); }

  told_engine engine;
  std::mutex mutex;
  http::board_frame whole{7, true, R"({"position":7})"};
  std::atomic<bool> ready{true};
  std::unique_ptr<http::http_server> server;
};

constexpr auto ask_queue = R"({"type":"queue.show","data":{"queue":"care"}})";
const std::string ask_events = "GET /api/events HTTP/1.1\r\nHost: localhost:1\r\n\r\n";

} // namespace

TEST_CASE("the probes and the figures are served on one kept connection") {
  served_board b;
  http_client c{b.address()};
  CHECK(c.get("/livez").body == "ok\n");
  CHECK(c.get("/readyz").status == 200);
  CHECK(c.get("/readyz?verbose").body == "[+]log ok\n[+]bus ok\n");
  const auto metrics = c.get("/metrics");
  CHECK(metrics.headers.at("content-type") == "text/plain; version=0.0.4");
  CHECK(metrics.body == "careline_waiting 3\n");
  CHECK(c.get("/api/board").body == R"({"position":7})");
  b.ready = false;
  const auto unready = c.get("/readyz");
  CHECK(unready.status == 503);
  CHECK(unready.body == "log\n");
}

TEST_CASE("the page comes with headers that keep other sites out, and is not sent twice") {
  served_board b;
  http_client c{b.address()};
  const auto page = c.get("/");
  REQUIRE(page.status == 200);
  CHECK(page.headers.at("content-type") == "text/html; charset=utf-8");
  CHECK(page.headers.at("x-content-type-options") == "nosniff");
  CHECK(page.headers.at("x-frame-options") == "DENY");
  const auto policy = page.headers.at("content-security-policy");
  CHECK(policy.find("script-src 'self';") != std::string::npos);
  CHECK(policy.find("unsafe") == std::string::npos);
  CHECK(page.body.find("<!doctype html>") == 0);
  const auto again = c.get("/", "If-None-Match: " + page.headers.at("etag") + "\r\n");
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  // The connection goes on behind an answer without a body.
  CHECK(c.get("/livez").status == 200);
}

TEST_CASE("HEAD says how long the page is, and sends nothing of it") {
  served_board b;
  http_client c{b.address()};
  const auto page = c.get("/");
  c.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto head = c.receive(true);
  CHECK(head.status == 200);
  CHECK(head.headers.at("content-length") == std::to_string(page.body.size()));
  CHECK(c.get("/livez").body == "ok\n");
}

TEST_CASE("requests sent all at once are answered in their order") {
  served_board b;
  http_client c{b.address()};
  c.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
         "POST /api/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "Content-Length: 45\r\n\r\n" + std::string{ask_queue}
         + "GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  CHECK(c.receive().body == "ok\n");
  CHECK(c.receive().body.find("accepted") != std::string::npos);
  CHECK(c.receive().status == 404);
  CHECK(c.ended());
}

TEST_CASE("a question goes to the engine, and its reply comes back as JSON") {
  served_board b;
  b.engine.says.data = value{value::map{{"waiting", value{value::list{}}}}};
  http_client c{b.address()};
  const auto said = c.post("/api/query", ask_queue);
  CHECK(said.status == 200);
  CHECK(said.headers.at("content-type") == "application/json");
  const auto r = from_json(said.body);
  REQUIRE(r);
  CHECK(r->text_or("outcome") == "accepted");
  CHECK(r->find("data")->find("waiting"));
  REQUIRE(b.engine.asked.size() == 1);
  CHECK(b.engine.asked[0].type == "queue.show");
  CHECK(b.engine.asked[0].data.text_or("queue") == "care");
  CHECK(r->text_or("id") == b.engine.asked[0].id);
  CHECK_FALSE(b.engine.connections[0].empty());
}

TEST_CASE("what the engine refuses or is too busy for has the status that says so") {
  served_board b;
  http_client c{b.address()};
  b.engine.says = refuse({}, because("routing.unknown_queue", "queue"));
  CHECK(c.post("/api/query", ask_queue).status == 404);
  b.engine.says = refuse({}, because("engine.busy"));
  b.engine.says.retry_ms = 1500;
  const auto busy = c.post("/api/query", ask_queue);
  CHECK(busy.status == 503);
  CHECK(busy.headers.at("retry-after") == "2");
}

TEST_CASE("a page can only ask: commands and addresses of people are not let through", "[R2.2.5]") {
  served_board b;
  http_client c{b.address()};
  const auto opens = c.post("/api/query", R"({"type":"contact.open","data":{"channel":"phone"}})");
  CHECK(opens.status == 403);
  CHECK(from_json(opens.body)->text_or("type") == "security.not_allowed");
  const auto address = c.post("/api/query", R"({"type":"contact.address","source":"phone-1",)"
                                            R"("data":{"contact":"C-1","purpose":"dial"}})");
  CHECK(address.status == 403);
  CHECK(c.post("/api/query", R"({"type":"customer.show","data":{"party":"zhang"}})").status == 403);
  CHECK(b.engine.asked.empty());
  // Nobody passes for a gateway by saying so.
  c.post("/api/query", R"({"type":"queue.list","source":"phone-1"})");
  REQUIRE(b.engine.asked.size() == 1);
  CHECK(b.engine.asked[0].source == "http");
}

TEST_CASE("a question that cannot be read is answered with what is wrong") {
  served_board b;
  http_client c{b.address()};
  const auto code = [&](const std::string& body) {
    const auto said = c.post("/api/query", body);
    CHECK(said.status == 400);
    CHECK(said.headers.at("content-type") == "application/problem+json");
    return std::string{from_json(said.body)->text_or("type")};
  };
  CHECK(code("") == "command.malformed");
  CHECK(code("{") == "command.malformed");
  CHECK(code("[]") == "command.malformed");
  CHECK(code(R"({"type":1})") == "command.field_invalid");
  CHECK(code(R"({"type":"queue.shwo"})") == "command.type_unknown");
  CHECK(code(R"({"type":"queue.show"})") == "command.field_missing");
  CHECK(code(R"({"type":"queue.show","type":"a"})") == "command.malformed");
  CHECK(code(std::string(40, '[')) == "command.malformed");
  CHECK(c.post("/api/query", ask_queue, "text/plain").status == 415);
  CHECK(b.engine.asked.empty());
}

TEST_CASE("an engine that does not answer is not waited for without end") {
  served_board b{[](auto& o) { o.request_within = std::chrono::milliseconds{20}; }};
  b.engine.silent = true;
  http_client c{b.address()};
  CHECK(c.post("/api/query", ask_queue).status == 504);
  CHECK(c.get("/livez").status == 200);
  // The answer that comes too late reaches nobody, also after the server has gone.
  b.engine.kept[0](reply{});
  CHECK(c.get("/livez").status == 200);
  b.server->close();
  b.engine.kept[0](reply{});
}

TEST_CASE("requests that are wrong or too large are refused, and the server goes on") {
  served_board b;
  const auto first = [&](const std::string& bytes) {
    http_client c{b.address()};
    c.send(bytes);
    return c.receive().status;
  };
  CHECK(first("nonsense\r\n\r\n") == 400);
  CHECK(first("GET /livez HTTP/1.1\r\n\r\n") == 400);
  CHECK(first("GET /livez HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(20'000, 'x')
              + "\r\n\r\n") == 431);
  CHECK(first("GET /" + std::string(3000, 'x') + " HTTP/1.1\r\nHost: localhost\r\n\r\n") == 414);
  CHECK(first("POST /api/query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70000\r\n\r\n"
              + std::string(70'000, 'x')) == 413);
  CHECK(first("DELETE / HTTP/1.1\r\nHost: localhost\r\n\r\n") == 405);
  CHECK(first("GET /api/query HTTP/1.1\r\nHost: localhost\r\n\r\n") == 405);
  CHECK(first("GET /../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n") == 404);
  CHECK(b.server->figures().refused == 8);
  http_client c{b.address()};
  CHECK(c.get("/livez").status == 200);
}

TEST_CASE("a request that does not come to its end is told so, counted and closed") {
  served_board b{[](auto& o) { o.header_within = o.request_within = 20ms; }};
  http_client header{b.address()};
  header.send("GET /livez HTTP/1.1\r\nHo");
  CHECK(header.receive().status == 408);
  CHECK(header.ended());
  http_client body{b.address()};
  body.send("POST /api/query HTTP/1.1\r\nHost: localhost\r\nContent-Length: 40\r\n\r\n{");
  CHECK(body.receive().status == 408);
  CHECK(body.ended());
  http_client silent{b.address()};
  CHECK(silent.ended());
  // It is closed first and counted then; an answer to somebody else lies in between.
  while (b.server->figures().slow_requests < 3)
    REQUIRE(http_client{b.address()}.get("/livez").status == 200);
  CHECK(b.server->figures().slow_requests == 3);
  CHECK(b.engine.asked.empty());
}

TEST_CASE("headers that drip in without end do not hold a connection") {
  served_board b{[](auto& o) { o.header_within = 50ms; }};
  http_client c{b.address()};
  c.send("GET /livez HTTP/1.1\r\n");
  http_client other{b.address()};
  while (b.server->figures().slow_requests == 0) {
    c.send("X: y\r\n");
    REQUIRE(other.get("/livez").status == 200);
  }
  CHECK(c.receive().status == 408);
}

TEST_CASE("bytes that come all the while the limit passes do not hold a connection for good") {
  served_board b{[](auto& o) { o.header_within = 50ms; }};
  for (std::uint64_t i = 0; i < 20; ++i) {
    http_client c{b.address()};
    c.send("GET /livez HTTP/1.1\r\nX: ");
    for (int n = 0; n < 8000 && b.server->figures().slow_requests == i; ++n)
      c.send("y");
    (void)c.receive();  // or its end, where our bytes crossed it
    REQUIRE(b.server->figures().slow_requests == i + 1);
  }
}

TEST_CASE("an empty body in chunks that comes byte by byte does not end the engine") {
  served_board b;
  http_client slow{b.address()};
  http_client other{b.address()};
  slow.send("POST /api/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\n");
  for (const char byte : std::string_view{"0\r\n\r\n"}) {
    // Answers to somebody else lie between two bytes, so that each is read by itself.
    for (int i = 0; i < 2; ++i)
      REQUIRE(other.get("/livez").status == 200);
    slow.send({&byte, 1});
  }
  CHECK(slow.receive().status == 400);
  CHECK(other.get("/livez").status == 200);
}

TEST_CASE("who asks and never reads is ended with nothing kept for it") {
  served_board b{[](auto& o) {
    o.request_within = 50ms;
    o.metrics = [] { return std::string(16 * 1024 * 1024, 'm'); };
  }};
  http_client deaf{b.address(), 4096};
  deaf.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
            "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  http_client other{b.address()};
  while (b.server->figures().slow_readers == 0 || b.server->figures().connections > 1)
    REQUIRE(other.get("/livez").status == 200);
}

TEST_CASE("connections that hold nearly all places are not kept open for later") {
  served_board b{[](auto& o) { o.connections_max = 4; }};
  std::vector<std::unique_ptr<http_client>> held;
  for (int i = 0; i < 3; ++i) {
    held.push_back(std::make_unique<http_client>(b.address()));
    CHECK(held.back()->get("/livez").headers.count("connection") == 0);
  }
  http_client fourth{b.address()};
  CHECK(fourth.get("/livez").headers.at("connection") == "close");
  CHECK(fourth.ended());
}

TEST_CASE("only loopback names are answered, so that no other site reaches the board") {
  served_board b;
  http_client c{b.address()};
  const auto asked_as = [&](const std::string& host, const std::string& more = {}) {
    c.send("GET /livez HTTP/1.1\r\nHost: " + host + "\r\n" + more + "\r\n");
    return c.receive().status;
  };
  CHECK(asked_as("127.0.0.1:5580") == 200);
  CHECK(asked_as("LocalHost") == 200);
  CHECK(asked_as("[::1]:80") == 200);
  CHECK(asked_as("board.example") == 421);
  CHECK(asked_as("127.0.0.1.example") == 421);
  CHECK(asked_as("localhost.example:5580") == 421);
  CHECK(asked_as("localhost", "Origin: http://localhost:5173\r\n") == 200);
  CHECK(asked_as("localhost", "Origin: https://other.example\r\n") == 403);
  CHECK(asked_as("localhost", "Origin: null\r\n") == 403);
}

TEST_CASE("more connections than the limit are told to come back") {
  served_board b{[](auto& o) { o.connections_max = 1; }};
  http_client first{b.address()};
  CHECK(first.get("/livez").status == 200);
  http_client second{b.address()};
  CHECK(second.receive().status == 503);
  CHECK(b.server->figures().too_many == 1);
  CHECK(first.get("/livez").status == 200);
}

TEST_CASE("an address that other machines reach is not served") {
  told_engine engine;
  http::http_options options;
  options.address = "0.0.0.0:0";
  const auto wide = http::http_server::open(options, engine);
  REQUIRE_FALSE(wide);
  CHECK(wide.error().find("0.0.0.0:0 is not a loopback address") != std::string::npos);
  options.address = "127.0.0.1";
  CHECK_FALSE(http::http_server::open(options, engine));
  CHECK(http::is_loopback("127.0.0.1:5580"));
  CHECK(http::is_loopback("[::1]:0"));
  CHECK_FALSE(http::is_loopback("192.168.1.2:5580"));
}

TEST_CASE("a monitor that asks while the engine starts does not end it") {
  told_engine engine;
  std::unique_ptr<http::http_server> server;
  http::http_options options;
  options.address = "127.0.0.1:0";
  options.metrics = [&] { return "requests " + std::to_string(server->figures().requests); };
  auto opened = http::http_server::open(options, engine);
  REQUIRE(opened);
  http_client monitor{(*opened)->address()};
  monitor.send("GET /metrics HTTP/1.1\r\nHost: localhost:1\r\n\r\n");
  server = std::move(*opened);
  server->start();
  const auto told = monitor.receive();
  CHECK(told.status == 200);
  CHECK(told.body == "requests 1");
}

TEST_CASE("a second server on the same address says which") {
  served_board b;
  http::http_options options;
  options.address = b.address();
  const auto second = http::http_server::open(options, b.engine);
  REQUIRE_FALSE(second);
  CHECK(second.error().find(b.address()) != std::string::npos);
}

TEST_CASE("a page is given the whole board, then what changes, with its position") {
  served_board b;
  http_client c{b.address()};
  c.send(ask_events);
  CHECK(c.receive_until("\r\n\r\n").find("text/event-stream") != std::string::npos);
  CHECK(c.receive_until("}\n\n").find("id: 7\nevent: snapshot\ndata: {\"position\":7}\n\n")
        != std::string::npos);
  b.show(8, R"({"position":8})");
  CHECK(c.receive_until("}\n\n") == "id: 8\nevent: delta\ndata: {\"position\":8}\n\n");
  CHECK(b.server->figures().pages == 1);
}

TEST_CASE("a page that comes back with its last position is given the whole board again") {
  served_board b;
  b.now_shows(20, R"({"position":20})");
  http_client c{b.address()};
  c.send("GET /api/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 8\r\n\r\n");
  CHECK(c.receive_until("}\n\n").find("id: 20\nevent: snapshot") != std::string::npos);
  // A change that the snapshot holds already is not shown after it.
  b.show(19, R"({"position":19})");
  b.show(21, R"({"position":21})");
  CHECK(c.receive_until("}\n\n").find("id: 21\n") == 0);
}

TEST_CASE("all pages are given the same change, and a page that left is forgotten") {
  served_board b;
  http_client kept{b.address()};
  kept.send(ask_events);
  kept.receive_until("}\n\n");
  {
    http_client left{b.address()};
    left.send(ask_events);
    left.receive_until("}\n\n");
    b.show(8, R"({"position":8})");
    CHECK(left.receive_until("}\n\n").find("id: 8\n") == 0);
  }
  CHECK(kept.receive_until("}\n\n").find("id: 8\n") == 0);
  for (position at = 9; b.server->figures().pages > 1; ++at) {
    b.show(at, "{}");
    REQUIRE_FALSE(kept.receive_until("{}\n\n").empty());
  }
  CHECK(b.server->figures().pages == 1);
}

TEST_CASE("a page that comes before the first frame is shown that one whole") {
  served_board b;
  const auto be = [&](position at, std::string json) {
    const std::lock_guard hold{b.mutex};
    b.whole = {at, true, std::move(json)};
  };
  be(0, "");
  http_client page{b.address()};
  page.send(ask_events);
  page.receive_until("\r\n\r\n");
  CHECK(http_client{b.address()}.get("/api/board").status == 503);
  be(8, R"({"position":8})");
  b.show(8, R"({"position":8})", true);
  const auto first = page.receive_until(R"({"position":8})");
  CHECK(first.find("event: snapshot\n") != std::string::npos);
}

TEST_CASE("when nothing changes, a page still hears that the engine is there") {
  served_board b{[](auto& o) { o.beat = std::chrono::milliseconds{5}; }};
  http_client c{b.address()};
  c.send(ask_events);
  c.receive_until("}\n\n");
  CHECK(c.receive_until("}\n\n").find("event: beat\ndata: {\"quiet_ms\":") == 0);
}

TEST_CASE("a page that does not keep up is given the whole board in place of what it missed") {
  served_board b{[](auto& o) { o.page_backlog_bytes_max = 64 * 1024; }};
  http_client slow{b.address(), 4096};
  slow.send(ask_events);
  slow.receive_until("}\n\n");
  http_client quick{b.address()};
  quick.send(ask_events);
  quick.receive_until("}\n\n");

  // The quick page takes each change; the slow one reads nothing until it has been given up on.
  const auto padding = std::string(16 * 1024, 'x');
  position at = 8;
  for (; b.server->figures().fallbacks == 0; ++at) {
    REQUIRE(at < 10'000);
    b.now_shows(at, "{\"position\":" + std::to_string(at) + "}");
    b.show(at, "{\"pad\":\"" + padding + "\"}");
    REQUIRE_FALSE(quick.receive_until("}\n\n").empty());
  }
  auto seen = slow.receive_until("event: snapshot\ndata: ");
  REQUIRE_FALSE(seen.empty());
  CHECK(slow.receive_until("}\n\n") == "{\"position\":" + std::to_string(at - 1) + "}\n\n");
  b.show(at, R"({"then":1})");
  CHECK(slow.receive_until("}\n\n").find(R"({"then":1})") != std::string::npos);
  CHECK(b.server->figures().fallbacks == 1);
}

TEST_CASE("stopping ends the pages' streams") {
  served_board b;
  http_client c{b.address()};
  c.send(ask_events);
  c.receive_until("}\n\n");
  b.server.reset();
  CHECK(c.ended());
}
