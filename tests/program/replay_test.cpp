#include <catch2/catch.hpp>
#include <csignal>

#include "messages/codec.hpp"
#include "messages/json.hpp"
#include "messages/vocabulary.hpp"
#include "tests/program/kept_snapshots.hpp"
#include "tests/program/real_engine.hpp"
#include "tools/careline/replay_check.hpp"

// A log that folds again to what its engine had.

using namespace careline;

namespace {

/// Puts contacts in until the engine has said how its models are, so often.
void serve_until_hashed(const std::string& data, std::size_t times) {
  real::engine e{data, {"--snapshot-events", "5"}};
  real::desk d{e, "phone-1"};
  REQUIRE(d.ask("queue.define", R"({"queue":"care"})").outcome == outcome_kind::accepted);
  REQUIRE(d.ask("agent.sign_in", R"({"agent":"A"})").outcome == outcome_kind::accepted);
  real::ask_until_hashed(d, times);
  REQUIRE(e.end(SIGTERM) == 0);
}

/// Some events in memory.
std::unique_ptr<store::event_log> log_of(const std::vector<event>& events) {
  store::open_options options;
  options.place = "memory:";
  auto log = store::open_event_log(options);
  REQUIRE(log);
  store::batch b;
  for (const auto& e : events) {
    event_record r;
    r.type = type_of(e);
    r.dataversion = version_of(e);
    r.subject = subject_of(e);
    r.time = from_ms(1'772'413'200'000);
    r.data = pack_data(e);
    b.events.push_back(std::move(r));
  }
  std::vector<store::batch> group;
  group.push_back(std::move(b));
  (*log)->append(std::move(group), 0, (*log)->epoch(), [](auto done) { REQUIRE(done); });
  return std::move(*log);
}

std::string of_routing(const std::string& hash, const std::string& version) {
  routing::queue_defined queue;
  queue.queue = queue_id{"care"};
  const engine::state_hashed said{2, version, {{code_word{"routing"}, hash}}};
  const auto log = log_of({engine::log_created{7, "Asia/Shanghai", 480}, queue, said});
  program::progress_bar bar{"folding again", false};
  const auto did = program::check_replay(*log, "1.0", bar);
  REQUIRE(did);
  return did->difference.value_or(std::to_string(did->compared) + " compared, "
                                  + std::to_string(did->of_others) + " of others");
}

} // namespace

TEST_CASE("a log folds again to the bytes that its engine had, before and after a restart",
          "[log][R2.3.5]") {
  const real::data_folder folder;
  serve_until_hashed(folder.path, 2);
  serve_until_hashed(folder.path, 4);
  const auto told = real::run({"log", "verify", "--replay", "--data", folder.path});
  INFO(told.err);
  CHECK(told.code == 0);
  CHECK(told.out.find("times folded to the same bytes") != std::string::npos);
  const auto json = real::run({"log", "verify", "--replay", "--json", "--data", folder.path});
  CHECK(real::json_lines(json.out).at(0).int_or("states_replayed", 0) >= 4);
}

TEST_CASE("a log that says nothing of its models shows nothing, and that is said", "[log]") {
  const real::data_folder folder;
  {
    real::engine e{folder.path};
    CHECK(e.end(SIGTERM) == 0);
  }
  const auto told = real::run({"log", "verify", "--replay", "--data", folder.path});
  CHECK(told.code == 1);
  CHECK(told.err.find("it says nothing of its models yet") != std::string::npos);
}

TEST_CASE("a state that no event of the log explains is named with its model and position",
          "[log]") {
  const std::string other(64, '0');
  const auto told = of_routing(other, "1.0");
  INFO(told);
  CHECK(told.starts_with("folded again, routing at position 2 is "));
  CHECK(told.ends_with("said " + other));
  CHECK(of_routing(other, "0.0.0") == "0 compared, 1 of others");
  const auto right = told.substr(std::string{"folded again, routing at position 2 is "}.size(), 64);
  CHECK(of_routing(right, "1.0") == "1 compared, 0 of others");
}
