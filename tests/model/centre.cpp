#include "tests/model/centre.hpp"

#include <catch2/catch.hpp>

#include "messages/json.hpp"

namespace careline::centre_story {

namespace {

value parsed(std::string_view json) {
  auto v = from_json(json);
  if (!v)
    FAIL("no JSON: " << json);
  return *v;
}

std::string line_of(const event& e) {
  const auto data = data_of(e, true);
  std::string out{type_of(e)};
  for (const auto* key : {"contact", "agent", "state", "reason", "to"})
    if (const auto word = data.text_or(key); !word.empty())
      out += " " + std::string{word};
  return out;
}

reception::reception_policy desk() {
  reception::reception_policy p;
  p.default_queue = queue_id{"help"};
  p.triage = {{"broadband", queue_id{"net"}, "fault"}, {"宽带", queue_id{"net"}, "fault"},
              {"bill", queue_id{"care"}, "consult"}};
  return p;
}

} // namespace

/// Routing as the kernel sees it, which can be taken away and put back under it.
class centre::restartable final : public kernel::capability {
public:
  std::unique_ptr<routing::routing_model> is = std::make_unique<routing::routing_model>();

  std::string_view name() const noexcept override { return is->name(); }
  answer<kernel::decision> decide(const command& c, const kernel::turn_context& in) const override {
    return is->decide(c, in);
  }
  answer<kernel::decision> take_over(const command& c, const kernel::decision& from,
                                     const kernel::turn_context& in) const override {
    return is->take_over(c, from, in);
  }
  void evolve(const event& e, instant at) override { is->evolve(e, at); }
  std::optional<instant> wakes_at() const override { return is->wakes_at(); }
  std::vector<event> due(const kernel::turn_context& in) override { return is->due(in); }
  std::vector<event> settle(const kernel::turn_context& in) override { return is->settle(in); }
  std::vector<event> react(const event& e, const kernel::turn_context& in) const override {
    return is->react(e, in);
  }
  answer<value> ask(const command& query, const kernel::turn_context& in) const override {
    return is->ask(query, in);
  }
  value save() const override { return is->save(); }
  bool load(const value& state) override { return is->load(state); }
};

centre::centre() : reception_(desk()), routing_(std::make_unique<restartable>()) {
  kernel::virtual_options options;
  options.start = nine;
  kernel::virtual_parts parts;
  parts.reception = &reception_;
  parts.routing = routing_.get();
  parts.board = &board_;
  parts.desks = lent(desks_);
  kernel_ = std::make_unique<kernel::virtual_kernel>(
      options, parts, [this](const kernel::logged_event& e) {
        log_.emplace_back(e.time, e.what);
        // As a log has it, and as routing keeps it.
        clear_sealer keys;
        if (auto* said = std::get_if<routing::contact_said>(&log_.back().second))
          static_cast<void>(seal_fields(*said, keys, said->person));
      });
  told_ = log_.size();
}

centre::~centre() {
  reception::reception_model reception{desk()};
  routing::routing_model routing;
  for (const auto& [at, e] : log_) {
    reception.evolve(e, at);
    routing.evolve(e, at);
  }
  CHECK(to_json(routing.save()) == to_json(routing_->save()));
  CHECK(to_json(reception.save()) == to_json(reception_.save()));
  reception::reception_model met_again{desk()};
  CHECK(met_again.load(reception_.save()));
  CHECK(to_json(met_again.save()) == to_json(reception_.save()));
  const auto fresh = make_desks();
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    for (const auto& [at, e] : log_)
      fresh[i].of->evolve(e, at);
    CHECK(to_json(fresh[i].of->save()) == to_json(desks_[i].of->save()));
    const auto again = std::move(make_desks().at(i).of);
    CHECK(again->load(desks_[i].of->save()));
    CHECK(to_json(again->save()) == to_json(desks_[i].of->save()));
  }
  routing::routing_model loaded;
  CHECK(loaded.load(routing_->save()));
  CHECK(to_json(loaded.save()) == to_json(routing_->save()));
}

void centre::restart(back_from source) {
  auto anew = std::make_unique<routing::routing_model>();
  if (source == back_from::snapshot)
    REQUIRE(anew->load(routing_->save()));
  else
    for (const auto& [at, e] : log_)
      anew->evolve(e, at);
  // As an engine does first of all: it looks at everybody again, and finds nothing left to decide.
  clear_sealer keys;
  kernel::turn_context in;
  in.now = kernel_->now();
  in.keys = &keys;
  CHECK(anew->settle(in).empty());
  routing_->is = std::move(anew);
}

reply centre::say(double at, std::string_view type, std::string_view json, const std::string& by) {
  command_envelope e;
  e.type = type;
  e.source = by;
  e.data = parsed(json);
  return kernel_->submit(e, nine + from_seconds(at));
}

value centre::ask(double at, std::string_view type, std::string_view json) {
  return say(at, type, json).data;
}

void centre::wait_until(double at) {
  kernel_->advance_to(nine + from_seconds(at));
}

void centre::happened(double at, event e) {
  kernel_->advance_to(nine + from_seconds(at));
  log_.emplace_back(nine + from_seconds(at), e);
  routing_->evolve(e, nine + from_seconds(at));
  reception_.evolve(e, nine + from_seconds(at));
  board_.evolve(e, nine + from_seconds(at));
  ++told_;
}

std::string code_of(const reply& r) {
  return r.why ? r.why->type : std::string{word_of(r.outcome)};
}

lines centre::news() {
  lines out;
  for (; told_ < log_.size(); ++told_)
    out.push_back(line_of(log_[told_].second));
  return out;
}

lines centre::contact_news() {
  auto out = news();
  std::erase_if(out, [](const std::string& line) { return line.starts_with("agent."); });
  return out;
}

value centre::last(std::string_view type) const {
  for (auto e = log_.rbegin(); e != log_.rend(); ++e)
    if (type_of(e->second) == type)
      return data_of(e->second, true);
  return {};
}

std::size_t centre::count(std::string_view type) const {
  return static_cast<std::size_t>(std::count_if(
      log_.begin(), log_.end(), [&](const auto& e) { return type_of(e.second) == type; }));
}

} // namespace careline::centre_story
