#include "tests/gateway/bus_fixture.hpp"

#include <thread>

#include "gateway/bus/edge_clock.hpp"

namespace careline::gateway::bus {

void small_engine::submit(command_envelope command, std::string connection, respond answer) {
  published news;
  reply r;
  egress* to = nullptr;
  {
    const std::lock_guard lock{guard_};
    connections_.push_back(std::move(connection));
    ++asked_[command.type];
    if (command.type == "note.hold") {
      held_.emplace_back(command.id, std::move(answer));
      return;
    }
    r = answer_to(command, news);
    to = to_;
  }
  if (to)
    to->publish(news);
  answer(std::move(r));
}

reply small_engine::turn_away(const command_envelope& command, problem why) {
  if (command.type != "note.help")
    return ingress::turn_away(command, std::move(why));
  reply out;
  out.id = command.id;
  return out;
}

reply small_engine::answer_to(const command_envelope& c, published& news) {
  if (const auto known = answered_.find(c.id); known != answered_.end())
    return known->second;
  if (c.type == "log.read")
    return page_for(c);
  if (c.type == "note.list") {
    reply r;
    r.id = c.id;
    const auto rows = static_cast<std::size_t>(c.data.int_or("rows", 0));
    const auto row = std::string(static_cast<std::size_t>(c.data.int_or("row_bytes", 5)), 'r');
    r.data.set("rows", value::list(rows, value{row}));
    return r;
  }
  if (c.type == "note.busy_once" && asked_[c.type] == 1) {
    auto r = refuse(c.id, because("engine.busy"));
    r.retry_ms = 1;
    return r;
  }
  if (c.type != "note.make" && c.type != "note.busy_once")
    return refuse(c.id, because("command.type_unknown", "type"));
  reply r;
  r.id = c.id;
  news.push_back(append(std::string{c.data.text_or("type", "contact.noted")}, c.id));
  r.at = news.back()->at;
  answered_[c.id] = r;
  return r;
}

reply small_engine::page_for(const command_envelope& c) {
  if (unreadable_ > 0) {
    --unreadable_;
    auto r = refuse(c.id, because("log.unreadable"));
    r.retry_ms = 1;
    return r;
  }
  const auto after = static_cast<std::size_t>(c.data.int_or("after", 0));
  const auto limit = static_cast<std::size_t>(c.data.int_or("limit", 1000));
  if (after > log_.size())
    return refuse(c.id, because("log.bad_position", "after"));
  value::list events;
  auto at = after;
  for (; at < log_.size() && events.size() < limit; ++at) {
    const auto* types = c.data.find("types");
    bool is_wanted = !types;
    if (types)
      for (const auto& t : *types->as<value::list>()) {
        const auto& word = *t.as<std::string>();
        is_wanted = is_wanted || log_[at].type == word
                    || (word.back() == '.' && log_[at].type.rfind(word, 0) == 0);
      }
    if (is_wanted)
      events.push_back(*to_value(log_[at]));
  }
  reply r;
  r.id = c.id;
  r.data.set("events", std::move(events));
  r.data.set("next", static_cast<std::uint64_t>(at));
  r.data.set("head", static_cast<std::uint64_t>(log_.size()));
  return r;
}

std::shared_ptr<const event_record> small_engine::append(const std::string& type,
                                                         const std::string& cause,
                                                         std::uint16_t dataversion) {
  event_record e;
  e.dataversion = dataversion;
  e.at = log_.size() + 1;
  e.previous = std::exchange(last_[type], e.at);
  e.time = from_ms(1'772'413'200'000);
  e.type = type;
  e.subject = "contact/C-1";
  e.actor = "test";
  e.causation = cause;
  value data;
  data.set("contact", "C-1");
  e.data = pack(data);
  log_.push_back(e);
  return std::make_shared<const event_record>(std::move(e));
}

void small_engine::tell(egress* to) {
  const std::lock_guard lock{guard_};
  to_ = to;
}

void small_engine::write_silently(const std::vector<std::string>& types) {
  const std::lock_guard lock{guard_};
  for (const auto& t : types)
    append(t, {});
}

void small_engine::write(const std::vector<std::string>& types) {
  const std::lock_guard lock{guard_};
  published news;
  for (const auto& t : types)
    news.push_back(append(t, {}));
  if (to_)
    to_->publish(news);
}

void small_engine::write_unreadable(const std::string& type) {
  const std::lock_guard lock{guard_};
  const auto e = append(type, {}, 0);
  if (to_)
    to_->publish({e});
}

void small_engine::forget_everything() {
  const std::lock_guard lock{guard_};
  log_.clear();
  last_.clear();
  answered_.clear();
}

void small_engine::fail_to_read(int pages) {
  const std::lock_guard lock{guard_};
  unreadable_ = pages;
}

void small_engine::let_go() {
  std::vector<std::pair<std::string, respond>> held;
  {
    const std::lock_guard lock{guard_};
    held.swap(held_);
  }
  // The last asked is answered first: replies need not come in order.
  for (auto i = held.rbegin(); i != held.rend(); ++i) {
    reply r;
    r.id = i->first;
    i->second(r);
  }
}

position small_engine::head() const {
  const std::lock_guard lock{guard_};
  return log_.size();
}

std::vector<std::pair<std::string, position>> small_engine::last_of_types() const {
  const std::lock_guard lock{guard_};
  return {last_.begin(), last_.end()};
}

std::vector<event_record> small_engine::log() const {
  const std::lock_guard lock{guard_};
  return log_;
}

std::vector<std::string> small_engine::connections() const {
  const std::lock_guard lock{guard_};
  return connections_;
}

int small_engine::times_asked(const std::string& type) const {
  const std::lock_guard lock{guard_};
  const auto found = asked_.find(type);
  return found == asked_.end() ? 0 : found->second;
}

bus_on_loopback::bus_on_loopback(bus_options o) : options(std::move(o)) {
  options.commands = "tcp://127.0.0.1:0";
  options.events = "tcp://127.0.0.1:0";
  restart();
}

void bus_on_loopback::restart() {
  engine.tell(nullptr);
  server.reset();
  options.head = engine.head();
  options.last_of_types = engine.last_of_types();
  auto opened = bus_server::open(options, engine);
  if (!opened)
    throw std::runtime_error{opened.error()};
  server = std::move(*opened);
  options.commands = server->commands_address();
  options.events = server->events_address();
  engine.tell(server.get());
}

command_envelope note(const std::string& type) {
  command_envelope c;
  c.type = "note.make";
  c.source = "test";
  c.data.set("type", type);
  return c;
}

bus_subscriber::on_events collected::sink() {
  return [this](const std::vector<event_record>& run, position) {
    const std::lock_guard lock{guard_};
    events_.insert(events_.end(), run.begin(), run.end());
    more_.notify_all();
  };
}

bool collected::wait_for(std::size_t count) {
  std::unique_lock lock{guard_};
  return more_.wait_for(lock, patience, [&] { return events_.size() >= count; });
}

std::vector<position> collected::positions() const {
  const std::lock_guard lock{guard_};
  std::vector<position> out;
  for (const auto& e : events_)
    out.push_back(e.at);
  return out;
}

std::vector<event_record> collected::events() const {
  const std::lock_guard lock{guard_};
  return events_;
}

bool eventually(const std::function<bool()>& is_so) {
  const auto until = since_boot() + patience;
  while (!is_so()) {
    if (since_boot() > until)
      return false;
    std::this_thread::yield();
  }
  return true;
}

} // namespace careline::gateway::bus
