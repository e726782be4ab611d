#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "actors/board/frames.hpp"
#include "messages/codec.hpp"
#include "tests/model/board_story.hpp"

using namespace careline;
using namespace careline::board_story;
using enum careline::routing::agent_state;
using nlohmann::json;

namespace {

/// A random but possible course of events: contacts come, wait, move, are served or lost; agents
/// come, go and pause. The same seed tells the same story.
class random_day {
public:
  explicit random_day(unsigned seed) : dice_(seed) {
    for (const auto* q : {"care", "tech", "vip"})
      s.queue(q, 15);
  }

  void step() {
    at_ += std::uniform_real_distribution{0.0, roll(20) == 0 ? 4000.0 : 40.0}(dice_);
    switch (roll(8)) {
      case 0: agent_event(); break;
      case 1: case 2: case 3: arrive(); break;
      case 4: hall_event(); break;
      default: go_on(); break;
    }
  }
  double at() const { return at_; }

  story s;

private:
  int roll(int sides) { return std::uniform_int_distribution{0, sides - 1}(dice_); }
  const char* any_queue() { return std::array{"care", "tech", "vip"}[size_t(roll(3))]; }
  std::string any_agent() { return "A" + std::to_string(roll(6)); }

  void hall_event() {
    const auto ticket = "A00" + std::to_string(roll(9));
    routing::ticket_missed missed;
    missed.ticket = ticket;
    missed.prefix = "A";
    reception::area_defined area;
    area.area = area_id{any_queue()};
    area.queue = queue_id{any_queue()};
    area.open = {{{1, 2, 3, 4, 5}, "09:00", "17:30"}};
    reception::area_removed gone;
    gone.area = area.area;
    switch (roll(5)) {
      case 0: s.tell(at_, missed); break;
      case 1: s.tell(at_, area); break;
      case 2: s.tell(at_, gone); break;
      default:
        s.tell(at_, routing::ticket_called{ticket, "A", contact_id{"nobody"}, agent_id{"A1"},
                                           queue_id{"care"}, counter_id{"3"}, 0});
        break;
    }
  }

  void agent_event() {
    const auto name = any_agent();
    const auto* agent = name.c_str();
    switch (roll(5)) {
      case 0: s.sign_in(at_, agent); break;
      case 1: s.sign_in(at_, agent, {any_queue()}); break;
      case 2: s.tell(at_, routing::agent_signed_out{agent_id{agent}}); break;
      case 3: {
        routing::agent_changed x;
        x.agent = agent_id{agent};
        x.queues.emplace()[queue_id{any_queue()}] = {};
        s.tell(at_, x);
        break;
      }
      default:
        s.state(at_, agent, std::array{ready, not_ready, wrap_up, offered}[size_t(roll(4))]);
    }
  }
  void arrive() {
    const auto id = "C" + std::to_string(++arrived_);
    s.open(at_, id, roll(2) ? "phone" : "chat");
    if (roll(12) == 0) {
      s.tell(at_, routing::contact_refused{contact_id{id}, queue_id{any_queue()}, "queue_full"});
      return;
    }
    s.queued(at_, id, any_queue());
    waiting_.insert(id);
  }
  std::string take(std::set<std::string>& from) {
    auto it = std::next(from.begin(), roll(static_cast<int>(from.size())));
    auto id = *it;
    from.erase(it);
    return id;
  }
  void go_on() {
    if (!talking_.empty() && roll(2)) {
      const auto [id, agent] = *talking_.begin();
      talking_.erase(talking_.begin());
      if (roll(4) == 0) {
        const queue_id tech{"tech"};
        s.tell(at_, routing::contact_transferred{contact_id{id}, agent_id{agent}, tech, {}});
        s.queued(at_, id, "tech");
        waiting_.insert(id);
      } else {
        s.finishes(at_, id, agent.c_str(), roll(2) ? wrap_up : ready);
      }
      return;
    }
    if (waiting_.empty())
      return;
    const auto id = take(waiting_);
    switch (roll(6)) {
      case 0: s.abandons(at_, id); break;
      case 1: s.tell(at_, routing::contact_timed_out{contact_id{id}, "wait_s_max"}); break;
      case 2:
        s.queued(at_, id, any_queue());
        waiting_.insert(id);
        break;
      case 3:
        s.tell(at_, routing::contact_callback_requested{contact_id{id}, {}, {}});
        waiting_.insert(id);
        break;
      default: {
        const auto agent = any_agent();
        s.answers(at_, id, agent.c_str(), "care");
        talking_[id] = agent;
      }
    }
  }

