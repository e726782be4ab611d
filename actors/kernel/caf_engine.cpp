#include "actors/kernel/caf_engine.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <utility>

#include <caf/scheduler/test_coordinator.hpp>

#include "actors/kernel/caf_intake.hpp"
#include "actors/kernel/caf_shell.hpp"
#include "messages/safety.hpp"

namespace careline::kernel {

namespace {

constexpr std::size_t chains_kept = 10'000;
constexpr std::size_t actors_beside_desks = 5;
constexpr std::int64_t retry_ms_at_the_door = 100;

/// Ends the process when an actor ended that was not told to (design §5.3: nothing half-done).
class supervisor_actor : public engine_actor {
public:
  supervisor_actor(caf::actor_config& config, std::vector<std::pair<std::string, caf::actor>> whom,
                   std::function<void(int, std::string)> fatal)
      : engine_actor(config), fatal_(std::move(fatal)) {
    for (const auto& [name, who] : whom) {
      names_[who.address()] = name;
      monitor(who);
    }
    set_down_handler([this](caf::down_msg& m) {
      if (m.reason != caf::exit_reason::user_shutdown)
        fatal_(1, "the actor \"" + names_[m.source] + "\" ended: " + system().render(m.reason));
    });
  }

  caf::behavior make_behavior() override {
    return {[](const tick&) {}};
  }

private:
  std::map<caf::actor_addr, std::string> names_;
  std::function<void(int, std::string)> fatal_;
};

/// How long the chain of reactions is that led to an event, told by its causation (design §5.6).
class chain_depths {
public:
  int depth_of(const event_record& r) {
    if (r.causation.find('/') == std::string::npos)
      return 0;
    const auto dash = r.causation.find('-');
    const auto cause = dash == std::string::npos ? 0 : std::strtoull(r.causation.c_str() + dash + 1,
                                                                     nullptr, 10);
    const auto before = depths_.find(cause);
    const int depth = 1 + (before == depths_.end() ? 0 : before->second);
    depths_.emplace(r.at, depth);
    if (depths_.size() > chains_kept)
      depths_.erase(depths_.begin());
    return depth;
  }

private:
  std::map<position, int> depths_;
};

bool is_session_event(std::string_view type) {
  return type.starts_with("session.");
}

caf::actor_system_config& configured(caf::actor_system_config& config,
                                     const engine_options& options) {
  // Sharing instead of stealing: 10 µs a hop instead of 20 to 100, and an idle engine sleeps.
  config.set("scheduler.policy", options.by_hand ? caf::atom("testing") : caf::atom("sharing"));
  config.set("scheduler.max-threads", static_cast<std::size_t>(options.threads));
  return config;
}

} // namespace

struct actor_engine::impl {
  impl(engine_options o, engine_ports p, engine_models m)
      : options(std::move(o)), ports(std::move(p)), models(std::move(m)),
        reader(ports.log, options.by_hand),
        parts{ports.log,   ports.writer, ports.keys, ports.clock, reader, options.seed,
              options.offset_minutes, ports.journal, ports.fatal, &routed},
        gauges(std::make_shared<engine_gauges>(actors_beside_desks + models.desks.size())),
        system(configured(config, options)) {
    gauges->room_bytes = ports.log.room_bytes();
    spawn_all();
  }

  void spawn_all();
  std::vector<std::pair<std::string, caf::actor>> everybody() const;
  std::int64_t steady_ns() const;
  std::vector<actor_figures> actors() const;
  caf::actor spawn_shell(shell::role as, capability& of, session_model* leases = nullptr);
  delivery decoded(const std::vector<event_record>& events);
  caf::scheduler::test_coordinator& by_hand() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  }

  engine_options options;
  engine_ports ports;
  engine_models models;
  log_reader reader;
  std::atomic<position> routed{options.head};
  shell_parts parts;
  std::shared_ptr<engine_gauges> gauges;
  std::shared_ptr<directory> peers = std::make_shared<directory>();
  caf::actor_system_config config;
  caf::actor_system system;
  caf::actor supervisor;
  chain_depths chains;

