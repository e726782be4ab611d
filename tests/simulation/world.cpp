#include "tests/simulation/world.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "gateway/bus/head_beat.hpp"
#include "messages/codec.hpp"
#include "tests/scratch_folder.hpp"
#include "tests/simulation/engine_life.hpp"
#include "tests/simulation/last_words.hpp"
#include "tests/simulation/oracles.hpp"
#include "tests/simulation/people.hpp"
#include "tests/simulation/officer.hpp"
#include "tests/simulation/registrar.hpp"
#include "tests/simulation/snapshots.hpp"
#include "tests/simulation/wire.hpp"

namespace careline::simulation {

namespace {

constexpr span tick_each{100};
constexpr span beat_each{1000};
constexpr span stormy_for{70'000};
/// Longer than any patience, wait, lease and rest together.
constexpr span calm_most{240'000};
constexpr std::uint64_t steps_most = 5'000'000;
constexpr std::size_t agents = 5;
constexpr std::size_t frame_bytes_max = std::size_t{1} << 20U;

constexpr message_faults command_faults{fault::command_lost, fault::command_doubled,
                                        fault::command_late};
constexpr message_faults reply_faults{fault::reply_lost, fault::reply_doubled, fault::reply_late};
constexpr message_faults event_faults{fault::event_lost, fault::event_doubled, fault::event_late};

store::open_options disk_options() {
  store::open_options out;
  out.place = "memory:";
  out.map_bytes = std::uint64_t{1} << 30U;
  out.reserve_bytes = std::uint64_t{64} << 20U;
  return out;
}

/// All of one run. Members in the order in which they may use each other.
class world {
public:
  world(const run_options& with, const std::string& snapshots)
      : all_(with.seed, with.traced), sees_(here_),
        machine_{all_,
                 store::simulated_disk{disk_options(),
                                       [this](auto epoch, const auto& group, const auto& places) {
                                         sees_.became_durable(epoch, group, places);
                                       }},
                 kernel::manual_clocks{nine}, snapshots},
        wire_(all_) {
    here_ = &machine_;
    add_people();
  }

  run_outcome run() {
    run_outcome out;
    try {
      while (all_.at < stormy_for)
        go_on();
      calm_down();
      while (!is_over()) {
        must(all_.at < stormy_for + calm_most, "when faults stop, everything comes to its end");
        go_on();
      }
      sees_.look_at_end();
      sees_.compare(*life_, true);
    } catch (const broken& why) {
      out.broken_promise = why.what();
    } catch (const std::exception& why) {
      out.broken_promise = std::string{threw} + why.what();
    }
    figures_.events = sees_.events();
    figures_.types = sees_.types();
    figures_.answers = sees_.answers();
    figures_.shown = sees_.shown();
    figures_.seconds = to_seconds(all_.at);
    figures_.faults = all_.counts;
    out.figures = figures_;
    out.story = std::move(all_.story);
    return out;
  }

private:
  void add_people();
  client::ports ports();
  void go_on();
  void step();
  void work(engine_life& l);
  void mishaps();
  bool is_runnable() const;
  void pass_time();
  void each_tick();
  void each_second();
  void misfortunes();
  void begin_life(bool no_lock);
  void end_life(store::unsynced_fate fate);
  void sync();
  std::int64_t draw_room(std::int64_t reserve);
  void take(const std::string& bytes, client& from, const std::string& connection);
  void publish(const std::vector<event_record>& events, bool stale);
  void tell_head();
  void calm_down();
  bool is_over();
  std::vector<client*> followers();
  /// The follower of an engine that is gone is gone with it.
  bool is_there(const client& c) const {
    return &c == inner_ || c.name() != inner_follower::of_engine;
  }
  store::unsynced_fate draw_fate() {
    return all_.draw.one_in(3) ? store::unsynced_fate::whole : store::unsynced_fate::lost;
  }

  setting all_;
  machine* here_ = nullptr;
  oracles sees_;
  machine machine_;
  wire wire_;
  std::vector<std::unique_ptr<client>> people_;
  supervisor* desk_ = nullptr;
  std::vector<gateway_client*> gateways_;
  std::unique_ptr<engine_life> life_;
  std::unique_ptr<engine_life> ghost_;  ///< runs on although another has taken over
  /// One for each life: what is on its way to an earlier one still finds it.
  std::vector<std::unique_ptr<inner_follower>> inner_ones_;
  inner_follower* inner_ = nullptr;
  std::unique_ptr<gateway::bus::head_beat> beat_;
  span begins_at_{};
  span ghost_until_{};
  span full_until_{};
  span help_at_ = span::max();
  span next_tick_{};
  span next_second_{};
  int begun_ = 0;  ///< engines, whether they came up or not
  run_figures figures_;
};

client::ports world::ports() {
  return {[this](const client& c, const command_envelope& e) {
            auto bytes = pack(to_value(e));
            if (all_.strikes(fault::command_cut))
              bytes.resize(all_.draw.below(bytes.size()));
            auto& from = const_cast<client&>(c);
            wire_.send("to engine " + c.name(), command_faults,
                       [this, bytes = std::move(bytes), &from, connection = c.connection()] {
                         take(bytes, from, connection);
                       });
          },
          [this](const command_envelope& e) { sees_.sent(e); }};
}

void world::add_people() {
  const auto add = [&](auto one) {
    auto* out = one.get();
    people_.push_back(std::move(one));
    return out;
  };
  desk_ = add(std::make_unique<supervisor>(all_, "desk", ports()));
  gateways_.push_back(
      add(std::make_unique<gateway_client>(all_, "phone-gw", ports(), "phone", 16)));
  gateways_.push_back(add(std::make_unique<gateway_client>(all_, "chat-gw", ports(), "chat", 10)));
  for (std::size_t i = 0; i < agents; ++i)
    add(std::make_unique<agent_client>(all_, "agent-" + std::to_string(i), ports()));
  add(std::make_unique<registrar>(all_, "registrar", ports()));
  for (const auto* name : {"officer-0", "officer-1"})
    add(std::make_unique<officer>(all_, name, ports()));
}

void world::begin_life(bool no_lock) {
  const auto tell = [this, number = ++begun_](const std::vector<event_record>& events) {
    publish(events, number != begun_);
  };
  auto life = engine_life::begin(machine_, no_lock, tell);
  if (!life)
    return;
  if (life_) {
    ghost_ = std::move(life_);
    ghost_until_ = all_.at + all_.draw.from_to(span{10}, span{3000});
  }
  life_ = std::move(life);
  ++figures_.lives;
  sees_.engine_began(life_->began_at());
  beat_ = std::make_unique<gateway::bus::head_beat>(life_->began_at(),
                                                    life_->log().last_of_types());
  inner_ones_.push_back(std::make_unique<inner_follower>(
      all_, life_->began_at(), ports(),
      [this](const std::vector<event_record>& events) { life_->engine().deliver(events); },
      [this] { return life_->engine().figures().deliveries_waiting < 60; }));
  inner_ = inner_ones_.back().get();
  all_.tell([&] { return "an engine serves from " + event_id(life_->began_at()); });
}

void world::end_life(store::unsynced_fate fate) {
  inner_ = nullptr;
  ghost_.reset();
  life_.reset();
  machine_.disk.crash(fate);
  begins_at_ = all_.at + all_.draw.from_to(span{50}, span{4000});
  all_.tell([] { return std::string{"no engine"}; });
}

std::vector<client*> world::followers() {
  std::vector<client*> out;
  for (const auto& p : people_)
    out.push_back(p.get());
  if (inner_)
    out.push_back(inner_);
  return out;
}

/// The writer of either engine tells its tail. A replaced one has nothing new to tell, but may come
/// late with what it had written before.
void world::publish(const std::vector<event_record>& events, bool stale) {
  sees_.published(events, stale);
  for (const auto& r : events) {
    const auto bytes = to_bus_body(r);
    auto read = read_event_record(std::string_view{bytes});
    all_.hold(read && *read == r, "an event comes over the bus as it was");
    if (!read)
      continue;
    if (beat_ && !stale)
      beat_->saw(r.type, r.at);
    const auto event = std::make_shared<const event_record>(std::move(*read));
    for (auto* c : followers()) {
      wire_.send("events of " + c->name(), event_faults, [this, c, event] {
        if (is_there(*c))
          c->bring(event);
      });
    }
  }
}

void world::tell_head() {
  if (!life_)
    return;
  const auto news = std::make_shared<const gateway::bus::head_news>(beat_->next(true));
  for (auto* c : followers()) {
    wire_.send("events of " + c->name(), event_faults, [this, c, news] {
      if (is_there(*c))
        c->beat(*news);
    });
  }
}

void world::take(const std::string& bytes, client& from, const std::string& connection) {
  if (!life_ || !is_there(from))
    return;
  const auto answer = [this, &from](reply r) {
    const auto body = pack(to_value(r));
    const auto v = unpack_said(body, frame_bytes_max);
    auto read = v ? read_reply(*v) : no(v.error());
    all_.hold(read.has_value(), "a reply can be read");
    if (read)
      wire_.send("to " + from.name(), reply_faults, [this, &from, r = std::move(*read)] {
        if (is_there(from))
          from.bring(r);
      });
  };
  const auto body = unpack(bytes);
  auto e = body ? read_command_envelope(*body) : no(body.error());
  if (!e) {
    answer(refuse(body ? std::string{body->text_or("id")} : std::string{}, e.error()));
    return;
  }
  // Some still have their connection to the engine that was replaced.
  auto* life = ghost_ && all_.draw.one_in(2) ? ghost_.get() : life_.get();
  if (life == life_.get())
    sees_.heard(e->source);
  else
    ++figures_.asked_of_replaced;
  const auto asked = *e;
  life->engine().submit(std::move(*e), connection, [this, life, asked, answer](reply r) {
    if (life->is_dead())
      return;
    const bool stale = life != life_.get();
    figures_.answers_of_replaced += stale ? 1 : 0;
    sees_.answered(asked, r, stale);
    answer(std::move(r));
  });
  sees_.look_at_bounds(*life);
}

bool world::is_runnable() const {
  const auto runs = [](const auto& l) { return l && l->engine().busy_actors() > 0; };
  return wire_.has_due() || machine_.disk.has_unsynced() || runs(life_) || runs(ghost_)
         || (life_ && !life_->writer().is_idle());
}

void world::sync() {
  if (all_.strikes(fault::sync_fails))
    machine_.disk.fail_sync(draw_fate());
  else
    machine_.disk.sync();
}

/// Bytes of the reserve that are left: none, few, or about half of it.
std::int64_t world::draw_room(std::int64_t reserve) {
  switch (all_.draw.below(4)) {
    case 0:
    case 1: return 0;
    case 2: return all_.draw.between(1, 40) * 1024;
    default: return all_.draw.between(1, 2) * (reserve * 2 / 5);
  }
}

/// One thing that could happen next, drawn among all that could.
void world::step() {
  must(++figures_.steps < steps_most, "a run comes to its end");
  enum class part { message, disk, writer, actor, ghost };
  std::array<part, 6> can{};
  std::size_t count = 0;
  if (wire_.has_due())
    can[count++] = part::message;
  if (machine_.disk.has_unsynced())
    can[count++] = part::disk;
  if (life_ && !life_->writer().is_idle())
    can[count++] = part::writer;
  if (life_ && life_->engine().busy_actors() > 0)
    can[count++] = part::actor;
  if (ghost_)
    can[count++] = part::ghost;
  if (count == 0)
    return;
  switch (can[all_.draw.below(count)]) {
    case part::message: wire_.deliver_one(); break;
    case part::disk: sync(); break;
    case part::writer:
      if (all_.strikes(fault::write_fails))
        machine_.disk.fail_next_append();
      life_->writer().step();
      break;
    case part::actor: work(*life_); break;
    case part::ghost:
      ghost_->writer().step();
      work(*ghost_);
      break;
  }
  mishaps();
}

void world::work(engine_life& l) {
  if (const auto busy = l.engine().busy_actors(); busy > 0)
    l.engine().step(all_.draw.below(busy));
}

/// What may happen between any two steps, and what it leads to.
void world::mishaps() {
  if (all_.strikes(fault::crash))
    end_life(all_.draw.one_in(2) ? store::unsynced_fate::lost : store::unsynced_fate::whole);
  else if (all_.strikes(fault::machine_dies))
    end_life(draw_fate());
  if (ghost_ && (ghost_->is_dead() || all_.at >= ghost_until_))
    ghost_.reset();
  if (life_ && life_->is_dead())
    end_life(draw_fate());
}

void world::go_on() {
  if (!all_.broken_promise.empty())
    throw broken{all_.broken_promise};
  if (is_runnable() && !all_.draw.one_in(60)) {
    step();
    return;
  }
  if (life_ && !is_runnable()) {
    sees_.look_at(*life_);
    if (all_.draw.one_in(150))
      sees_.compare(*life_, life_->engine().figures().board_at == life_->log().head());
  }
  pass_time();
}

/// To the next thing that is due, or less.
void world::pass_time() {
  span by = std::min(next_tick_, next_second_) - all_.at;
  if (const auto due = wire_.next_due())
    by = std::min(by, *due - all_.at);
  if (life_)
    if (const auto timer = life_->engine().next_timer())
      by = std::min(by, std::chrono::ceil<span>(*timer));
  by = std::max(by, span{1});
  all_.at += by;
  machine_.clocks.go_on(by);
  for (auto* l : {life_.get(), ghost_.get()})
    if (l)
      l->pass(by);
  if (all_.at >= next_tick_)
    each_tick();
  if (all_.at >= next_second_)
    each_second();
}

void world::each_tick() {
  next_tick_ = all_.at + tick_each;
  if (!life_ && all_.at >= begins_at_)
    begin_life(false);
  if (full_until_ != span{} && all_.at >= full_until_) {
    full_until_ = span{};
    machine_.disk.set_room(std::nullopt);
  }
  if (all_.at >= help_at_) {
    help_at_ = span::max();
    gateways_.front()->call_for_help();
  }
  for (auto* c : followers())
    if (c == desk_ || desk_->has_begun() || c == inner_)
      c->tick();
}

void world::each_second() {
  next_second_ = all_.at + beat_each;
  tell_head();
  misfortunes();
}

void world::misfortunes() {
  if (all_.strikes(fault::disk_full)) {
    const auto reserve = machine_.disk.durable().reserve_bytes();
    machine_.disk.set_room(-reserve + draw_room(reserve) - 1);
    full_until_ = all_.at + all_.draw.from_to(span{500}, span{6000});
    help_at_ = all_.at + span{200};
  }
  if (all_.strikes(fault::second_engine) && life_ && !ghost_)
    begin_life(true);
  if (all_.strikes(fault::snapshot_made) && life_)
    make_snapshot(machine_, life_->log());
  if (all_.strikes(fault::old_snapshot) && life_)
    leave_old_snapshot(machine_, life_->log().head());
  const auto wall = machine_.clocks.readings().wall();
  if (all_.strikes(fault::clock_forward))
    machine_.clocks.set_wall(wall + all_.draw.from_to(span{1000}, span{200'000}));
  if (all_.strikes(fault::clock_back))
    machine_.clocks.set_wall(wall - all_.draw.from_to(span{1000}, span{200'000}));
  if (all_.strikes(fault::client_gone))
    people_[1 + all_.draw.below(people_.size() - 1)]->go(
        all_.draw.from_to(span{500}, span{all_.draw.one_in(3) ? 45'000 : 12'000}),
        all_.draw.one_in(2));
  const auto somebody = [this]() -> client& { return *people_[all_.draw.below(people_.size())]; };
  if (all_.strikes(fault::subscriber_slow))
    somebody().stall(all_.draw.from_to(span{500}, span{8000}));
  if (all_.strikes(fault::id_reused))
    somebody().reuse_id();
  if (all_.strikes(fault::flood))
    for (int i = 0; i < 5; ++i)
      somebody().flood(all_.draw.between(50, 100));
}

void world::calm_down() {
  all_.is_calm = true;
  all_.tell([] { return std::string{"faults have stopped"}; });
  machine_.disk.set_room(std::nullopt);
  full_until_ = span{};
  for (const auto& p : people_) {
    if (p->is_gone())
      p->go(span{0}, false);
    p->stall(span{0});
  }
}

bool world::is_over() {
  if (is_runnable() || !life_ || ghost_)
    return false;
  const bool content = std::all_of(people_.begin(), people_.end(),
                                   [](const auto& p) { return p->is_content(); });
  if (!content || !inner_->is_content() || !sees_.all_ended())
    return false;
  return life_->engine().figures().board_at == life_->log().head()
         && life_->engine().figures().in_flight == 0;
}

} // namespace

run_outcome run(const run_options& with) {
  say_at_death(with.seed);
  // Snapshots lie in it; their syncs are no part of this.
  const scratch_folder folder{scratch_place::in_memory};
  world w{with, folder.path()};
  return w.run();
}

} // namespace careline::simulation
