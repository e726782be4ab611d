#include <catch2/catch.hpp>

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "store/writer.hpp"
#include "story.hpp"

namespace careline::store {
namespace {

using namespace story;

/// A log whose disk can be held, can be full and can break.
class held_log final : public event_log {
public:
  explicit held_log(std::uint64_t map_bytes = 64 << 20) {
    open_options o;
    o.place = "memory:";
    o.map_bytes = map_bytes;
    o.reserve_bytes = 1;
    inner_ = open_event_log(o).value();
  }

  void append(std::vector<batch> group, position expected, std::uint64_t with,
              append_done done) override {
    std::unique_lock hold{mutex_};
    groups_.push_back(group.size());
    changed_.notify_all();
    changed_.wait(hold, [this] { return !held_; });
    const auto broken = broken_;
    hold.unlock();
    if (broken)
      return done(no(*broken));
    inner_->append(std::move(group), expected, with, std::move(done));
  }
  void hold() { set(true, {}); }
  void release() { set(false, broken_); }
  void break_with(log_fault fault) { set(false, log_error{fault, "as the story wants it"}); }
  /// Waits until the writer has come with its `n`th group; returns the sizes of all so far.
  std::vector<std::size_t> wait_for_group(std::size_t n) {
    std::unique_lock hold{mutex_};
    changed_.wait(hold, [&] { return groups_.size() >= n; });
    return groups_;
  }
  std::vector<std::size_t> groups() { return wait_for_group(0); }

  position head() const override { return inner_->head(); }
  chain_hash head_hash() const override { return inner_->head_hash(); }
  std::uint64_t epoch() const override { return inner_->epoch(); }
  result<chain_hash, log_error> hash_at(position at) const override { return inner_->hash_at(at); }
  result<page, log_error> read(const read_options& what) const override {
    return inner_->read(what);
  }
  result<std::vector<event_record>, log_error> read_stream(std::string_view s) const override {
    return inner_->read_stream(s);
  }
  result<std::optional<remembered>, log_error>
  find_command(const command_key& k) const override {
    return inner_->find_command(k);
  }
  result<std::optional<position>, log_error>
  find_checkpoint(std::string_view l) const override {
    return inner_->find_checkpoint(l);
  }
  std::vector<std::pair<std::string, position>> last_of_types() const override {
    return inner_->last_of_types();
  }
  std::int64_t reserve_bytes() const override { return 0; }
  std::int64_t room_bytes() const override {
    const std::scoped_lock hold{mutex_};
    return room_ ? *room_ : inner_->room_bytes();
  }
  void set_room(std::int64_t bytes) {
    const std::scoped_lock hold{mutex_};
    room_ = bytes;
  }

private:
  void set(bool held, std::optional<log_error> broken) {
    const std::scoped_lock hold{mutex_};
    held_ = held;
    broken_ = std::move(broken);
    changed_.notify_all();
  }