  std::mt19937 dice_;
  double at_ = 0;
  int arrived_ = 0;
  std::set<std::string> waiting_;
  std::map<std::string, std::string> talking_;
};

std::string bytes_of(const value& v) {
  return pack(v);
}

} // namespace

TEST_CASE("a delta on the frame before is the frame after", "[board]") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    random_day day{seed};
    board::frame_maker pages;
    json shown = json::object();
    for (int step = 0; step < 300; ++step) {
      day.step();
      const auto now = nine + after(day.at() + step % 3 * 0.2);
      shown.merge_patch(json::parse(pages.delta(day.s.board(), now).json));
      const auto whole = pages.whole();
      CHECK(whole.at == day.s.board().at());
      REQUIRE(shown == json::parse(whole.json));
    }
  }
}

TEST_CASE("a page that starts late sees what all others see", "[board]") {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    random_day day{seed};
    board::frame_maker old_page;
    for (int step = 0; step < 200; ++step) {
      day.step();
      const auto now = nine + after(day.at());
      old_page.delta(day.s.board(), now);
      board::frame_maker new_page;
      new_page.delta(day.s.board(), now);
      // What came later stands behind, to whom it came; to a page it is the same.
      REQUIRE(json::parse(old_page.whole().json) == json::parse(new_page.whole().json));
    }
  }
}

TEST_CASE("a board folded again from the log is the same to the byte", "[board][R8.1.2a]") {
  random_day day{7};
  for (int step = 0; step < 500; ++step)
    day.step();
  board::board_model again;
  for (const auto& [at, e] : day.s.told())
    again.evolve(e, at);
  query::board_show asked;
  asked.time = nine + after(day.at() + 5);
  CHECK(bytes_of(*again.ask(asked, {})) == bytes_of(*day.s.board().ask(asked, {})));
  CHECK(bytes_of(again.save()) == bytes_of(day.s.board().save()));
}

TEST_CASE("a board that was saved and loaded goes on as if nothing had been", "[board]") {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    random_day day{seed};
    for (int step = 0; step < 200; ++step)
      day.step();
    const auto saved = bytes_of(day.s.board().save());
    const auto read = unpack(saved, saved.size());
    REQUIRE(read);
    board::board_model loaded;
    REQUIRE(loaded.load(*read));
    CHECK(bytes_of(loaded.save()) == saved);
    board::frame_maker a;
    board::frame_maker b;
    const auto before = day.s.told().size();
    for (int step = 0; step < 300; ++step)
      day.step();
    for (auto i = before; i < day.s.told().size(); ++i)
      loaded.evolve(day.s.told()[i].second, day.s.told()[i].first);
    const auto now = nine + after(day.at() + 61);
    CHECK(a.delta(loaded, now).json == b.delta(day.s.board(), now).json);
    CHECK(bytes_of(loaded.save()) == bytes_of(day.s.board().save()));
  }
}

TEST_CASE("every wait that begins is waiting or has ended in one way", "[board]") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    random_day day{seed};
    for (int step = 0; step < 300; ++step) {
      day.step();
      const auto check = [](const board::scope& of) {
        const auto& c = of.all;
        CHECK(c.queued == c.left + of.waiting.size());
        CHECK(c.left >= c.answered + c.abandoned + c.callbacks + c.moved);
        CHECK(c.left_in <= c.left);
        CHECK(c.answered_in <= c.answered);
        CHECK(of.in_progress >= 0);
        CHECK(of.callbacks_waiting >= 0);
      };
      const auto& state = day.s.board().state();
      check(state.centre);
      for (const auto& q : state.queues)
        check(q.figures);
    }
  }
}

