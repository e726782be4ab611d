#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "tests/model/board_story.hpp"
#include "tools/careline/metrics.hpp"

using namespace careline;
using namespace careline::board_story;

namespace {

/// A day on which every figure has a base.
value busy_board() {
  story s;
  s.sign_in(0, "A", {"care"});
  s.arrives(10, "C-1").answers(12, "C-1").finishes(40, "C-1");
  s.arrives(50, "C-2").abandons(70, "C-2");
  s.arrives(80, "C-3", "care", "chat");
  return s.shown(100);
}

program::metrics_input of_an_engine() {
  program::metrics_input in;
  in.board = busy_board();
  in.bus.emplace();
  in.http.emplace();
  in.writer.emplace();
  in.commands.emplace();
  (*in.commands)[{"accepted", ""}] = 3;
  in.commands_in_flight = in.safety_handed_over = in.slow_handlers = in.snapshots = 0;
  in.parts_compared = in.state_differences = 0;
  in.snapshot_failures = in.snapshot_at = in.deliveries_waiting = in.silent_parts = 0;
  in.log.emplace();
  in.actors = {{"routing", true, 3, std::chrono::milliseconds{2}}};
  in.room_bytes = in.reserve_bytes = 1;
  in.clock_difference_s = 0;
  return in;
}

std::string line_after(const std::string& text, const std::string& start) {
  const auto at = text.find("\n" + start);
  return at == std::string::npos ? "" : text.substr(at + 1, text.find('\n', at + 1) - at - 1);
}

/// Name and type of each family: "careline_waiting gauge".
std::set<std::string> families(const std::string& text) {
  std::set<std::string> out;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("# TYPE "))
      out.insert(line.substr(7));
  return out;
}

} // namespace

TEST_CASE("every number of the board is told under its name, and nothing else is", "[metrics]") {
  const std::set<std::string> policy_or_moment{"oldest_since", "service_level_s", "weight"};
  const auto board = busy_board();
  const auto told = families(metrics_text(of_an_engine()));
  std::set<std::string> expected;
  for (const auto& [prefix, figures] :
       {std::pair{"careline_", board.find("centre")},
        std::pair{"careline_channel_", board.find("channels")->find("chat")},
        std::pair{"careline_channel_", board.find("channels")->find("phone")},
        std::pair{"careline_queue_", board.find("queues")->find("care")}})
    for (const auto& [key, figure] : *figures->as<value::map>()) {
      if (!figure.is_number() || policy_or_moment.contains(key))
        continue;
      std::string name = prefix + key;
      const bool is_now = key == "waiting" || key == "in_progress" || key == "callbacks_waiting";
      const bool is_share = key.starts_with("sl_") || key == "abandon_rate" || key == "occupancy";
      if (key.ends_with("_s"))
        name = name.substr(0, name.size() - 2) + "_seconds gauge";
      else
        name += is_now ? " gauge" : is_share ? "_ratio gauge" : "_total counter";
      expected.insert(name);
    }
  CHECK(expected.size() > 60);
  for (const auto& name : expected) {
    INFO(name);
    CHECK(told.contains(name));
  }
  // And of what else is told, the page about it knows every name.
  std::ifstream in{CARELINE_SOURCE_DIR "/docs/metrics.md"};
  const std::string page{std::istreambuf_iterator<char>{in}, {}};
  for (const auto& family : told) {
    const auto name = family.substr(0, family.find(' '));
    INFO(name);
    CHECK((expected.contains(family) || page.find("`" + name + "`") != std::string::npos));
  }
}

TEST_CASE("who adds up the queues' figures gets the queues' sum", "[metrics]") {
  const auto text = metrics_text(of_an_engine());
  CHECK(line_after(text, "careline_waiting") == "careline_waiting 1");
  CHECK(line_after(text, "careline_queue_waiting{")
        == R"(careline_queue_waiting{queue="care"} 1)");
  CHECK(line_after(text, "careline_channel_waiting{channel=\"chat\"}")
        == R"(careline_channel_waiting{channel="chat"} 1)");
  CHECK(text.find("careline_waiting{") == std::string::npos);
  CHECK(text.find("careline_agents{queue") == std::string::npos);
  CHECK(text.find("careline_queue_agents{queue=\"care\",state=\"ready\"} 1") != std::string::npos);
}

TEST_CASE("what a process does not know of it does not tell", "[metrics]") {
  program::metrics_input in;
  in.board = busy_board();
  for (const auto& family : families(metrics_text(in))) {
    INFO(family);
    for (const auto* prefix : {"careline_bus_", "careline_http_", "careline_commands_",
                               "careline_safety_", "careline_slow_", "careline_snapshots_",
                               "careline_log_room", "careline_log_commit", "careline_clock_",
                               "careline_log_reader", "careline_actor_", "careline_snapshot_"})
      CHECK_FALSE(family.starts_with(prefix));
  }
}
