#include "tests/simulation/client.hpp"

#include <algorithm>

#include "actors/kernel/shell_batch.hpp"

namespace careline::simulation {

namespace {
constexpr span again_after{1000};
constexpr span silence_max{3000};
} // namespace

client::client(setting& all, std::string name, ports to)
    : all_(all), name_(std::move(name)), to_(std::move(to)) {}

void client::ask(std::string_view type, value::map data, answered then, bool once) {
  command_envelope e;
  e.id = all_.new_id();
  e.type = type;
  e.source = name_;
  e.data = value{std::move(data)};
  to_.sent(e);
  to_.send(*this, e);
  auto id = e.id;
  flying_.emplace(std::move(id),
                  flight{std::move(e), std::move(then), all_.at + again_after, once});
}

void client::bring(const reply& r) {
  if (is_gone())
    return;
  const auto found = flying_.find(r.id);
  if (found == flying_.end())
    return;
  if (r.outcome == outcome_kind::busy && !found->second.once) {
    found->second.again_at = all_.at + std::max(span{r.retry_ms.value_or(100)}, span{10});
    return;
  }
  const auto done = std::move(found->second);
  flying_.erase(found);
  if (r.outcome == outcome_kind::accepted && r.at != 0)
    used_id_ = r.id;
  if (done.then)
    done.then(r);
}

void client::bring(const std::shared_ptr<const event_record>& e) {
  if (is_gone() || all_.at < stalled_until_ || !has_room())
    return;
  if (!follow_.takes(*e))
    return;
  hand_on(*e);
  saw_all();
}

void client::beat(const gateway::bus::head_news& news) {
  if (is_gone() || all_.at < stalled_until_)
    return;
  heard_at_ = all_.at;
  follow_.heard(news, all_types_);
}

void client::hand_on(const event_record& r) {
  all_.hold(r.at == handed_ + 1, name_ + " is told of " + event_id(r.at) + " after "
                                     + event_id(handed_));
  handed_ = r.at;
  const auto e = kernel::event_in(r);
  all_.hold(e.has_value(), "an event that was published can be read");
  if (e)
    saw(r, *e);
}

void client::read_on() {
  if (reading_)
    return;
  reading_ = true;
  ask("log.read", {{"after", follow_.whole_up_to()}, {"limit", 100}},
      [this](const reply& r) { take_page(r); });
}

void client::take_page(const reply& r) {
  reading_ = false;
  heard_at_ = all_.at;
  const auto* events = r.data.find("events");
  all_.hold(r.outcome == outcome_kind::accepted && events,
            "the log can be read on from " + event_id(follow_.whole_up_to()));
  if (!events || !has_room())
    return;
  for (const auto& item : *events->as<value::list>()) {
    const auto e = read_event_record(item);
    all_.hold(e.has_value(), "an event of a page can be read");
    if (e && follow_.takes_from_log(*e))
      hand_on(*e);
  }
  saw_all();
  const auto next = static_cast<position>(r.data.int_or("next", 0));
  const auto head = static_cast<position>(r.data.int_or("head", 0));
  follow_.read_up_to(next, head);
  if (next < head)
    read_on();
}

void client::go(span how_long, bool forgets) {
  gone_until_ = all_.at + how_long;
  was_gone_ = true;
  if (forgets) {
    flying_.clear();
    reading_ = false;
  }
}

void client::reuse_id() {
  if (used_id_.empty() || is_gone())
    return;
  command_envelope e;
  e.id = used_id_;
  e.type = "contact.rate";
  e.source = name_;
  e.data = value{value::map{{"contact", "nobody"}, {"score", 1}}};
  to_.send(*this, e);
}

void client::flood(int questions) {
  if (!is_gone())
    for (int i = 0; i < questions; ++i)
      ask("queue.list", {{"min_position", follow_.whole_up_to() + 5}}, {}, true);
}

void client::tick() {
  if (is_gone())
    return;
  if (std::exchange(was_gone_, false)) {
    ++connection_;
    came_back();
  }
  std::erase_if(flying_, [this](const auto& f) {
    return f.second.once && f.second.again_at <= all_.at;
  });
  std::vector<std::string> late;
  for (auto& [id, f] : flying_)
    if (f.again_at <= all_.at)
      late.push_back(id);
  for (const auto& id : late) {
    auto& f = flying_.at(id);
    f.again_at = all_.at + again_after;
    to_.send(*this, f.what);
  }
  if (all_.at >= stalled_until_ && (follow_.is_behind() || all_.at - heard_at_ > silence_max))
    read_on();
  act();
}

inner_follower::inner_follower(setting& all, position after, ports to, deliver on,
                               std::function<bool()> room)
    : client(all, std::string{of_engine}, std::move(to)), on_(std::move(on)),
      room_(std::move(room)) {
  begin_at(after);
}

} // namespace careline::simulation
