#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>

#include "gateway/bus/follow.hpp"

using namespace careline;
using namespace careline::gateway::bus;

namespace {

const std::vector<std::string> words{"contact.opened", "contact.queued", "offer.made",
                                     "agent.state_changed"};

/// A log, a bus that loses what the dice say, and one follower, all without a socket.
struct lossy_world {
  lossy_world(std::uint32_t seed, std::vector<std::string> types)
      : dice(seed), is_filtered(!types.empty()), wanted(std::move(types)), state(0, is_filtered),
        beat(0, {}) {}

  bool chance(unsigned percent) { return dice() % 100 < percent; }

  void happen() {
    event_record e;
    e.at = log.size() + 1;
    e.type = words[dice() % words.size()];
    e.previous = std::exchange(last[e.type], e.at);
    log.push_back(e);
    beat.saw(e.type, e.at);
    if (chance(85) && wanted.takes(e.type) && !state.is_behind() && state.takes(e))
      handed.push_back(e);
    if (chance(10)) {
      const auto news = beat.next(chance(5));
      if (chance(80))
        state.heard(news, wanted);
    }
  }

  /// A page of the log, as a follower asks for it when it knows that it is behind.
  void read_a_page() {
    auto at = state.whole_up_to();
    for (std::size_t n = 0; at < log.size() && n < 7; ++at, ++n)
      if (wanted.takes(log[at].type) && state.takes_from_log(log[at]))
        handed.push_back(log[at]);
    state.read_up_to(at, log.size());
    if (at < log.size())
      read_a_page();
  }

  std::mt19937 dice;
  bool is_filtered;
  type_filter wanted;
  follow state;
  head_beat beat;
  std::vector<event_record> log;
  std::map<std::string, position> last;
  std::vector<event_record> handed;
};

} // namespace

TEST_CASE("whatever the bus loses, each event wanted is handed on once and in order", "[bus]") {
  const std::vector<std::string> types = GENERATE(
    std::vector<std::string>{}, std::vector<std::string>{"contact."},
    std::vector<std::string>{"offer.made", "agent."});
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    lossy_world world{seed, types};
    for (int i = 0; i < 400; ++i) {
      world.happen();
      if (world.state.is_behind() && world.chance(60))
        world.read_a_page();
    }
    world.state.heard(world.beat.next(true), world.wanted);
    if (world.state.is_behind())
      world.read_a_page();
    std::vector<position> all;
    for (const auto& e : world.log)
      if (world.wanted.takes(e.type))
        all.push_back(e.at);
    std::vector<position> got;
    std::map<std::string, position> newest;
    bool is_in_order = true;
    for (const auto& e : world.handed) {
      got.push_back(e.at);
      auto& before = types.empty() ? newest[""] : newest[e.type];
      is_in_order = is_in_order && e.at > before;
      before = e.at;
    }
    std::sort(got.begin(), got.end());
    INFO("seed " << seed);
    REQUIRE(got == all);
    REQUIRE(is_in_order);
    REQUIRE(world.state.whole_up_to() == world.log.size());
  }
}

TEST_CASE("each tenth beat tells of every type, those between of what is new", "[bus]") {
  head_beat beat{2, {{"agent.signed_in", 1}, {"queue.defined", 2}}};
  position at = 2;
  for (int n = 0; n < 40; ++n) {
    const auto since = at;
    beat.saw("contact.opened", ++at);
    const auto news = beat.next(false);
    CHECK(news.head == at);
    decltype(news.types) expected{{"contact.opened", at}};
    if (n % 10 == 0)
      expected = {{"agent.signed_in", 1}, {"contact.opened", at}, {"queue.defined", 2}};
    INFO("beat " << n);
    CHECK(news.types == expected);
    CHECK(news.since == (n % 10 == 0 ? 0 : since));
  }
  CHECK(beat.next(true).types.size() == 3);
  CHECK(beat.next(false).types.empty());
}

TEST_CASE("words that end in a dot are prefixes, others are whole", "[bus]") {
  const type_filter some{{"contact.", "offer.made"}};
  CHECK(some.takes("contact.opened"));
  CHECK(some.takes("offer.made"));
  CHECK_FALSE(some.takes("offer.made_up"));
  CHECK_FALSE(some.takes("contacts"));
  CHECK(type_filter{{}}.takes("anything.at_all"));
}

TEST_CASE("a head below what one has makes one look again", "[bus]") {
  const type_filter all{{}};
  follow f{10, false};
  f.heard({4, 0, {}}, all);
  CHECK(f.is_behind());
  f.start_at(0);
  CHECK_FALSE(f.is_behind());
  CHECK(f.whole_up_to() == 0);
}
