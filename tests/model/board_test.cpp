#include <catch2/catch.hpp>

#include "tests/model/board_story.hpp"

using namespace careline;
using namespace careline::board_story;
using enum careline::routing::agent_state;

TEST_CASE("a wait of exactly the service level is within it", "[board][R1.2.4]") {
  story s;
  s.sign_in(0, "A");
  s.arrives(10, "C1").answers(25, "C1").finishes(30, "C1");
  s.arrives(40, "C2").answers(55.001, "C2").finishes(60, "C2");
  const auto care = s.of_queue(60);
  CHECK(figure(care, "answered") == 2);
  CHECK(figure(care, "sl_answered") == 0.5);
  CHECK(figure(care, "asa_s") == Approx(15.0005));
  CHECK(figure(care, "longest_wait_s") == Approx(15.001));
}

TEST_CASE("an abandon at exactly the service level is in time, at 5 s it is not short", "[board]") {
  story s;
  s.arrives(0, "C1").abandons(4.999, "C1");
  s.arrives(10, "C2").abandons(15, "C2");
  s.arrives(20, "C3").abandons(35, "C3");
  s.arrives(40, "C4").abandons(55.001, "C4");
  s.arrives(60, "C5").answers(61, "C5");
  const auto care = s.of_queue(70);
  CHECK(figure(care, "abandoned") == 4);
  CHECK(figure(care, "sl_offered") == Approx(4.0 / 5));   // 1 answered and 3 abandoned in time
  CHECK(figure(care, "sl_strict") == Approx(1.0 / 5));
  CHECK(figure(care, "sl_no_short") == Approx(1.0 / 4));  // only C1 was short
  CHECK(figure(care, "sl_late") == Approx(1.0 / 2));
  CHECK(figure(care, "sl_left") == Approx(4.0 / 5));
  CHECK(figure(care, "abandon_rate") == Approx(4.0 / 5));
}

TEST_CASE("all variants of the service level stand side by side", "[board][R1.2.4]") {
  // 1,000 answered, 860 of them in time; 60 abandoned: 20 in time, 10 of those at once; 40 late.
  story s;
  int n = 0;
  double at = 0;
  const auto wait = [&](int times, double wait_s, bool answered) {
    for (int i = 0; i < times; ++i, at += 1) {
      const auto id = "C" + std::to_string(++n);
      s.arrives(at, id);
      if (answered)
        s.answers(at + wait_s, id).finishes(at + wait_s, id);
      else
        s.abandons(at + wait_s, id);
      at += wait_s;
    }
  };
  s.queue("care", 20);
  s.sign_in(0, "A");
  wait(860, 1, true);
  wait(140, 21, true);
  wait(10, 2, false);
  wait(10, 12, false);
  wait(40, 30, false);
  const auto care = s.of_queue(at);
  CHECK(figure(care, "sl_offered") == Approx(0.8302).margin(5e-5));
  CHECK(figure(care, "sl_answered") == Approx(0.86));
  CHECK(figure(care, "sl_strict") == Approx(0.8113).margin(5e-5));
  CHECK(figure(care, "sl_late") == Approx(0.8269).margin(5e-5));
  CHECK(figure(care, "sl_no_short") == Approx(860.0 / 1050));
  CHECK(figure(care, "sl_left") == Approx(880.0 / 1060));
  CHECK(figure(care, "asa_s") == Approx((860.0 + 140 * 21) / 1000));
}

TEST_CASE("a figure without a base is not there", "[board]") {
  const story s;
  const auto centre = s.centre(0);
  for (const auto* name : {"asa_s", "aht_s", "abandon_rate", "occupancy", "longest_wait_s",
                           "oldest_waiting_s", "wait_estimate_s", "sl_answered", "sl_offered",
                           "sl_left", "sl_strict", "sl_no_short", "sl_late"})
    CHECK_FALSE(centre.find(name));
  CHECK(figure(centre, "waiting") == 0);
  CHECK(figure(centre, "answered") == 0);
}

