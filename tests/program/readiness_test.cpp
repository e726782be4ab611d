#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>

#include "tools/careline/readiness.hpp"

using namespace careline;
using namespace careline::program;

namespace {

engine_health sound() {
  engine_health h;
  h.room_bytes = 500LL << 20U;
  h.disk_free_bytes = 800ULL << 20U;
  h.head = h.board_at = h.published_at = h.snapshot_at = 200'000;
  h.snapshot_events = 100'000;
  h.reader_slots = 9;
  h.reader_slots_max = 1024;
  h.open_files = 90;
  h.open_files_max = 1024;
  h.http_connections = 3;
  h.http_connections_max = 256;
  return h;
}

struct fault {
  std::string check;
  std::string figure;  ///< that the line tells
  std::function<void(engine_health&)> make;
};

std::string line_of(const std::string& text, const std::string& start) {
  const auto at = text.rfind("\n" + start, std::string::npos);
  const auto from = text.starts_with(start) ? 0 : at == std::string::npos ? at : at + 1;
  return from == std::string::npos ? "" : text.substr(from, text.find('\n', from) - from);
}

std::string verbose(const engine_health& h, bool& ready) {
  readiness_report r{true};
  add_checks(r, h);
  ready = r.is_ready();
  return r.text();
}

} // namespace

TEST_CASE("a sound engine has a line with a figure for every check", "[watch]") {
  bool ready = false;
  const auto all = verbose(sound(), ready);
  CHECK(ready);
  CHECK(all.find("[-]") == std::string::npos);
  CHECK(all.find("[!]") == std::string::npos);
  CHECK(line_of(all, "[+]log ") == "[+]log ok: room for 500 MiB, 800 MiB free on the disk");
  CHECK(line_of(all, "[+]readers ") == "[+]readers ok: 9 of 1024 slots");
  readiness_report brief{false};
  add_checks(brief, sound());
  CHECK(brief.text().empty());
}

TEST_CASE("each fault fails its own check, with the figure and what to do, and no other",
          "[watch]") {
  const std::vector<fault> faults{
      {"log", "12 MiB into the reserve", [](auto& h) { h.room_bytes = -(12LL << 20U); }},
      {"commit", "has taken 7.5 s, 3 batches wait",
       [](auto& h) { h.commit_running_s = 7.5, h.queued_batches = 3; }},
      {"readers", "1000 of 1024 slots", [](auto& h) { h.reader_slots = 1000; }},
      {"clock", "the wall clock is 60 s behind engine time",
       [](auto& h) { h.jumped = kernel::clock_jump{std::chrono::seconds{60}, true}; }},
      {"board", "at 100, the log at 200000", [](auto& h) { h.board_at = 100; }},
      {"bus", "published up to 7, the log at 200000", [](auto& h) { h.published_at = 7; }},
      {"keys", "nobody can connect", [](auto& h) { h.has_keys = true, h.lets_in = false; }},
      {"parts", "no sign of life of routing, bus", [](auto& h) { h.silent = {"routing", "bus"}; }},
      {"files", "1010 of 1024 open", [](auto& h) { h.open_files = 1010; }},
  };
  for (const auto& f : faults) {
    auto h = sound();
    f.make(h);
    bool ready = true;
    const auto all = verbose(h, ready);
    INFO(f.check << "\n" << all);
    CHECK_FALSE(ready);
    const auto line = line_of(all, "[-]" + f.check + " failing: ");
    CHECK(line.find(f.figure) != std::string::npos);
    CHECK(line.find("; ") != std::string::npos);
    CHECK(all.find("[-]") == all.rfind("[-]"));
    readiness_report brief{false};
    add_checks(brief, h);
    CHECK(brief.text().starts_with(f.check + ": "));
    CHECK(std::count(brief.text().begin(), brief.text().end(), '\n') == 1);
  }
}

TEST_CASE("what only costs time or is over already is told and turns nobody away", "[watch]") {
  const std::vector<fault> faults{
      {"snapshots", "the newest is 200000 events old, 2 failed; the next start takes longer",
       [](auto& h) { h.snapshot_at = 0, h.snapshot_events = 90'000, h.snapshots_failed = 2; }},
      {"pages", "256 of 256", [](auto& h) { h.http_connections = 256; }},
      {"safety", "1 handed over", [](auto& h) { h.safety_handed_over = 1; }},
  };
  for (const auto& f : faults) {
    auto h = sound();
    f.make(h);
    bool ready = false;
    const auto all = verbose(h, ready);
    INFO(f.check << "\n" << all);
    CHECK(ready);
    const auto line = line_of(all, "[!]" + f.check + " warning: ");
    CHECK(line.find(f.figure) != std::string::npos);
  }
}