  std::mutex mutex;
  std::condition_variable room;
  std::size_t deliveries = 0;   ///< that the board has not taken in
  bool stopped = false;
};

caf::actor actor_engine::impl::spawn_shell(shell::role as, capability& of,
                                           session_model* leases) {
  as.on_leases = leases != nullptr;
  as.patience = options.patience;
  shell_setup s{as, &of, leases, options.restart_grace, parts, peers, gauges};
  return system.spawn<shell_actor>(std::move(s));
}

/// As their pulses are numbered; there may be no board.
std::vector<std::pair<std::string, caf::actor>> actor_engine::impl::everybody() const {
  std::vector<std::pair<std::string, caf::actor>> out{{"intake", peers->intake},
                                                      {"reception", peers->reception},
                                                      {"routing", peers->routing},
                                                      {"session", peers->session},
                                                      {"board", peers->board}};
  for (const auto& desk : models.desks)
    if (const auto there = peers->desks.find(desk.who); there != peers->desks.end())
      out.emplace_back(desk.of->name(), there->second);
  return out;
}

std::int64_t actor_engine::impl::steady_ns() const {
  return std::chrono::nanoseconds{ports.clock.lease_now().time_since_epoch()}.count();
}

void actor_engine::impl::spawn_all() {
  follower_setup board{models.board.get(), options.head, options.patience, options.board_tick,
                       ports.board_tick,
                       [this] {
                         const std::lock_guard hold{mutex};
                         --deliveries;
                         room.notify_all();
                       },
                       parts, peers, gauges};
  peers->intake =
      system.spawn<intake_actor>(intake_setup{options, parts, peers, gauges, ports.digest});
  peers->reception = spawn_shell({.who = owner::reception}, *models.reception);
  peers->routing = spawn_shell(
      {.who = owner::routing, .reacted = options.reacted, .reacts = true}, *models.routing);
  peers->session = spawn_shell({.who = owner::session}, *models.session, models.session.get());
  for (auto& desk : models.desks)
    peers->desks[desk.who] = spawn_shell(
        {.who = desk.who, .followed = options.head, .follows = true}, *desk.of);
  if (models.board)
    peers->board = system.spawn<follower_actor>(std::move(board));
  auto all = everybody();
  std::erase_if(all, [](const auto& one) { return !one.second; });
  supervisor = system.spawn<supervisor_actor>(all, ports.fatal);
  peers->is_complete = true;
  // Only now does anyone use the directory: what fell due while the engine was down.
  for (const auto& [name, who] : all)
    if (who != peers->intake && who != peers->board)
      tell(who, wake_up{});
}

delivery actor_engine::impl::decoded(const std::vector<event_record>& events) {
  auto out = std::make_shared<std::vector<durable_event>>();
  out->reserve(events.size());
  for (const auto& r : events) {
    auto what = event_in(r);
    if (!what) {
      ports.journal(journal_level::warning, "the event " + event_id(r.at) + " of type " + r.type
                                                + " could not be read and was left aside");
      continue;
    }
    if (const auto* queue = std::get_if<routing::queue_defined>(&*what)) {
      const std::lock_guard hold{gauges->mutex};
      gauges->fallbacks.emplace_back(queue->queue.text(), queue->fallback);
    }
    out->push_back({r.at, r.time, chains.depth_of(r), std::move(*what)});
  }
  return out;
}

std::vector<capability*> engine_models::each() const {
  std::vector<capability*> out{reception.get(), routing.get(), session.get(), board.get()};
  for (const auto& desk : desks)
    out.push_back(desk.of.get());
  std::erase(out, nullptr);
  return out;
}