TEST_CASE("a person who asks for a callback neither was answered nor gave up", "[board]") {
  story s;
  s.sign_in(0, "A");
  s.arrives(0, "C1");
  s.tell(20, routing::contact_callback_requested{contact_id{"C1"}, {}, {}});

  const auto waiting = s.of_queue(30);
  CHECK(figure(waiting, "waiting") == 0);
  CHECK(figure(waiting, "callbacks_waiting") == 1);
  CHECK(figure(waiting, "callbacks") == 1);
  CHECK(figure(waiting, "longest_wait_s") == 20);
  CHECK_FALSE(waiting.find("oldest_waiting_s"));

  s.answers(600, "C1").finishes(660, "C1");
  const auto served = s.of_queue(660);
  CHECK(figure(served, "answered") == 0);
  CHECK(figure(served, "abandoned") == 0);
  CHECK(figure(served, "abandon_rate") == 0);
  CHECK(figure(served, "callbacks_answered") == 1);
  CHECK(figure(served, "callbacks_waiting") == 0);
  CHECK(figure(served, "aht_s") == 60);
  CHECK_FALSE(served.find("asa_s"));
}

TEST_CASE("a callback that was never reached is timed out and lost", "[board]") {
  story s;
  s.arrives(0, "C1");
  s.tell(20, routing::contact_callback_requested{contact_id{"C1"}, {}, {}});
  s.tell(3000, routing::contact_timed_out{contact_id{"C1"}, "callback_failed"});
  const auto care = s.of_queue(3000);
  CHECK(figure(care, "timed_out") == 1);
  CHECK(figure(care, "callbacks_lost") == 1);
  CHECK(figure(care, "callbacks_waiting") == 0);
}

TEST_CASE("hold and wrap-up are part of the handling", "[board][R1.2.4]") {
  story s;
  s.sign_in(0, "A");
  s.arrives(0, "C1").answers(10, "C1");
  s.tell(30, routing::contact_held{contact_id{"C1"}, agent_id{"A"}});
  CHECK(figure(s.of_queue(35), "in_progress") == 1);
  s.tell(50, routing::contact_resumed{contact_id{"C1"}, agent_id{"A"}});
  s.finishes(70, "C1", "A", wrap_up);
  CHECK(figure(s.of_queue(70), "aht_s") == 60);
  CHECK(figure(s.of_queue(70), "in_progress") == 0);
  s.state(100, "A", ready);
  CHECK(figure(s.of_queue(100), "aht_s") == 90);
  CHECK(figure(s.centre(100), "aht_s") == 90);
}

TEST_CASE("two chats at once count once for occupancy", "[board]") {
  story s;
  s.sign_in(0, "A");
  s.arrives(10, "C1", "care", "chat").answers(10, "C1");
  s.arrives(20, "C2", "care", "chat").answers(20, "C2");
  s.finishes(40, "C1", "A", busy).finishes(60, "C2");
  // On a contact from 10 to 60, idle from 0 to 10 and from 60 to 100.
  CHECK(figure(s.centre(100), "occupancy") == Approx(0.5));
  CHECK(figure(s.of_queue(100), "occupancy") == Approx(0.5));
  CHECK(figure(s.of_queue(100), "aht_s") == Approx(35));
}

TEST_CASE("wrap-up is work, a break is neither work nor idle", "[board]") {
  story s;
  s.sign_in(0, "A", {"care"});
  s.arrives(0, "C1").answers(0, "C1").finishes(20, "C1", "A", wrap_up);
  s.state(30, "A", not_ready);
  s.state(530, "A", ready);
  s.state(540, "A", offered);
  CHECK(figure(s.of_queue(560), "occupancy") == Approx(0.5));  // 30 s of work, 30 s idle
}

