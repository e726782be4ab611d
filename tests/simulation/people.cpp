#include "tests/simulation/people.hpp"

#include <algorithm>

#include "messages/json.hpp"

namespace careline::simulation {

namespace {

value::map parsed(std::string_view json) {
  auto v = from_json(json);
  must(v.has_value(), "a policy of the simulation is JSON");
  return *v->as<value::map>();
}

constexpr span never = span::max();

} // namespace

void session_client::act() {
  if (!is_known_) {
    if (!std::exchange(is_asking_, true))
      ask("session.hello",
          {{"name", name()}, {"lease_s", to_seconds(lease)}, {"instance", connection()}},
          [this](const reply& r) {
            is_asking_ = false;
            is_known_ = r.outcome == outcome_kind::accepted;
          });
    return;
  }
  if (all_.at >= beat_at_) {
    beat_at_ = all_.at + lease / 3;
    ask("session.beat", {});
  }
  work();
}

/// The oracles look at what is answered.
void session_client::look_up(const std::string& contact) {
  ask(query::contact_show::type, {{"contact", contact}});
}

void supervisor::work() {
  if (removed_)
    define(*std::exchange(removed_, {}));
  else if (asked_ < 3 || all_.draw.one_in(300))
    define(asked_ < 3 ? asked_ : static_cast<int>(all_.draw.below(3)));
  else if (!all_.is_calm && all_.draw.one_in(60))
    step_in();
  else if (!known_.empty() && all_.draw.one_in(15))
    look_up(known_.at(all_.draw.below(known_.size())));
}

void supervisor::saw(const event_record&, const event& e) {
  if (const auto* x = std::get_if<routing::offer_made>(&e))
    offer_ = *x;
  if (const auto* x = std::get_if<routing::contact_connected>(&e))
    talk_ = x->contact;
  if (const auto* x = std::get_if<reception::contact_opened>(&e))
    known_.push_back(x->contact.text());
  if (const auto* x = std::get_if<routing::queue_removed>(&e))
    removed_ = x->queue.text().back() - '0';
}

void supervisor::step_in() {
  auto& draw = all_.draw;
  const std::array states{"ready", "not_ready", "signed_out"};
  const std::array modes{"monitor", "whisper", "barge", "end"};
  value::map data{{"by", "supervisor"}, {"reason", "drill"}};
  switch (draw.below(5)) {
  case 4:
    return ask("queue.remove",
               {{"queue", "q" + std::to_string(draw.below(3))}, {"reason", "drill"}});
  case 3:
    data.emplace_back("site", draw.one_in(2) ? "north" : "south");
    data.emplace_back("state", draw.one_in(3) ? "closed" : "open");
    return ask("site.set_state", std::move(data));
  case 0:
    if (offer_.contact.empty() || !pulled_back_.insert(offer_.contact).second)
      return;
    data.emplace_back("contact", offer_.contact.text());
    data.emplace_back("agent", offer_.agent.text());
    return ask("offer.pull_back", std::move(data));
  case 1:
    data.emplace_back("agent", "agent-" + std::to_string(draw.below(5)));
    data.emplace_back("state", states.at(draw.below(states.size())));
    return ask("agent.force_state", std::move(data));
  default:
    data.emplace_back("contact", talk_.empty() ? "nobody" : talk_.text());
    data.emplace_back("mode", modes.at(draw.below(modes.size())));
    return ask("contact.supervise", std::move(data));
  }
}

void supervisor::define(int which) {
  static constexpr std::array<std::string_view, 3> policies{
      R"({"queue":"q0","site":"north","overflow_to":"q2","ring_s":5,
          "rest_s":{"reject":7,"busy":4,"no_answer":3},"retry_s":9,
          "misses_max":2,"tiers_ignored_up_to":2,"wait_s_max":50,"callback_attempts":2,
          "callback_spacing_s":5,"fair_share":{"contacts":4,"per_s":12},"resume_s":15,
          "rules":[{"after_s":9,"do":[{"drop_skills":["s1"]}]},
                   {"every_s":11,"do":[{"urgency_add":1}]},
                   {"after_s":14,"do":[{"divert":"q1"}]}]})",
      R"({"queue":"q1","strategy":"round_robin","wrap_up_s":4,"wait_s_max":40,"weight":3,
          "ticket":"A","ticket_misses":2,"miss_back":1,"tell_step_s":2,"tell_every_s":5,
          "ring_s":6,"callback_attempts":2,"callback_spacing_s":6,
          "rules":[{"every_s":6,"once":true,"do":[{"add_skills":["s1"]}]},
                   {"after_s":14,"do":[{"divert":"q0"}]}]})",
      R"({"queue":"q2","site":"south","strategy":"fewest_finished",
          "length_max":6,"overflow_to":"q0","ring_s":4,
          "misses_then":"ready","wrap_up":"manual","callback_spacing_s":6,"wait_s_max":60,
          "callback_attempts":2,
          "rules":[{"after_misses":2,"do":[{"divert":"q1"}]},
                   {"after_s":0,"when":{"ready_max":0},"do":[{"tier_max":2}]},
                   {"after_s":8,"do":[{"add_rule":{"every_s":4,"do":[{"tier_raise":1}]}},
                                      {"divert":"q0"}]}]})"};
  auto policy = parsed(policies.at(static_cast<std::size_t>(which)));
  if (which == 0) {
    const auto all = routing::names(routing::strategy{});
    policy.emplace_back("strategy", all.at(all_.draw.below(all.size())).second);
  }
  if (asked_ >= 3 && all_.draw.one_in(2))
    policy.emplace_back("service_level_s", all_.draw.between(10, 30));
  ++asked_;
  ask("queue.define", std::move(policy), [this](const reply& r) {
    all_.hold(r.outcome == outcome_kind::accepted, "a queue can be defined");
    ++defined_;
  });
}

