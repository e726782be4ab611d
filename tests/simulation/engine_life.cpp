#include "tests/simulation/engine_life.hpp"

#include <algorithm>

#include "actors/board/model.hpp"
#include "actors/desks.hpp"
#include "actors/kernel/log_start.hpp"
#include "actors/reception/model.hpp"
#include "actors/routing/model.hpp"
#include "messages/codec.hpp"
#include "store/hash.hpp"
#include "tests/simulation/snapshots.hpp"

namespace careline::simulation {

namespace {

reception::reception_policy desk() {
  reception::reception_policy out;
  out.default_queue = queue_id{"q0"};
  out.safety_place = "external:emergency";
  return out;
}

} // namespace

kernel::engine_models newborn() {
  kernel::engine_models out;
  out.reception = std::make_unique<reception::reception_model>(desk());
  out.routing = std::make_unique<routing::routing_model>();
  out.session = std::make_unique<kernel::session_model>();
  out.board = std::make_unique<board::board_model>();
  out.desks = make_desks();
  return out;
}

std::unique_ptr<engine_life> engine_life::begin(machine& on, bool no_lock, tail durable) {
  std::unique_ptr<engine_life> out{new engine_life{on, std::move(durable)}};
  if (!out->open(no_lock) || !out->begin_log())
    return nullptr;
  out->recover();
  out->start();
  return out;
}

engine_life::~engine_life() {
  dead_ = true;
  if (engine_)
    engine_->stop();
}

const kernel::capability& engine_life::named(std::string_view name) const {
  return **std::find_if(each_.begin(), each_.end(),
                        [&](const auto* one) { return one->name() == name; });
}

void engine_life::die(std::string why) {
  if (std::exchange(dead_, true))
    return;
  cause_ = std::move(why);
  on_.all.tell([&] { return "the engine ends: " + cause_; });
}

bool engine_life::open(bool no_lock) {
  auto log = on_.disk.open(no_lock);
  if (!log)
    return false;
  log_ = std::move(*log);
  const auto birth = kernel::read_birth(*log_);
  must(birth.has_value(), "the log can be read from its first event");
  const auto readings = on_.clocks.readings();
  if (*birth)
    birth_ = **birth;
  clock_ = std::make_unique<kernel::engine_clock>(std::max(birth_.last_time, readings.wall()), 1,
                                                  readings);
  return true;
}

bool engine_life::begin_log() {
  store::writer_options options;
  options.by_hand = true;
  options.on_fatal = [this](const store::log_error& why) { die("the log: " + why.detail); };
  writer_ = std::make_unique<store::log_writer>(*log_, options);
  writer_->listen([this](const auto& events) {
    std::vector<event_record> told;
    for (const auto& e : events)
      told.push_back(*e);
    if (!dead_)
      tail_(told);
  });
  if (log_->head() != 0) {
    const auto at = log_->find_checkpoint(kernel::reacting);
    must(at && *at, "the checkpoint of who reacts is there");
    reacted_ = **at;
    return true;
  }
  birth_ = {on_.all.draw.draw() >> 1U, "Asia/Shanghai", 480, 1, clock_->now()};
  bool is_written = false;
  writer_->submit(kernel::first_batch(birth_, keys_),
                  [&](const auto& what) { is_written = what.has_value(); });
  writer_->step();
  if (on_.all.draw.one_in(20)) {
    on_.disk.crash(on_.all.draw.one_in(2) ? store::unsynced_fate::lost
                                          : store::unsynced_fate::whole);
    return false;
  }
  if (on_.disk.has_unsynced())
    on_.disk.sync();
  writer_->step();
  return is_written;
}

void engine_life::recover() {
  models_ = newborn();
  each_ = models_.each();
  const auto did = kernel::recover(*log_, each_, snapshots_of(on_, *log_));
  must(did.has_value(), "a log that was written can be read back");
  must(did->head == log_->head(), "a start reads the log to its head");
  static_cast<routing::routing_model&>(*models_.routing).restart(clock_->now());
  began_at_ = did->head;
}

void engine_life::start() {
  kernel::engine_options options;
  options.seed = birth_.seed;
  options.offset_minutes = birth_.offset_minutes;
  options.head = began_at_;
  options.reacted = reacted_;
  options.by_hand = true;
  kernel::engine_ports ports{
      *log_, *writer_, keys_, *clock_,
      [](std::string_view type, const value& data) {
        return store::digest_of_command("a key of tests", type,
                                        data.is_nil() ? std::string{} : pack(data));
      },
      [this](kernel::journal_level, const std::string& line) {
        on_.all.tell([&] { return "journal: " + line; });
      },
      [this](int, const std::string& sentence) { die(sentence); }, {}};
  engine_ = std::make_unique<kernel::actor_engine>(std::move(options), std::move(ports),
                                                   std::move(models_));
  const auto missed = kernel::read_missed(
      *log_, reacted_, began_at_,
      [this](const std::vector<event_record>& events) { engine_->deliver(events); });
  must(missed.has_value(), "what was missed can be read");
}

} // namespace careline::simulation