TEST_CASE("a transfer ends one handling and begins another wait", "[board]") {
  story s;
  s.queue("tech", 15).sign_in(0, "A").sign_in(0, "B");
  s.arrives(0, "C1").answers(5, "C1");
  s.tell(65, routing::contact_transferred{contact_id{"C1"}, agent_id{"A"}, queue_id{"tech"}, {}});
  s.state(65, "A", ready).queued(65, "C1", "tech");
  s.answers(85, "C1", "B", "tech").finishes(100, "C1", "B");
  const auto shown = s.shown(100);
  const auto& care = *shown.find("queues")->find("care");
  const auto& tech = *shown.find("queues")->find("tech");
  const auto& centre = *shown.find("centre");
  CHECK(figure(care, "transferred") == 1);
  CHECK(figure(care, "aht_s") == 60);
  CHECK(figure(care, "finished") == 0);
  CHECK(figure(tech, "asa_s") == 20);
  CHECK(figure(tech, "sl_answered") == 0);
  CHECK(figure(tech, "finished") == 1);
  CHECK(figure(centre, "offered") == 1);
  CHECK(figure(centre, "answered") == 2);
  CHECK(figure(centre, "asa_s") == 12.5);
  CHECK(figure(centre, "human_wait_s") == 5);  // from asking for a person to the first one
}

TEST_CASE("a wait that moves to another queue goes on for the centre", "[board]") {
  story s;
  s.queue("tech", 15).sign_in(0, "A");
  s.arrives(0, "C1");
  s.tell(10, routing::contact_diverted{contact_id{"C1"}, "tech", "rule"}).queued(10, "C1", "tech");
  CHECK(figure(s.centre(12), "oldest_waiting_s") == 12);
  CHECK(figure(s.of_queue(12, "tech"), "oldest_waiting_s") == 2);
  CHECK(figure(s.of_queue(12), "waiting") == 0);
  s.answers(20, "C1", "A", "tech");
  const auto shown = s.shown(20);
  const auto& care = *shown.find("queues")->find("care");
  CHECK(figure(care, "moved") == 1);
  CHECK(figure(care, "diverted") == 0);
  CHECK(figure(*shown.find("queues")->find("tech"), "asa_s") == 10);
  CHECK(figure(*shown.find("centre"), "asa_s") == 20);
  CHECK(figure(*shown.find("centre"), "queued") == 1);
  CHECK(figure(*shown.find("centre"), "sl_answered") == 0);
}

TEST_CASE("credit of age does not make a wait longer", "[board]") {
  story s;
  reception::contact_opened x;
  x.contact = contact_id{"C1"};
  x.channel = channel_id{"phone"};
  x.age_s = 90s;
  s.tell(0, x).queued(0, "C1").answers(7, "C1");
  CHECK(figure(s.of_queue(7), "asa_s") == 7);
}

TEST_CASE("refusals, limits and safety are counted apart", "[board]") {
  story s;
  const auto outside = [&](double at, const char* id) {
    s.tell(at, routing::contact_diverted{contact_id{id}, "external:110", "safety"});
  };
  const contact_id c1{"C1"};
  s.open(0, "C1").tell(0, routing::contact_refused{c1, queue_id{"care"}, "queue_full"});
  s.arrives(1, "C2").tell(31, routing::contact_timed_out{contact_id{"C2"}, "wait_s_max"});
  s.open(40, "C3");
  outside(40, "C3");
  s.arrives(50, "C4");
  outside(60, "C4");
  reception::contact_triaged led;
  led.contact = contact_id{"C5"};
  led.queue = queue_id{"care"};
  s.open(60, "C5").tell(60, led);
  s.tell(60, routing::contact_diverted{contact_id{"C5"}, "external:branch-2", "queue_full"});
  const auto care = s.of_queue(60);
  CHECK(figure(care, "offered") == 4);
  CHECK(figure(care, "queued") == 2);
  CHECK(figure(care, "refused") == 1);
  CHECK(figure(care, "timed_out") == 1);
  CHECK(figure(care, "diverted") == 2);
  CHECK(figure(care, "sl_left") == 0.5);
  CHECK(figure(s.centre(60), "offered") == 5);
  CHECK(figure(s.centre(60), "diverted") == 3);
  CHECK(s.board().state().contacts.empty());
}

