#pragma once

#include <catch2/catch.hpp>

#include "store/hash.hpp"
#include "store/inspect.hpp"
#include "story.hpp"

// The promise of store/event_log.hpp, once for every log. A `Place` makes and reopens one:
//   std::unique_ptr<event_log> open();           a log on this place, the same one each time
//   open_options options;                        what it is opened with
//   void flip_byte(std::unique_ptr<event_log>&, position);   as a bad disk would; log is open after

namespace careline::store::story {

template <class Place>
void appending_gives_places() {
  Place place;
  auto log = place.open();
  CHECK(log->head() == 0);
  CHECK(log->head_hash() == chain_hash{});
  CHECK(log->epoch() > 0);

  batch call;
  call.events = {happened("contact.opened", "contact/C-1"),
                 happened("contact.queued", "contact/C-1")};
  batch nothing_happened;
  nothing_happened.checkpoints.push_back({"board", 0});
  const auto places =
      append(*log, {call, nothing_happened, just(happened("contact.opened", "contact/C-2"))});
  REQUIRE(places);
  REQUIRE(places->size() == 3);
  CHECK((*places)[0].first == 1);
  CHECK((*places)[0].last == 2);
  CHECK((*places)[1].first == 0);
  CHECK((*places)[1].last == 0);
  CHECK((*places)[2].first == 3);
  CHECK(log->head() == 3);

  const auto events = read_all(*log);
  REQUIRE(events.size() == 3);
  CHECK(events[0].previous == 0);
  CHECK(events[1].previous == 0);
  CHECK(events[2].previous == 1);
  CHECK(events[1].at == 2);
  CHECK(events[2].subject == "contact/C-2");
  auto as_sent = call.events[1];
  as_sent.at = 2;
  CHECK(events[1] == as_sent);
  CHECK(log->last_of_types()
        == std::vector<std::pair<std::string, position>>{{"contact.opened", 3},
                                                         {"contact.queued", 2}});
}

template <class Place>
void the_chain_is_what_the_page_says() {
  Place place;
  auto log = place.open();
  REQUIRE(append(*log, queued(5)));
  chain_hash hash{};
  for (const auto& e : read_all(*log)) {
    std::string record;
    encode_record(e, record);
    hash = blake256(std::string{bytes_of(hash)} + record);
    CHECK(log->hash_at(e.at).value() == hash);
  }
  CHECK(log->head_hash() == hash);
  CHECK(log->hash_at(0).value() == chain_hash{});
  CHECK(log->hash_at(6).error().fault == log_fault::conflict);
  const auto v = verify_log(*log);
  REQUIRE(v);
  CHECK(v->hash == hash);
  CHECK(v->head == 5);
}

template <class Place>
void a_stale_writer_changes_nothing() {
  Place place;
  auto log = place.open();
  REQUIRE(append(*log, queued(3)));
  for (const auto& [head, epoch] : {std::pair{position{2}, log->epoch()},
                                    {position{4}, log->epoch()},
                                    {position{3}, log->epoch() - 1},
                                    {position{3}, log->epoch() + 1}}) {
    const auto refused = append(
        *log, {answering(happened("contact.queued", "contact/C-9"), "phone-1", id_at(morning))},
        head, epoch);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().fault == log_fault::conflict);
  }
  CHECK(log->head() == 3);
  CHECK_FALSE(log->find_command({"phone-1", id_at(morning)}).value());
  CHECK(append(*log, queued(1, 4)));
}

template <class Place>
void a_command_is_remembered_with_its_events() {
  Place place;
  auto log = place.open();
  const auto id = id_at(morning);
  auto group = queued(1);
  group.push_back(
      answering(happened("contact.queued", "contact/C-2"), "phone-1", id, "\x81\xa1q\x01"));
  batch refusal;
  refusal.command.emplace(command_key{"chat-1", id}, remembered{});
  refusal.command->second.outcome = outcome_kind::refused;
  refusal.command->second.problem_code = "routing.unknown_queue";
  group.push_back(refusal);
  REQUIRE(append(*log, group));

  const auto accepted = log->find_command({"phone-1", id}).value();
  REQUIRE(accepted);
  CHECK(accepted->outcome == outcome_kind::accepted);
  CHECK(accepted->at == 2);
  CHECK(accepted->digest == digest16{1, 2, 3});
  CHECK(accepted->data == "\x81\xa1q\x01");
  const auto refused = log->find_command({"chat-1", id}).value();
  REQUIRE(refused);
  CHECK(refused->outcome == outcome_kind::refused);
  CHECK(refused->at == 0);
  CHECK(refused->problem_code == "routing.unknown_queue");
  CHECK_FALSE(log->find_command({"phone-2", id}).value());
  CHECK_FALSE(log->find_command({"phone-1", id_at(morning, 1)}).value());

  // A scenario's ids are any text.
  REQUIRE(append(*log,
                 {answering(happened("contact.queued", "contact/C-3"), "phone-1", "first call")}));
  CHECK(log->find_command({"phone-1", "first call"}).value()->at == 3);
}