  std::unique_ptr<event_log> inner_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::size_t> groups_;
  bool held_ = false;
  std::optional<log_error> broken_;
  std::optional<std::int64_t> room_;
};

using outcome = result<committed, log_error>;

/// Submits and gives the answer as a future.
std::future<outcome> submit(log_writer& to, batch b) {
  auto promise = std::make_shared<std::promise<outcome>>();
  auto answer = promise->get_future();
  to.submit(std::move(b), [promise](outcome o) { promise->set_value(std::move(o)); });
  return answer;
}

batch one(const std::string& contact) {
  return just(happened("contact.queued", "contact/" + contact));
}

TEST_CASE("writer: a disk that does not come back can be seen, and for how long") {
  held_log log;
  log_writer to{log, {}};
  CHECK(to.figures().running_us == 0);
  log.hold();
  auto stuck = submit(to, one("C-1"));
  log.wait_for_group(1);
  const auto first = to.figures().running_us;
  CHECK(first > 0);
  while (to.figures().running_us == first)
    continue;
  CHECK(to.figures().running_us > first);
  log.release();
  CHECK(stuck.get());
  CHECK(to.figures().running_us == 0);
}

TEST_CASE("writer: what waits while the disk works becomes durable together") {
  held_log log;
  log.hold();
  log_writer to{log, {}};
  auto first = submit(to, one("C-1"));
  log.wait_for_group(1);
  std::vector<std::future<outcome>> rest;
  for (int i = 2; i <= 65; ++i)
    rest.push_back(submit(to, one("C-" + std::to_string(i))));
  log.release();
  CHECK(first.get()->last == 1);
  for (std::size_t i = 0; i < rest.size(); ++i)
    CHECK(rest[i].get()->last == i + 2);
  CHECK(log.groups() == std::vector<std::size_t>{1, 64});
  const auto f = to.figures();
  CHECK(f.commits == 2);
  CHECK(f.batches == 65);
  CHECK(f.events == 65);
  CHECK(f.queued == 0);
}

TEST_CASE("writer: a group has an end, by events and by bytes") {
  held_log log;
  log.hold();
  writer_options small;
  small.group_events_max = 10;
  small.group_bytes_max = 20'000;
  log_writer to{log, small};
  auto first = submit(to, one("C-1"));
  log.wait_for_group(1);
  std::vector<std::future<outcome>> rest;
  for (int i = 0; i < 25; ++i)
    rest.push_back(submit(to, one("C-2")));
  for (int i = 0; i < 3; ++i)
    rest.push_back(
        submit(to, just(happened("contact.said", "contact/C-2", std::string(15'000, 't')))));
  log.release();
  for (auto& r : rest)
    CHECK(r.get());
  CHECK(log.groups() == std::vector<std::size_t>{1, 10, 10, 5, 1, 1, 1});
}

TEST_CASE("writer: answers come in the order of asking, listeners hear it complete") {
  held_log log;
  std::vector<std::shared_ptr<const event_record>> heard;
  std::vector<int> answered;
  {
    log_writer to{log, {}};
    to.listen([&](const auto& events) { heard.insert(heard.end(), events.begin(), events.end()); });
    for (int i = 0; i < 500; ++i) {
      auto b = i % 5 == 4 ? batch{} : one("C-" + std::to_string(i));
      if (i % 5 == 3)
        b.events.push_back(happened("contact.assigned", "contact/C-" + std::to_string(i)));
      to.submit(std::move(b), [&, i](const outcome&) { answered.push_back(i); });
    }
  }
  REQUIRE(answered.size() == 500);
  CHECK(std::is_sorted(answered.begin(), answered.end()));
  const auto written = read_all(log);
  REQUIRE(heard.size() == written.size());
  for (std::size_t i = 0; i < heard.size(); ++i)
    CHECK(*heard[i] == written[i]);
}

TEST_CASE("writer: a new writer goes on where the log is") {
  held_log log;
  for (int start = 0; start < 2; ++start) {
    std::vector<std::shared_ptr<const event_record>> heard;
    {
      log_writer to{log, {}};
      to.listen([&](const auto& events) { heard = events; });
      CHECK(submit(to, one("C-1")).get());
    }
    REQUIRE(heard.size() == 1);
    CHECK(heard[0]->previous == static_cast<position>(start));
  }
}

TEST_CASE("writer: a question waits for what it follows, and costs no sync of its own") {
  held_log log;
  log_writer to{log, {}};
  CHECK(submit(to, batch{}).get());
  CHECK(log.groups().empty());

  log.hold();
  auto call = submit(to, one("C-1"));
  log.wait_for_group(1);
  auto question = submit(to, batch{});
  auto second_call = submit(to, one("C-2"));
  auto second_question = submit(to, batch{});
  CHECK(question.wait_for(std::chrono::seconds{0}) == std::future_status::timeout);
  log.release();
  CHECK(call.get()->last == 1);
  CHECK(question.get()->last == 0);
  CHECK(second_question.get());
  CHECK(second_call.get()->last == 2);
  CHECK(log.groups() == std::vector<std::size_t>{1, 1});
}

TEST_CASE("writer: with little room, what ends a contact passes and what opens one does not") {
  held_log log;
  log.hold();
  log_writer to{log, {}};
  auto first = submit(to, one("C-1"));
  log.wait_for_group(1);
  log.set_room(-1);
  auto opening = submit(to, one("C-2"));
  auto ending = one("C-1");
  ending.uses_reserve = true;
  auto finished = submit(to, ending);
  auto question = submit(to, batch{});
  log.release();
  CHECK(first.get()->last == 1);
  const auto refused = opening.get();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().fault == log_fault::full);
  CHECK(finished.get()->last == 2);
  CHECK(question.get());
  // Room again: it goes on by itself.
  log.set_room(1 << 20);
  CHECK(submit(to, one("C-2")).get()->last == 3);
}

TEST_CASE("writer: a log with no room at all answers full and stays usable") {
  held_log log{8'000};
  log.set_room(1 << 20);
  bool died = false;
  writer_options o;
  o.on_fatal = [&](const log_error&) { died = true; };
  log_writer to{log, o};
  std::size_t written = 0;
  while (submit(to, one("C-1")).get())
    REQUIRE(++written < 100);
  CHECK(written > 3);
  CHECK(submit(to, one("C-1")).get().error().fault == log_fault::full);
  CHECK(submit(to, batch{}).get());
  CHECK_FALSE(died);
}

TEST_CASE("writer: where the room was misjudged, what ends a contact still passes") {
  held_log log{4'000};
  log.set_room(1 << 20);
  log.hold();
  log_writer to{log, {}};
  auto first = submit(to, one("C-1"));
  log.wait_for_group(1);
  auto opening =
      submit(to, just(happened("contact.queued", "contact/C-2", std::string(4000, 'd'))));
  auto ending = just(happened("contact.finished", "contact/C-1"));
  ending.uses_reserve = true;
  auto finished = submit(to, ending);
  log.release();
  CHECK(first.get()->last == 1);
  CHECK(opening.get().error().fault == log_fault::full);
  CHECK(finished.get()->last == 2);
}

TEST_CASE("writer: when the disk fails nothing is acknowledged, and it is told once") {
  for (const auto fault : {log_fault::io, log_fault::conflict}) {
    held_log log;
    std::vector<log_error> told;
    writer_options o;
    o.on_fatal = [&](const log_error& e) { told.push_back(e); };
    bool anything_heard = false;
    {
      log_writer to{log, o};
      to.listen([&](const auto&) { anything_heard = true; });
      log.hold();
      auto first = submit(to, one("C-1"));
      log.wait_for_group(1);
      auto second = submit(to, one("C-2"));
      auto question = submit(to, batch{});
      log.break_with(fault);
      CHECK(first.get().error().fault == fault);
      CHECK(second.get().error().fault == fault);
      CHECK_FALSE(question.get());
      log.release();
      CHECK(submit(to, one("C-3")).get().error().fault == fault);
    }
    CHECK(told.size() == 1);
    CHECK_FALSE(anything_heard);
    CHECK(log.head() == 0);
    CHECK(log.groups().size() == 1);
  }
}

TEST_CASE("writer: another engine's epoch ends this one") {
  held_log log;
  bool died = false;
  writer_options o;
  o.on_fatal = [&](const log_error& e) { died = e.fault == log_fault::conflict; };
  {
    log_writer to{log, o};
    CHECK(submit(to, one("C-1")).get());
    REQUIRE(append(log, queued(1)));  // somebody else
    CHECK(submit(to, one("C-2")).get().error().fault == log_fault::conflict);
  }
  CHECK(died);
  CHECK(log.head() == 2);
}

TEST_CASE("writer: a batch that found no room leaves no commit behind that seems to hang") {
  held_log log;
  log.break_with(log_fault::full);
  writer_options options;
  options.by_hand = true;
  log_writer to{log, options};
  bool is_full = false;
  to.submit(one("C-1"), [&](const auto& told) {
    is_full = !told && told.error().fault == log_fault::full;
  });
  while (to.step()) {}
  CHECK(is_full);
  CHECK(to.is_idle());
  CHECK(to.figures().running_us == 0);
}

TEST_CASE("writer: sixteen senders at once lose nothing") {
  scratch_folder folder;
  open_options options;
  options.place = folder.path();
  options.map_bytes = 64 << 20;
  options.reserve_bytes = 1 << 20;
  auto log = open_event_log(options).value();
  std::atomic<int> acknowledged{0};
  {
    log_writer to{*log, {}};
    std::vector<std::thread> senders;
    for (int s = 0; s < 16; ++s)
      senders.emplace_back([&, s] {
        for (int i = 0; i < 50; ++i)
          if (submit(to, one("C-" + std::to_string(s))).get())
            ++acknowledged;
      });
    for (auto& s : senders)
      s.join();
  }
  CHECK(acknowledged == 800);
  CHECK(log->head() == 800);
  CHECK(log->read_stream("contact/C-7")->size() == 50);
}

} // namespace
} // namespace careline::store