TEST_CASE("the greeting is the first word to the person", "[board]") {
  story s;
  s.sign_in(0, "A");
  s.arrives(0, "C1", "care", "chat");
  routing::contact_said said;
  said.contact = contact_id{"C1"};
  said.from = routing::speaker::customer;
  s.tell(1, said);
  said.from = routing::speaker::system;
  s.tell(3, said).answers(20, "C1");
  s.arrives(30, "C2").answers(39, "C2");
  CHECK(figure(s.centre(40), "greet_s") == 6);
  CHECK(figure(s.centre(40), "human_wait_s") == Approx(14.5));
}

TEST_CASE("the oldest wait grows with the clock and leaves with its contact", "[board]") {
  story s;
  s.arrives(0, "C1").arrives(10, "C2");
  CHECK(figure(s.of_queue(70), "oldest_waiting_s") == 70);
  CHECK(figure(s.of_queue(70), "waiting") == 2);
  s.abandons(70, "C1");
  CHECK(figure(s.of_queue(70), "oldest_waiting_s") == 60);
  CHECK(figure(*s.shown(70).find("channels")->find("phone"), "oldest_waiting_s") == 60);
}

TEST_CASE("a newcomer is told mean handling times those ahead by the agents", "[board][R2.1.6]") {
  story s;
  s.sign_in(0, "A").sign_in(0, "B");
  s.arrives(0, "C1").answers(0, "C1").finishes(100, "C1");
  s.arrives(110, "C2").arrives(110, "C3").arrives(110, "C4");
  CHECK(figure(s.of_queue(120), "wait_estimate_s") == 150);
}

TEST_CASE("the smoothed estimate moves by a quarter, the recent one at once", "[board]") {
  story s;
  routing::queue_defined q;
  q.queue = queue_id{"care"};
  q.wait_estimate = routing::wait_estimate_kind::smoothed;
  s.tell(0, q).sign_in(0, "A");
  s.arrives(0, "C1").answers(40.9, "C1").finishes(50, "C1");
  CHECK(figure(s.of_queue(50), "wait_estimate_s") == 40);
  s.arrives(60, "C2").answers(68, "C2").finishes(70, "C2");
  CHECK(figure(s.of_queue(70), "wait_estimate_s") == 32);
  q.wait_estimate = routing::wait_estimate_kind::recent;
  s.tell(70, q);
  CHECK(figure(s.of_queue(70), "wait_estimate_s") == 8);
}

TEST_CASE("agents count in the queues they serve, those of all queues in each", "[board]") {
  story s;
  routing::queue_defined own;
  own.queue = queue_id{"vip"};
  own.members = true;
  s.queue("tech", 15).tell(0, own);
  s.sign_in(0, "A").sign_in(0, "B", {"care"}).sign_in(0, "C", {"care", "vip"});
  s.state(5, "B", not_ready);
  const auto ready_in = [&](const char* q) {
    return figure(*s.of_queue(5, q).find("agents"), "ready");
  };
  CHECK(ready_in("care") == 2);
  CHECK(ready_in("tech") == 1);
  CHECK(ready_in("vip") == 1);  // only those that name it
  CHECK(figure(*s.of_queue(5).find("agents"), "not_ready") == 1);
  CHECK(figure(*s.shown(5).find("agents"), "ready") == 2);

  s.tell(6, routing::agent_signed_out{agent_id{"C"}});
  CHECK(ready_in("vip") == 0);
  routing::agent_changed moves;
  moves.agent = agent_id{"B"};
  moves.queues.emplace()[queue_id{"tech"}] = {};
  s.tell(7, moves);
  CHECK(figure(*s.of_queue(7, "tech").find("agents"), "not_ready") == 1);
  CHECK(figure(*s.of_queue(7).find("agents"), "not_ready") == 0);
}

TEST_CASE("who is connected is shown by kind", "[board]") {
  story s;
  session::session_opened phone;
  phone.session = session_name{"phone-1"};
  phone.kind = "gateway";
  session::session_lost lost;
  lost.session = session_name{"phone-1"};
  s.tell(0, phone);
  CHECK(figure(*s.shown(0).find("sessions"), "gateway") == 1);
  s.tell(1, lost);
  CHECK_FALSE(s.shown(1).find("sessions")->find("gateway"));
}
