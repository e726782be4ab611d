#include <cstdio>
#include <future>
#include <random>

#include <dlfcn.h>

#include "messages/codec.hpp"
#include "messages/uuid.hpp"
#include "store/hash.hpp"
#include "store/keys/signing.hpp"
#include "store/row.hpp"
#include "store/snapshots.hpp"
#include "store/writer.hpp"
#include "tests/crash/desk.hpp"
#include "tests/crash/recording.hpp"

// An engine's disk work without the engine: crash_recorder <folder> <day | lines | again>, under
// the shim. It notes in the recording what was begun and what was acknowledged. `day`: everything a
// data folder holds, in groups as the writer makes them; `lines`: so many events that the stream
// index works too; `again`: opens what is there, and ends.

using namespace careline;
using namespace careline::crash;

namespace {

void note(value what) {
  using function = void(const char*, std::size_t);
  static auto* add = reinterpret_cast<function*>(::dlsym(RTLD_DEFAULT, note_function));
  const auto bytes = pack(what);
  if (add)
    add(bytes.data(), bytes.size());
}

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "crash_recorder: %s\n", why.c_str());
  std::exit(1);
}

/// Notes each group before it is written and when it is acknowledged.
class noting_log final : public store::event_log {
public:
  explicit noting_log(store::event_log& of) : of_(of) {}

  void append(std::vector<store::batch> group, position expected_head, std::uint64_t epoch,
              append_done done) override {
    note_begun(group);
    of_.append(std::move(group), expected_head, epoch, [&](auto outcome) {
      if (!outcome)
        fail("an append failed: " + outcome.error().detail);
      value::list places;
      for (const auto& place : *outcome)
        places.emplace_back(place.last);
      note(value::map{{"note", "acknowledged"},
                      {"head", of_.head()},
                      {"hash", binary{std::string{store::bytes_of(of_.head_hash())}}},
                      {"places", std::move(places)}});
      done(std::move(outcome));
    });
  }

  position head() const override { return of_.head(); }
  store::chain_hash head_hash() const override { return of_.head_hash(); }
  std::uint64_t epoch() const override { return of_.epoch(); }
  result<store::chain_hash, store::log_error> hash_at(position at) const override {
    return of_.hash_at(at);
  }
  result<store::page, store::log_error> read(const store::read_options& what) const override {
    return of_.read(what);
  }
  result<std::vector<event_record>, store::log_error>
  read_stream(std::string_view subject) const override {
    return of_.read_stream(subject);
  }
  result<std::optional<store::remembered>, store::log_error>
  find_command(const store::command_key& key) const override {
    return of_.find_command(key);
  }
  result<std::optional<position>, store::log_error>
  find_checkpoint(std::string_view listener) const override {
    return of_.find_checkpoint(listener);
  }
  std::vector<std::pair<std::string, position>> last_of_types() const override {
    return of_.last_of_types();
  }
  std::int64_t room_bytes() const override { return of_.room_bytes(); }
  std::int64_t reserve_bytes() const override { return of_.reserve_bytes(); }

private:
  static void note_begun(const std::vector<store::batch>& group) {
    value::list batches;
    for (const auto& b : group) {
      value one{value::map{{"events", std::uint64_t{b.events.size()}}}};
      if (!b.events.empty())
        one.add("time", to_ms(b.events.back().time));
      if (b.command) {
        one.add("client", b.command->first.client);
        one.add("id", b.command->first.id);
        one.add("answer", binary{store::encode_remembered(b.command->first.id, b.command->second)});
      }
      value::map places;
      for (const auto& c : b.checkpoints)
        places.emplace_back(c.listener, c.at);
      one.add("checkpoints", std::move(places));
      batches.push_back(std::move(one));
    }
    note(value::map{{"note", "begun"}, {"batches", std::move(batches)}});
  }

  store::event_log& of_;
};

class desk {
public:
  explicit desk(std::string folder) : folder_(std::move(folder)) { open(); }

  void restart() {
    close();
    open();
  }

  void close() {
    writer_.reset();
    keys_.reset();
    noting_.reset();
    log_.reset();
  }

  /// So many batches at once, as that many clients would send them.
  void work(std::size_t batches, bool small) {
    std::vector<std::future<void>> answers;
    now_ += std::chrono::minutes{1};
    for (std::size_t i = 0; i < batches; ++i) {
      auto answered = std::make_shared<std::promise<void>>();
      answers.push_back(answered->get_future());
      writer_->submit(small ? one_event() : some_batch(), [answered](auto outcome) {
        if (!outcome)
          fail("a batch was refused: " + outcome.error().detail);
        answered->set_value();
      });
    }
    for (auto& a : answers)
      a.wait();
  }

  void take_snapshots() {
    const auto at = log_->head();
    for (const std::string capability : capabilities) {
      const auto written = store::write_snapshot(folder_ + "/snapshots", capability, at,
                                                 *log_->hash_at(at), snapshot_body(capability, at));
      if (!written)
        fail(written.error());
      note(value::map{{"note", "snapshot"}, {"capability", capability}, {"at", at}});
    }
  }