actor_engine::actor_engine(engine_options options, engine_ports ports, engine_models models)
    : impl_(std::make_unique<impl>(std::move(options), std::move(ports), std::move(models))) {}

actor_engine::~actor_engine() {
  stop();
}

void actor_engine::submit(command_envelope what, std::string connection, respond answer) {
  auto& g = *impl_->gauges;
  const auto say_no = [&](problem why) {
    auto no = turn_away(what, std::move(why), impl_->options.intake.places);
    if (is_handed_over_unlogged(no))
      ++g.safety_at_the_door;
    else
      no.retry_ms = retry_ms_at_the_door;
    answer(std::move(no));
  };
  if (g.ended)
    return say_no(because("engine.stopping"));
  if (++g.submissions > impl_->options.submissions_max && !is_safety(what.type, what.data)) {
    --g.submissions;
    return say_no(because("engine.busy", {}, "not yet looked at"));
  }
  auto& peers = *impl_->peers;
  if (peers.submissions.put({std::move(what), std::move(connection), std::move(answer)}))
    tell(peers.intake, submitted{});
}

void actor_engine::deliver(const std::vector<event_record>& events) {
  const auto all = impl_->decoded(events);
  auto sessions = std::make_shared<std::vector<durable_event>>();
  for (const auto& e : *all)
    if (is_session_event(type_of(e.what)))
      sessions->push_back(e);
  caf::actor board, routing;
  std::vector<caf::actor> desks;  // held: `stop` may clear the directory meanwhile
  {
    std::unique_lock hold{impl_->mutex};
    impl_->room.wait(hold, [&] {
      return impl_->stopped || !impl_->peers->board
             || impl_->deliveries < impl_->options.deliveries_max;
    });
    if (impl_->stopped)
      return;
    board = impl_->peers->board;
    routing = impl_->peers->routing;
    for (const auto& [who, desk] : impl_->peers->desks)
      desks.push_back(desk);
    if (board)
      ++impl_->deliveries;
  }
  if (board)
    tell(board, delivered{all});
  for (const auto& desk : desks)
    tell(desk, delivered{all});
  if (!sessions->empty())
    tell(routing, delivered{std::move(sessions)});
}

bool actor_engine::visit_board(std::function<void(capability&, position, instant)> with) {
  const std::lock_guard hold{impl_->mutex};
  if (impl_->stopped || !impl_->peers->board)
    return false;
  using visitor = std::function<void(capability&, position, instant)>;
  tell(impl_->peers->board, visit_follower{std::make_shared<visitor>(std::move(with))});
  return true;
}

std::size_t actor_engine::look_at_parts(parts_question of) {
  const auto it = std::make_shared<const parts_question>(std::move(of));
  const bool has_board =
      visit_board([it](const capability& board, position at, instant) {
        it->told({std::string{board.name()}, at, true, parts_of(board, it->subjects)});
      });
  const std::lock_guard hold{impl_->mutex};
  if (impl_->stopped)
    return 0;
  tell(impl_->peers->routing, to_show_parts{it});
  tell(impl_->peers->session, to_show_parts{it});
  return has_board ? 3 : 2;
}

void actor_engine::note(event what) {
  const std::lock_guard hold{impl_->mutex};
  if (!impl_->stopped)
    tell(impl_->peers->intake,
         to_note{std::make_shared<const event>(std::move(what))});
}

void actor_engine::set_fallback(const std::string& queue, const std::string& place) {
  const std::lock_guard hold{impl_->gauges->mutex};
  impl_->gauges->fallbacks.emplace_back(queue, place);
}

void actor_engine::stop_taking() {
  impl_->gauges->stopping = true;
}

bool actor_engine::drain(std::chrono::milliseconds most) {
  const auto empty = std::make_shared<std::promise<void>>();
  auto done = empty->get_future();
  tell(impl_->peers->intake, kernel::drain{empty});
  return done.wait_for(most) == std::future_status::ready;
}

