#include "tools/careline/demo_stage.hpp"

#include <algorithm>
#include <utility>

#include "messages/codec.hpp"

namespace careline::program {

namespace {

using namespace std::chrono_literals;

constexpr auto round_wait = 2ms;
constexpr auto beat_each = 1s;
constexpr auto again_after = 2s;
constexpr std::size_t in_flight_each = 48;  // below what the engine takes of one client

bool is_of_desk(const command& c) {
  const auto type = type_of(c);
  return type.starts_with("agent.") || type.starts_with("offer.") || type == "contact.finish"
         || type == "contact.hold" || type == "contact.resume" || type == "contact.transfer";
}

bool is_for_help(const command_envelope& e) {
  const auto* safety = e.data.find("safety");
  const auto* is_so = safety ? safety->as<bool>() : nullptr;
  return is_so && *is_so;
}

/// The agent and the contact that a command names; empty where it names none.
std::string agent_in(const command& c) {
  return std::visit(
      [](const auto& x) -> std::string {
        if constexpr (requires { x.agent.text(); })
          return x.agent.text();
        return {};
      },
      c);
}
std::string contact_in(const command& c) {
  return std::visit(
      [](const auto& x) -> std::string {
        if constexpr (requires { x.contact.text(); })
          return x.contact.text();
        return {};
      },
      c);
}

/// Whose words these are one after the other; empty where the order is nobody's.
std::string whose(const command& c) {
  if (is_of_desk(c))
    return "agent/" + agent_in(c);
  const auto contact = contact_in(c);
  return contact.empty() ? contact : "contact/" + contact;
}

} // namespace

result<std::unique_ptr<demo_stage>, std::string> demo_stage::open(demo_stage_options options) {
  if (!options.key.empty())
    options.gateways = options.desks = {options.key.client};
  std::unique_ptr<demo_stage> out{new demo_stage{std::move(options)}};
  const auto& o = out->options_;
  auto client = gateway::bus::bus_client::connect(o.commands, nullptr, o.key);
  if (!client)
    return no(client.error());
  out->client_ = std::move(*client);
  auto link = engine_link::open(o.commands, o.gateways.front(), o.key);
  if (!link)
    return no(link.error());
  out->link_ = std::move(*link);
  gateway::bus::subscriber_options follow;
  follow.events_address = o.events;
  follow.commands_address = o.commands;
  follow.from_head = true;
  follow.source = o.gateways.front();
  follow.key = o.key;
  follow.types = {"agent.", "contact.", "offer.", "dial."};
  try {
    out->subscriber_ = std::make_unique<gateway::bus::bus_subscriber>(
        follow, [stage = out.get()](const std::vector<event_record>& events, position) {
          const std::scoped_lock lock{stage->mutex_};
          stage->arrived_.insert(stage->arrived_.end(), events.begin(), events.end());
        });
  } catch (const std::exception& wrong) {
    return no(std::string{wrong.what()});
  }
  return out;
}

demo_stage::~demo_stage() {
  subscriber_.reset();
}

std::optional<instant> demo_stage::now() const {
  const auto told = link_->now(instant{});
  return told == instant{} ? std::nullopt : std::optional{told};
}

bool demo_stage::is_heard_within(std::chrono::seconds longest,
                                 const std::function<bool()>& stops) {
  const auto until = clock::now() + longest;
  while (!now() && !stops()) {
    if (clock::now() > until)
      return false;
    step();
  }
  return true;
}

void demo_stage::plan(cue what) {
  cues_.insert(std::move(what));
}

std::optional<reply> demo_stage::ask(std::string_view type, value data) {
  command_envelope e;
  e.type = type;
  e.source = options_.gateways.front();
  e.data = std::move(data);
  return client_->ask(std::move(e), 5s);
}

void demo_stage::step() {
  keep_sessions();
  take_events();
  if (const auto at = now())
    do_due(*at);
  take_replies();
  send_again();
}

bool demo_stage::is_over() {
  // Beats go on as long as the sessions do.
  const auto is_beat = [](const auto& one) {
    return one.second.what.type.starts_with("session.");
  };
  return cues_.empty() && !folk_.next() && held_ == 0 && std::ranges::all_of(flying_, is_beat);
}

void demo_stage::take_events() {
  std::vector<event_record> mine;
  {
    const std::scoped_lock lock{mutex_};
    mine.swap(arrived_);
  }
  for (const auto& r : mine) {
    const auto e = unpack_event(r.type, r.data);
    if (!e)
      continue;
    if (listener_)
      listener_(*e, r.time);
    folk_.saw(*e, r.time);
  }
}

/// In the order of their times, as virtual time would have them.
void demo_stage::do_due(instant at) {
  const auto real = clock::now();
  const auto speed = link_->speed();
  const auto due = [&](instant planned) {
    const std::chrono::duration<double> late{to_seconds(at - planned) / speed};
    return real - std::chrono::duration_cast<clock::duration>(late);
  };
  while (flying_.size() + held_ < in_flight_max()) {
    const auto person = folk_.next().value_or(instant::max());
    const auto laid_down = cues_.empty() ? instant::max() : cues_.begin()->at;
    if (person <= at && person <= laid_down)
      send(folk_.take().what, due(person));
    else if (laid_down <= at)
      play(std::move(cues_.extract(cues_.begin()).value()), due(laid_down));
    else
      return;
  }
}

std::size_t demo_stage::in_flight_max() const noexcept {
  return in_flight_each
         * (options_.key.empty() ? options_.gateways.size() + options_.desks.size() : 1);
}

const std::string& demo_stage::session_of(const command& c) const {
  const auto& all = is_of_desk(c) ? options_.desks : options_.gateways;
  const auto named = is_of_desk(c) ? agent_in(c) : contact_in(c);
  return all[std::hash<std::string>{}(named) % all.size()];
}

void demo_stage::play(cue what, clock::time_point due) {
  if (wanted_ && !wanted_(what))
    return;
  if (const auto* in = std::get_if<routing::agent_sign_in>(&what.what); in && what.agent)
    folk_.behave(in->agent, *what.agent);
  if (const auto* open = std::get_if<reception::contact_open>(&what.what); open && what.contact)
    folk_.arriving(*open, *what.contact);
  send(what.what, due);
}

void demo_stage::send(const command& c, clock::time_point due) {
  command_envelope e;
  e.type = type_of(c);
  e.source = session_of(c);
  e.data = data_of(c, true);
  auto of = whose(c);
  if (of.empty())
    return send(std::move(e), due);
  if (const auto [queue, is_first] = behind_.try_emplace(of); !is_first) {
    queue->second.push_back({std::move(e), due});
    ++held_;
  } else {
    send(std::move(e), due, std::move(of));
  }
}

void demo_stage::send(command_envelope e, clock::time_point due, std::string of) {
  e.id = client_->send(e);
  auto id = e.id;
  flying_[std::move(id)] = {std::move(e), clock::now() + again_after, due, std::move(of)};
  ++sent_;
}

void demo_stage::send_next(const std::string& of) {
  const auto waiting = behind_.find(of);
  if (waiting == behind_.end())
    return;
  if (waiting->second.empty()) {
    behind_.erase(waiting);
    return;
  }
  auto next = std::move(waiting->second.front());
  waiting->second.pop_front();
  --held_;
  send(std::move(next.what), next.due, of);
}

void demo_stage::take_replies() {
  for (auto wait = round_wait; auto got = client_->receive(wait); wait = 0ms) {
    const auto found = flying_.find(got->id);
    if (found == flying_.end())
      continue;
    if (got->outcome == outcome_kind::busy) {
      ++busy_;
      found->second.again = clock::now() + std::chrono::milliseconds{got->retry_ms.value_or(100)};
      continue;
    }
    const auto was = std::move(found->second.what);
    const auto took = clock::now() - found->second.due;
    send_next(flying_.extract(found).mapped().of);
    if (hearer_ && !was.type.starts_with("session."))
      hearer_({was.type, is_for_help(was), got->outcome,
               got->why ? std::string_view{got->why->type} : std::string_view{},
               std::chrono::duration_cast<std::chrono::microseconds>(took)});
    if (got->outcome == outcome_kind::accepted)
      continue;
    if (was.type == "session.beat") {
      const bool is_desk = std::ranges::find(options_.desks, was.source) != options_.desks.end();
      hello(was.source, is_desk ? "agents" : "gateway");
      continue;
    }
    ++refused_;
    if (was.type == "contact.open")
      folk_.not_arrived(contact_id{was.data.text_or("contact")});
  }
}

/// No reply = unknown: the same id again has the effect of once.
void demo_stage::send_again() {
  const auto real = clock::now();
  for (auto& [id, one] : flying_)
    if (one.again <= real) {
      client_->send(one.what);
      one.again = real + again_after;
    }
}

void demo_stage::hello(const std::string& session, std::string_view kind) {
  command_envelope e;
  e.type = session::session_hello::type;
  e.source = session;
  e.data.set("name", session);
  e.data.set("kind", kind);
  send(std::move(e), clock::now());
}

void demo_stage::keep_sessions() {
  const auto real = clock::now();
  if (real < beat_next_)
    return;
  beat_next_ = real + beat_each;
  for (const auto* names : {&options_.gateways, &options_.desks})
    for (const auto& name : *names)
      beat(name);
}

void demo_stage::beat(const std::string& session) {
  command_envelope e;
  e.type = session::session_beat::type;
  e.source = session;
  e.data.set("name", session);
  // A beat that is not answered has done its work or is late: the next one follows anyway.
  if (std::ranges::none_of(flying_, [&](const auto& one) {
        return one.second.what.type == e.type && one.second.what.source == e.source;
      }))
    send(std::move(e), clock::now());
}

} // namespace careline::program