gateway_client::gateway_client(setting& all, std::string name, ports to, std::string channel,
                               int contacts)
    : session_client(all, std::move(name), std::move(to)), channel_(std::move(channel)),
      left_(contacts) {}

bool gateway_client::is_done() const {
  return (left_ == 0 || all_.is_calm)
         && std::all_of(contacts_.begin(), contacts_.end(),
                        [](const auto& c) { return c.second.has_ended; });
}

void gateway_client::work() {
  if (left_ > 0 && !all_.is_calm && all_.draw.one_in(12)) {
    --left_;
    open(all_.draw.one_in(12));
  }
  for (auto& [contact, r] : contacts_)
    if (!r.has_ended)
      attend(contact, r);
}

void gateway_client::open(bool safety) {
  auto& draw = all_.draw;
  const auto contact = name() + "-" + std::to_string(++named_);
  value::map data{{"contact", contact},
                  {"channel", channel_},
                  {"queue", "q" + std::to_string(draw.below(3))},
                  {"urgency", draw.between(0, 2)}};
  if (draw.one_in(4))
    data.emplace_back("skills", value::list{"s1"});
  if (draw.one_in(8))
    data.emplace_back("tier_max", draw.between(0, 1));
  if (draw.one_in(8))
    data.emplace_back("exclude", value::list{"agent-" + std::to_string(draw.below(4))});
  if (draw.one_in(8)) {
    data.emplace_back("prefer", value::list{"agent-" + std::to_string(draw.below(4))});
    data.emplace_back("prefer_s", 7);
  }
  if (draw.one_in(4)) {
    data.emplace_back("customer", value::map{{"id", "customer-" + std::to_string(draw.below(5))}});
    data.emplace_back("need", "no dial tone since this morning");
  }
  if (draw.one_in(3))
    data.emplace_back("address", "138-" + std::to_string(draw.below(4)));
  if (safety)
    data.emplace_back("safety", true);
  else if (draw.one_in(6))
    data.emplace_back("live", false);
  contacts_[contact].gives_up_at = all_.at + draw.from_to(span{2000}, span{45'000});
  ask("contact.open", std::move(data), [this, contact, safety](const reply& r) {
    all_.hold(!safety || r.outcome == outcome_kind::accepted, "a call for help is taken in");
    if (r.outcome != outcome_kind::accepted || r.data.find("diverted"))
      contacts_[contact].has_ended = true;
    if (all_.draw.one_in(3))
      look_up(contact);
  });
}

/// What the customer and the line do by themselves.
void gateway_client::attend(const std::string& contact, row& r) {
  auto& draw = all_.draw;
  if (r.waits && all_.at >= r.gives_up_at) {
    r.gives_up_at = all_.at + span{2000};
    ask("contact.abandon", {{"contact", contact}});
  } else if (r.dials_at != span{} && all_.at >= r.dials_at) {
    r.dials_at = span{};
    ask("dial.report",
        {{"contact", contact}, {"result", draw.one_in(3) ? "no_answer" : "answered"}});
  } else if (draw.one_in(80)) {
    ask("contact.change", {{"contact", contact}, {"urgency", draw.between(0, 3)}});
  } else if (channel_ == "chat" && draw.one_in(40)) {
    ask("contact.say", {{"contact", contact}, {"from", "customer"}, {"text", "are you there"}});
  } else if (r.waits && channel_ == "phone" && draw.one_in(200)) {
    ask("contact.request_callback", {{"contact", contact}, {"number", "13800138000"}});
  }
}

void gateway_client::saw(const event_record& r, const event& e) {
  const auto found = contacts_.find(r.subject.substr(r.subject.find('/') + 1));
  if (!r.subject.starts_with("contact/") || found == contacts_.end())
    return;
  auto& mine = found->second;
  if (r.type == "contact.connected" || r.type == "contact.callback_requested")
    mine.waits = false;
  if (r.type == "contact.queued")
    mine.waits = true;
  if (const auto* diverted = std::get_if<routing::contact_diverted>(&e))
    mine.has_ended = mine.has_ended || diverted->to.find(':') != std::string::npos;
  if (r.type == "dial.requested")
    mine.dials_at = all_.at + all_.draw.from_to(span{200}, span{3000});
  for (const auto* end : {"contact.finished", "contact.abandoned", "contact.timed_out",
                          "contact.refused"})
    mine.has_ended = mine.has_ended || r.type == end;
}

agent_client::agent_client(setting& all, std::string name, ports to)
    : session_client(all, std::move(name), std::move(to)) {}

void agent_client::came_back() {
  session_client::came_back();
  signed_in_ = false;
  asking_ = false;
  tasks_.clear();
  held_.clear();
  consults_.clear();
}

void agent_client::sign_in() {
  if (std::exchange(asking_, true))
    return;
  const auto n = name().back() - '0';
  value::map data{{"agent", name()},
                  {"channels", value::map{{"phone", 1}, {"chat", 2}}}};
  if (n % 2 == 0)
    data.emplace_back("skills", value::map{{"s1", 5}});
  if (n % 3 == 1)
    data.emplace_back("queues",
                      value::map{{"q0", value::map{{"tier", n % 2}, {"delay_s", 2}}},
                                 {"q1", value::map{{"tier", 1}, {"priority", 2}}},
                                 {"q2", 0}});
  ask("agent.sign_in", std::move(data), [this](const reply& r) {
    asking_ = false;
    signed_in_ = r.outcome == outcome_kind::accepted
                 || (r.why && r.why->type == "routing.already_signed_in");
    look_at_ = all_.at;
  });
}

/// What it has in hand, as the engine sees it.
void agent_client::look_around() {
  look_at_ = all_.at + span{4000};
  ask("agent.show", {{"agent", name()}}, [this](const reply& r) {
    if (r.outcome != outcome_kind::accepted)
      return;
    state_ = r.data.text_or("state");
    if (state_ == "signed_out")
      signed_in_ = false;
    if (state_ == "wrap_up" && wrap_up_at_ == never)
      wrap_up_at_ = all_.at;
    if (state_ == "not_ready" && ready_at_ == never)
      ready_at_ = all_.at;
    for (const auto& on : *r.data.find("contacts")->as<value::list>()) {
      const auto offered = on.find("offered") && *on.find("offered")->as<bool>();
      tasks_.try_emplace(std::string{on.text_or("contact")},
                         task{offered ? doing::answer : doing::talk,
                              all_.at + all_.draw.from_to(span{500}, span{4000})});
    }
  });
}

void agent_client::work() {
  if (!signed_in_) {
    sign_in();
    return;
  }
  if (all_.at >= look_at_)
    look_around();
  if (all_.at >= wrap_up_at_) {
    wrap_up_at_ = never;
    ask("agent.finish_wrap_up", {{"agent", name()}});
  }
  if (all_.at >= ready_at_) {
    ready_at_ = never;
    ask("agent.set_state", {{"agent", name()}, {"state", "ready"}});
  }
  std::vector<std::pair<std::string, doing>> due;
  for (const auto& [contact, t] : tasks_)
    if (t.at <= all_.at)
      due.emplace_back(contact, t.what);
  for (const auto& [contact, what] : due)
    switch (what) {
    case doing::answer: answer(contact); break;
    case doing::talk: talk(contact); break;
    case doing::leave:
      tasks_.erase(contact);
      ask("contact.leave", {{"contact", contact}, {"agent", name()}});
      break;
    }
  if (all_.is_calm)
    return;
  if (all_.draw.one_in(400))
    ask("agent.set_state", {{"agent", name()}, {"state", "not_ready"}, {"reason", "tea"}});
  if (all_.draw.one_in(600))
    ask("agent.sign_out", {{"agent", name()}});
  if (all_.draw.one_in(300))
    ask("agent.call_next", {{"agent", name()}, {"counter", name()}});
  if (all_.draw.one_in(300))
    ask(all_.draw.one_in(2) ? "ticket.miss" : "ticket.recall", {{"agent", name()}});
  if (!others_.empty() && all_.draw.one_in(300))
    ask(all_.draw.one_in(2) ? "contact.finish" : "offer.accept",
        {{"contact", others_}, {"agent", name()}});
}

void agent_client::answer(const std::string& contact) {
  tasks_.erase(contact);
  const auto chance = all_.is_calm ? 9 : all_.draw.below(10);
  if (chance == 0)
    return;
  if (chance == 1) {
    ask("offer.decline", {{"contact", contact},
                          {"agent", name()},
                          {"reason", all_.draw.one_in(2) ? "reject" : "busy"}});
    return;
  }
  ask("offer.accept", {{"contact", contact}, {"agent", name()}});
}

void agent_client::talk(const std::string& contact) {
  tasks_.erase(contact);
  const auto chance = all_.is_calm ? 9 : all_.draw.below(10);
  const bool is_held = held_.erase(contact) > 0;
  if (is_held) {
    ask("contact.resume", {{"contact", contact}, {"agent", name()}});
    tasks_[contact] = {doing::talk, all_.at + span{1500}};
  } else if (chance == 0) {
    ask("contact.hold", {{"contact", contact}, {"agent", name()}});
    held_.insert(contact);
    tasks_[contact] = {doing::talk, all_.at + span{1500}};
  } else if (chance == 1) {
    ask("contact.transfer", {{"contact", contact},
                             {"agent", name()},
                             {"to_queue", "q" + std::to_string(all_.draw.below(3))}});
  } else if (chance == 2) {
    ask("contact.transfer", {{"contact", contact},
                             {"agent", name()},
                             {"to_agent", "agent-" + std::to_string(all_.draw.below(5))}});
  } else if (chance == 3) {
    ask_colleague(contact);
  } else if (chance == 4) {
    ask("contact.park",
        {{"contact", contact}, {"agent", name()}, {"pause_s", all_.draw.between(0, 4)}});
    tasks_[contact] = {doing::talk, all_.at + span{1500}};  // of one that is live it is refused
  } else {
    ask("contact.finish", {{"contact", contact}, {"agent", name()}, {"disposition", "solved"}});
  }
}

/// The talk goes on meanwhile.
void agent_client::ask_colleague(const std::string& contact) {
  const auto consult = name() + "-asks-" + std::to_string(++asked_);
  consults_[consult] = contact;
  value::map data{{"contact", consult},
                  {"channel", all_.draw.one_in(4) ? "chat" : "phone"},
                  {"consults", contact},
                  {"agent", name()}};
  if (all_.draw.one_in(3))
    data.emplace_back("to_agent", "agent-" + std::to_string(all_.draw.below(5)));
  else if (all_.draw.one_in(2))
    data.emplace_back("queue", "q" + std::to_string(all_.draw.below(3)));
  ask("contact.open", std::move(data));
  tasks_[contact] = {doing::talk, all_.at + all_.draw.from_to(span{2000}, span{9000})};
}

/// Who was asked is brought in, or has the contact; who was brought in leaves some time.
void agent_client::follow_parties(const event& e) {
  const auto* x = std::get_if<routing::contact_connected>(&e);
  const auto mine = x ? consults_.find(x->contact.text()) : consults_.end();
  if (mine != consults_.end()) {
    const auto contact = mine->second;
    const auto consult = mine->first;
    consults_.erase(mine);
    if (all_.draw.one_in(2))
      ask("contact.join", {{"contact", contact}, {"agent", name()}, {"consult", consult}});
    else if (all_.draw.one_in(2))
      ask("contact.transfer", {{"contact", contact}, {"agent", name()}, {"to_consult", consult}});
    if (all_.draw.one_in(3))
      tasks_[contact] = {doing::leave, all_.at + span{1500}};
  }
  const agent_id me{name()};
  if (const auto* j = std::get_if<routing::contact_joined>(&e); j && j->agent == me)
    tasks_[j->contact.text()] = {doing::leave, all_.at + span{3000}};
  if (const auto* l = std::get_if<routing::contact_left>(&e); l && l->to == me)
    tasks_[l->contact.text()] = {doing::talk, all_.at + span{2000}};
}

void agent_client::follow_state(const routing::agent_state_changed& x) {
  state_ = word_of(x.state);
  if (state_ == "wrap_up")
    wrap_up_at_ = all_.at + all_.draw.from_to(span{500}, span{3000});
  if (state_ == "not_ready")
    ready_at_ = all_.at + all_.draw.from_to(span{1000}, span{5000});
}

void agent_client::saw(const event_record&, const event& e) {
  const agent_id me{name()};
  follow_parties(e);
  if (const auto* x = std::get_if<routing::agent_state_changed>(&e); x && x->agent == me)
    follow_state(*x);
  if (const auto* x = std::get_if<routing::offer_made>(&e); x && x->agent == me)
    tasks_[x->contact.text()] = {doing::answer,
                                 all_.at + all_.draw.from_to(span{100}, span{4000})};
  if (const auto* x = std::get_if<routing::contact_connected>(&e); x && x->agent != me)
    others_ = x->contact.text();
  if (const auto* x = std::get_if<routing::contact_connected>(&e); x && x->agent == me)
    tasks_[x->contact.text()] = {doing::talk,
                                 all_.at + all_.draw.from_to(span{500}, span{8000})};
  if (const auto* x = std::get_if<routing::agent_signed_out>(&e); x && x->agent == me)
    signed_in_ = false;
}

} // namespace careline::simulation