void actor_engine::stop() {
  {
    const std::lock_guard hold{impl_->mutex};
    if (std::exchange(impl_->stopped, true))
      return;
    impl_->room.notify_all();
  }
  impl_->gauges->stopping = true;
  impl_->gauges->ended = true;
  auto& p = *impl_->peers;
  std::vector<caf::actor*> everybody{&impl_->supervisor, &p.intake,  &p.reception,
                                     &p.routing,         &p.session, &p.board};
  for (auto& [who, desk] : p.desks)
    everybody.push_back(&desk);
  for (const auto* who : everybody)
    tell_to_end(*who);
  if (impl_->options.by_hand)
    while (busy_actors() > 0)
      step(0);
  impl_->system.await_all_actors_done();
  for (const auto* who : everybody)
    heard_its_end(*who);
  impl_->reader.stop();  // its last words go to actors that are still named
  // What they gave the writer may still call back: wait until it has.
  if (!impl_->options.by_hand) {
    const auto last = std::make_shared<std::promise<void>>();
    auto done = last->get_future();
    impl_->ports.writer.submit({}, [last](const auto&) { last->set_value(); });
    done.wait();
  }
  const std::lock_guard hold{impl_->mutex};
  for (auto* who : everybody)
    *who = nullptr;
}

std::size_t actor_engine::busy_actors() const {
  return impl_->by_hand().jobs.size();
}

void actor_engine::step(std::size_t which) {
  auto& jobs = impl_->by_hand().jobs;
  const auto one = jobs.begin() + static_cast<std::ptrdiff_t>(which);
  std::rotate(jobs.begin(), one, one + 1);
  impl_->by_hand().run_once();
}

std::optional<std::chrono::nanoseconds> actor_engine::next_timer() const {
  const auto& clock = impl_->by_hand().clock();
  if (clock.schedule().empty())
    return std::nullopt;
  return std::max(std::chrono::nanoseconds{0}, clock.schedule().begin()->first - clock.now());
}

void actor_engine::go_on(std::chrono::nanoseconds by) {
  impl_->by_hand().advance_time(by);
}

void actor_engine::pulse() {
  const std::lock_guard hold{impl_->mutex};
  if (impl_->stopped)
    return;
  const auto all = impl_->everybody();
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto& p = impl_->gauges->pulses.at(i);
    if (!all.at(i).second || p.answered < p.asked)
      continue;
    p.asked_ns = impl_->steady_ns();
    ++p.asked;
    tell(all.at(i).second, kernel::pulse{i});
  }
}

std::vector<actor_figures> actor_engine::impl::actors() const {
  std::vector<actor_figures> out;
  const auto all = everybody();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& p = gauges->pulses.at(i);
    if (!all.at(i).second)
      continue;
    const auto answered = p.answered.load();
    const bool waits = answered < p.asked;
    const auto until = waits ? steady_ns() : std::max(p.answered_ns.load(), p.asked_ns.load());
    out.push_back({all.at(i).first, answered > 0 && !waits, p.waiting,
                   std::chrono::nanoseconds{until - p.asked_ns}});
  }
  return out;
}

engine_figures actor_engine::figures() const {
  const auto& g = *impl_->gauges;
  engine_figures out;
  out.in_flight = g.in_flight;
  out.safety_handed_over = g.safety_handed_over + g.safety_at_the_door;
  out.slow_handlers = g.slow_handlers;
  out.board_at = g.board_at;
  out.sessions_open = g.sessions_open;
  out.room_bytes = g.room_bytes;
  {
    const std::lock_guard hold{impl_->mutex};
    out.deliveries_waiting = impl_->deliveries;
    if (!impl_->stopped)
      out.actors = impl_->actors();
  }
  const std::lock_guard hold{g.mutex};
  out.commands = g.commands;
  out.jumped = g.jumped;
  return out;
}

} // namespace careline::kernel