template <class Place>
void old_commands_are_forgotten() {
  Place place;
  auto log = place.open();
  // Twenty this morning, and then one each hour of the day after tomorrow.
  std::vector<batch> group;
  for (unsigned n = 0; n < 20; ++n)
    group.push_back(
        answering(happened("contact.queued", "contact/C-1"), "phone-1", id_at(morning, n)));
  REQUIRE(append(*log, std::move(group)));
  const auto later = morning + std::chrono::hours{48};
  for (unsigned n = 0; n < 10; ++n) {
    const auto now = later + std::chrono::hours{n};
    REQUIRE(append(*log, {answering(happened("contact.queued", "contact/C-1", "\x80", now),
                                    "phone-1", id_at(now))}));
  }
  for (unsigned n = 0; n < 20; ++n)
    CHECK_FALSE(log->find_command({"phone-1", id_at(morning, n)}).value());
  for (unsigned n = 0; n < 10; ++n)
    CHECK(log->find_command({"phone-1", id_at(later + std::chrono::hours{n})}).value());
}

template <class Place>
void an_answer_is_remembered_for_a_day() {
  Place place;
  auto log = place.open();
  const auto answer_at = [&](instant now) {
    REQUIRE(append(*log, {answering(happened("contact.queued", "contact/C-1", "\x80", now),
                                    "phone-1", id_at(now))}));
  };
  answer_at(morning);
  answer_at(morning + std::chrono::hours{24} - span{1});
  const auto last_asked = log->find_command({"phone-1", id_at(morning)}).value();
  REQUIRE(last_asked);
  CHECK(last_asked->at == 1);
  answer_at(morning + open_options{}.remember);
  CHECK(log->find_command({"phone-1", id_at(morning)}).value());
  answer_at(morning + open_options{}.remember + span{1});
  CHECK_FALSE(log->find_command({"phone-1", id_at(morning)}).value());
}

template <class Place>
void commands_are_forgotten_by_the_clock_of_their_ids() {
  Place place;
  auto wall = morning;
  place.options.id_now = [&wall] { return wall; };
  auto log = place.open();
  // A demo: a year of events in a day of the clients' time, and then two days more.
  const auto call = [&](unsigned n, instant at) {
    return append(*log, {answering(happened("contact.queued", "contact/C-1", "\x80", at),
                                   "phone-1", id_at(wall, n))});
  };
  for (unsigned n = 0; n < 20; ++n)
    REQUIRE(call(n, morning + n * std::chrono::days{18}));
  for (unsigned n = 0; n < 20; ++n)
    CHECK(log->find_command({"phone-1", id_at(morning, n)}).value());
  wall = morning + std::chrono::hours{72};
  for (unsigned n = 0; n < 10; ++n)
    REQUIRE(call(n, morning + std::chrono::years{1}));
  for (unsigned n = 0; n < 20; ++n)
    CHECK_FALSE(log->find_command({"phone-1", id_at(morning, n)}).value());
  for (unsigned n = 0; n < 10; ++n)
    CHECK(log->find_command({"phone-1", id_at(wall, n)}).value());
}

template <class Place>
void a_checkpoint_is_true_with_what_it_caused() {
  Place place;
  auto log = place.open();
  CHECK_FALSE(log->find_checkpoint("care").value());
  REQUIRE(append(*log, queued(2)));
  auto reaction = just(happened("visit.planned", "visit/V-1"));
  reaction.checkpoints = {{"care", 1}, {"survey", 2}};
  REQUIRE(append(*log, {reaction}));
  CHECK(log->find_checkpoint("care").value() == position{1});
  CHECK(log->find_checkpoint("survey").value() == position{2});
  reaction.checkpoints = {{"care", 2}};
  REQUIRE_FALSE(append(*log, {reaction}, 0, log->epoch()));
  CHECK(log->find_checkpoint("care").value() == position{1});
}

template <class Place>
void reading_by_type_and_page() {
  Place place;
  auto log = place.open();
  std::vector<batch> group;
  for (int i = 0; i < 30; ++i)
    group.push_back(just(happened(i % 3 == 0   ? "contact.queued"
                                  : i % 3 == 1 ? "contact.assigned"
                                               : "agent.ready",
                                  "x/" + std::to_string(i), std::string(100, 'd'))));
  REQUIRE(append(*log, group));
  CHECK(read_all(*log, {"contact.queued"}).size() == 10);
  CHECK(read_all(*log, {"contact."}).size() == 20);
  CHECK(read_all(*log, {"contact.queued", "agent."}).size() == 20);
  CHECK(read_all(*log, {"contact"}).empty());
  CHECK(read_all(*log, {"contact.queue"}).empty());

  read_options what;
  what.limit = 4;
  auto first = log->read(what);
  REQUIRE(first);
  CHECK(first->events.size() == 4);
  CHECK(first->next == 4);
  what.types = {"agent.ready"};
  first = log->read(what);
  REQUIRE(first);
  CHECK(first->events.size() == 4);
  CHECK(first->next >= 12);
  CHECK(first->next < 15);
  what = {};
  what.bytes_max = 500;
  first = log->read(what);
  REQUIRE(first);
  CHECK(first->events.size() > 1);
  CHECK(first->events.size() < 5);
  what.bytes_max = 1;
  CHECK(log->read(what)->events.size() == 1);
  what = {};
  what.after = 30;
  CHECK(log->read(what)->events.empty());
  CHECK(log->read(what)->next == 30);
  what.after = 28;
  what.types = {"contact.queued"};
  CHECK(log->read(what)->events.empty());
  CHECK(log->read(what)->next == 30);
}