TEST_CASE("a snapshot of another form is not loaded and changes nothing", "[board]") {
  story s;
  s.arrives(0, "C1");
  board::board_model board;
  REQUIRE(board.load(s.board().save()));
  const auto before = bytes_of(board.save());
  auto other = s.board().save();
  other.set("form", 99);
  CHECK_FALSE(board.load(other));
  CHECK_FALSE(board.load(value{}));
  auto cut = s.board().save();
  cut.set("queues", value::list{});
  CHECK_FALSE(board.load(cut));
  CHECK(bytes_of(board.save()) == before);
}

TEST_CASE("a queue made anew is estimated alike after a snapshot", "[board]") {
  story s;
  s.sign_in(0, "A").arrives(0, "C1").answers(5, "C1").finishes(65, "C1");
  s.tell(70, routing::queue_removed{queue_id{"care"}, {}});
  routing::queue_defined anew;
  anew.queue = queue_id{"care"};
  s.tell(71, anew).arrives(72, "C2");
  board::board_model board;
  REQUIRE(board.load(s.board().save()));
  CHECK(bytes_of(board.save()) == bytes_of(s.board().save()));
  query::board_show asked;
  asked.time = nine + after(73);
  CHECK(to_json(*board.ask(asked, {})) == to_json(s.shown(73)));
  CHECK(figure(s.of_queue(73), "wait_estimate_s") == -1);
}

TEST_CASE("with 500 queues and 5,000 agents a tick makes only what changed", "[board]") {
  story s;
  for (int q = 0; q < 500; ++q)
    s.queue(("Q" + std::to_string(q)).c_str(), 20);
  for (int a = 0; a < 5000; ++a)
    s.sign_in(1, ("A" + std::to_string(a)).c_str(), {("Q" + std::to_string(a % 500)).c_str()});
  board::frame_maker pages;
  const auto tick = [&](double at) { return pages.delta(s.board(), nine + after(at)); };
  tick(2);
  CHECK(pages.queues_made() == 501);  // and "care"

  const auto quiet = tick(2.2);
  CHECK(pages.queues_made() == 0);
  CHECK(quiet.json.size() < 100);  // the time alone

  s.arrives(2.3, "C1", "Q7").arrives(2.3, "C2", "Q9").answers(2.35, "C2", "A9", "Q9");
  const auto busy = json::parse(tick(2.4).json);
  CHECK(pages.queues_made() == 2);
  CHECK(busy["queues"].size() == 2);
  CHECK(busy["queues"]["Q7"]["waiting"] == 1);
  CHECK(busy["queues"]["Q7"]["oldest_since"] == to_ms(nine) + 2300);

  s.abandons(3, "C1");
  const auto gone = json::parse(tick(3.2).json);
  CHECK(gone["queues"]["Q7"]["oldest_since"].is_null());
  CHECK(gone["queues"].size() == 1);
}

TEST_CASE("a frame has what the page reads", "[board]") {
  story s;
  s.sign_in(0, "A").arrives(0, "C1").answers(5, "C1").arrives(6, "C2");
  board::frame_maker pages;
  CHECK(pages.whole().json == "{}");
  pages.delta(s.board(), nine + 10s);
  const auto frame = json::parse(pages.whole().json);
  CHECK(frame["position"] == s.board().at());
  CHECK(frame["time"] == "2026-03-02T01:00:10.000Z");
  CHECK(frame["offset_minutes"] == 480);
  CHECK(frame["speed"] == 1);
  CHECK(frame["simulated"] == false);
  CHECK(frame["centre"]["waiting"] == 1);
  CHECK(frame["centre"]["sl_late"] == 1);
  CHECK(frame["channels"]["phone"]["in_progress"] == 1);
  CHECK(frame["agents"]["busy"] == 1);
  CHECK(frame["queues"]["care"]["service_level_s"] == 15);
  CHECK(frame["queues"]["care"]["agents"]["busy"] == 1);
  CHECK(frame["queues"]["care"]["oldest_since"] == to_ms(nine) + 6000);
  CHECK(frame["history"].back()["offered"] == 2);
  CHECK(frame["intervals"].back()["answered"] == 1);

  s.tell(11, engine::speed_set{60});
  pages.delta(s.board(), nine + 11s);
  CHECK(json::parse(pages.whole().json)["simulated"] == true);
}