  void erase_somebody() {
    const auto who = customer();
    note(value::map{{"note", "erasing"}, {"customer", who}});
    if (const auto done = keys_->erase(keys_->person_of(who)); !done)
      fail(done.error());
    note(value::map{{"note", "erased"}, {"customer", who}});
  }

  void change_master_key() {
    if (const auto done = keys_->rotate_master(); !done)
      fail(done.error());
    note(value::map{{"note", "rotated"}});
  }

  void sign_head() {
    const auto key = store::load_signing_key(folder_ + "/keys/signing.key", true);
    if (!key)
      fail(key.error().detail);
    const auto at = log_->head();
    const auto head = key->sign(at, *log_->hash_at(at), now_);
    if (const auto done = store::append_head(folder_ + "/heads.jsonl", head); !done)
      fail(done.error().sentence);
    note(value::map{{"note", "signed"}, {"at", at}});
  }

private:
  void open() {
    auto log = store::open_event_log(log_options(folder_));
    if (!log)
      fail(log.error().detail);
    log_ = std::move(*log);
    note(value::map{{"note", "opened"}, {"epoch", log_->epoch()}});
    auto keys = store::open_key_store(folder_ + "/keys", key_options());
    if (!keys)
      fail(keys.error().detail);
    keys_ = std::move(*keys);
    noting_ = std::make_unique<noting_log>(*log_);
    writer_ = std::make_unique<store::log_writer>(*noting_, store::writer_options{});
  }

  event_record event(std::string type, std::string data) {
    event_record e;
    e.type = std::move(type);
    e.subject = subject_at(++events_);
    e.time = now_;
    e.actor = "phone-1";
    e.correlation = e.subject;
    e.data = std::move(data);
    return e;
  }

  store::batch one_event() {
    store::batch b;
    b.events.push_back(event("contact.queued", "\x80"));
    return b;
  }

  /// Mostly small; now and then longer than a page of the file, which LMDB keeps apart.
  std::string some_data() {
    const auto bytes = pick(20) == 0 ? 2000 + pick(9000) : 20 + pick(300);
    return std::string(bytes, static_cast<char>('a' + pick(26)));
  }

  std::string customer() { return "customer-" + std::to_string(pick(60)); }

  std::string sealed_value() {
    const auto who = customer();
    const auto clear = "number " + std::to_string(random_());
    const auto sealed = keys_->seal(keys_->person_of(who), clear);
    if (!sealed)
      fail("a value was not sealed");
    note(value::map{{"note", "sealed"}, {"customer", who}, {"clear", clear},
                    {"sealed", binary{*sealed}}});
    return *sealed;
  }

  store::batch some_batch() {
    store::batch b;
    const bool is_refused = pick(8) == 0;
    for (auto n = is_refused ? 0 : 1 + pick(3); n > 0; --n)
      b.events.push_back(event("contact." + std::to_string(pick(9)), some_data()));
    if (pick(6) == 0)
      b.events.push_back(event("contact.opened", sealed_value()));
    if (is_refused || pick(4) != 0) {
      b.command.emplace(store::command_key{"phone-" + std::to_string(pick(5)),
                                           ids_.make(now_).text()},
                        store::remembered{});
      auto& kept = b.command->second;
      kept.outcome = is_refused ? outcome_kind::refused : outcome_kind::accepted;
      kept.problem_code = is_refused ? "contact.ended" : "";
      kept.digest[0] = static_cast<unsigned char>(pick(256));
      kept.data = std::string(pick(60), 'd');
    }
    if (pick(3) == 0)
      b.checkpoints.push_back({"listener-" + std::to_string(pick(4)), events_});
    return b;
  }

  std::size_t pick(std::size_t below) { return static_cast<std::size_t>(random_() % below); }

  std::string folder_;
  std::unique_ptr<store::event_log> log_;
  std::unique_ptr<noting_log> noting_;
  std::unique_ptr<store::key_store> keys_;
  std::unique_ptr<store::log_writer> writer_;
  std::mt19937_64 random_{20260302};
  uuid7_maker ids_;
  instant now_ = morning;
  position events_ = 0;
};

void record_day(desk& at) {
  constexpr int rounds = 150;
  for (int round = 1; round <= rounds; ++round) {
    at.work(1 + static_cast<std::size_t>(round * 7 % 12), false);
    if (round % 12 == 0)
      at.take_snapshots();
    if (round % 60 == 0)
      at.restart();
    if (round % 45 == 0)
      at.erase_somebody();
    if (round % 25 == 0)
      at.change_master_key();
    if (round % 10 == 0)
      at.sign_head();
  }
}

void record_lines(desk& at) {
  constexpr int rounds = 30;
  for (int round = 1; round <= rounds; ++round) {
    at.work(400, true);
    if (round == rounds / 2)
      at.restart();
  }
}

} // namespace

int main(int count, char** words) {
  if (count != 3)
    fail("usage: crash_recorder <folder> <day | lines | again>");
  desk at{words[1]};
  const std::string scenario{words[2]};
  if (scenario == "day")
    record_day(at);
  else if (scenario == "lines")
    record_lines(at);
  at.close();
  return 0;
}