template <class Place>
void one_contact_is_a_stream() {
  Place place;
  auto log = place.open();
  const int rounds = 1500;
  for (int i = 0; i < rounds; ++i) {
    std::vector<batch> group;
    for (const auto* who : {"contact/C-1", "contact/C-11", "contact/C-2", "agent/C-1"})
      group.push_back(just(happened("note.taken", who)));
    REQUIRE(append(*log, group));
  }
  const auto stream = log->read_stream("contact/C-1");
  REQUIRE(stream);
  REQUIRE(stream->size() == rounds);
  for (std::size_t i = 0; i < stream->size(); ++i)
    CHECK((*stream)[i].at == 4 * i + 1);
  CHECK(log->read_stream("contact/C-3")->empty());
  CHECK(log->read_stream("contact/C")->empty());
}

template <class Place>
void a_flipped_bit_shows_at_its_place() {
  Place place;
  auto log = place.open();
  for (int i = 0; i < 3; ++i)
    REQUIRE(append(*log, queued(1000, 1000 * static_cast<std::size_t>(i) + 1)));
  place.flip_byte(log, 700);
  // A reader who only goes on from there looks at what he stands on first.
  read_options onward;
  onward.after = 700;
  CHECK(log->read(onward).error().at == 700);
  CHECK(read_all(*log).size() == 699);
  const auto v = verify_log(*log);
  REQUIRE_FALSE(v);
  CHECK(v.error().fault == log_fault::damaged);
  CHECK(v.error().at == 700);
  read_options what;
  for (const position after : {699, 700, 701, 1500}) {
    what.after = after;
    const auto read = log->read(what);
    REQUIRE_FALSE(read);
    CHECK(read.error().fault == log_fault::damaged);
    CHECK(read.error().at == 700);
  }
  CHECK_FALSE(log->read_stream("contact/C-700"));
  what.after = 600;
  CHECK(log->read(what)->events.size() == 99);
}

template <class Place>
void what_cannot_be_written_is_refused_whole() {
  Place place;
  auto log = place.open();
  auto group = queued(2);
  group.push_back(just(happened("", "contact/C-3")));
  const auto refused = append(*log, group);
  REQUIRE_FALSE(refused);
  CHECK(log->head() == 0);
  CHECK(append(*log, queued(2)));
}

} // namespace careline::store::story

/// Every promise as a test case of its own, for one kind of log.
#define CARELINE_EVENT_LOG_CONTRACT(Place, tag) \
  using namespace careline::store::story; \
  TEST_CASE(tag ": what is appended has a place, dense and in order", "[R2.3.5][R2.2.3]") { \
    appending_gives_places<Place>(); \
  } \
  TEST_CASE(tag ": every event carries the hash of all before it", "[R2.3.3]") { \
    the_chain_is_what_the_page_says<Place>(); \
  } \
  TEST_CASE(tag ": a writer that lost its place changes nothing") { \
    a_stale_writer_changes_nothing<Place>(); \
  } \
  TEST_CASE(tag ": a command's answer is kept with what it caused") { \
    a_command_is_remembered_with_its_events<Place>(); \
  } \
  TEST_CASE(tag ": answers older than a day are forgotten, a few at a time") { \
    old_commands_are_forgotten<Place>(); \
  } \
  TEST_CASE(tag ": an answer is remembered for a day to the millisecond, and not for ever") { \
    an_answer_is_remembered_for_a_day<Place>(); \
  } \
  TEST_CASE(tag ": a demo's answers are forgotten by its clients' clock, not by its own") { \
    commands_are_forgotten_by_the_clock_of_their_ids<Place>(); \
  } \
  TEST_CASE(tag ": a reaction and its checkpoint are true together") { \
    a_checkpoint_is_true_with_what_it_caused<Place>(); \
  } \
  TEST_CASE(tag ": a reader asks for types and gets pages") { \
    reading_by_type_and_page<Place>(); \
  } \
  TEST_CASE(tag ": everything about one contact, in order", "[R2.2.3]") { \
    one_contact_is_a_stream<Place>(); \
  } \
  TEST_CASE(tag ": one changed bit is found, and nothing after it is believed", \
            "[R2.3.5][R2.3.3]") { \
    a_flipped_bit_shows_at_its_place<Place>(); \
  } \
  TEST_CASE(tag ": a group with an event that cannot be written is refused whole") { \
    what_cannot_be_written_is_refused_whole<Place>(); \
  }
