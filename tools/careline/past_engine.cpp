#include "tools/careline/past_engine.hpp"

#include <charconv>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "actors/kernel/log_reader.hpp"
#include "actors/kernel/log_recovery.hpp"
#include "tools/careline/command_line.hpp"
#include "tools/careline/log_commands.hpp"
#include "tools/careline/serve_models.hpp"

namespace careline::program {

namespace {

/// The log as it was when it ended at a position.
class cut_log final : public store::event_log {
public:
  cut_log(const store::event_log& whole, position end) : whole_(whole), end_(end) {}

  void append(std::vector<store::batch>, position, std::uint64_t, append_done done) override {
    done(no(store::log_error{store::log_fault::io, "the past cannot be written", end_}));
  }
  position head() const override { return end_; }
  store::chain_hash head_hash() const override {
    return whole_.hash_at(end_).value_or(store::chain_hash{});
  }
  std::uint64_t epoch() const override { return whole_.epoch(); }
  result<store::chain_hash, store::log_error> hash_at(position at) const override {
    return whole_.hash_at(at);
  }
  result<store::page, store::log_error> read(const store::read_options& what) const override {
    auto page = whole_.read(what);
    if (!page)
      return page;
    cut(page->events);
    page->next = std::min(page->next, end_);
    return page;
  }
  result<std::vector<event_record>, store::log_error>
  read_stream(std::string_view subject) const override {
    auto events = whole_.read_stream(subject);
    if (events)
      cut(*events);
    return events;
  }
  result<std::optional<store::remembered>, store::log_error>
  find_command(const store::command_key& key) const override {
    return whole_.find_command(key);
  }
  result<std::optional<position>, store::log_error>
  find_checkpoint(std::string_view listener) const override {
    return whole_.find_checkpoint(listener);
  }
  std::vector<std::pair<std::string, position>> last_of_types() const override { return {}; }
  std::int64_t room_bytes() const override { return 0; }
  std::int64_t reserve_bytes() const override { return 0; }

private:
  void cut(std::vector<event_record>& events) const {
    std::erase_if(events, [this](const event_record& e) { return e.at > end_; });
  }

  const store::event_log& whole_;
  position end_;
};

/// The last event at or before a time: 0 when all are later.
result<position, store::log_error> last_until(const store::event_log& log, instant time) {
  position low = 0;
  position high = log.head();
  while (low < high) {
    const position middle = low + (high - low + 1) / 2;
    const auto record = kernel::record_at(log, middle);
    if (!record)
      return no(record.error());
    if (*record && (*record)->time <= time)
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

} // namespace

struct past_engine::parts {
  std::unique_ptr<store::event_log> whole;
  std::optional<cut_log> log;
  kernel::engine_models models;
  kernel::turn_context in;
  position at = 0;
};

void add_past_flags(CLI::App& app, past_place& into) {
  add_data_option(app, into.data);
  app.add_option("--as-of", into.as_of,
                 "as it was then: a position, or a time such as 2026-03-02T09:00:00+08:00; read "
                 "from --data, no engine is asked")
      ->type_name("MOMENT");
}

past_engine::past_engine(std::unique_ptr<parts> of) : parts_(std::move(of)) {}
past_engine::past_engine(past_engine&&) noexcept = default;
past_engine& past_engine::operator=(past_engine&&) noexcept = default;
past_engine::~past_engine() = default;

result<past_engine, int> past_engine::open(const past_place& place) {
  position at = 0;
  const auto& text = place.as_of;
  const auto number = std::from_chars(text.data(), text.data() + text.size(), at);
  const bool is_position = number.ec == std::errc{} && number.ptr == text.data() + text.size();
  const auto time = is_position ? std::nullopt : parse_rfc3339(text);
  if (!is_position && !time) {
    complain("--as-of is a position, or a time such as 2026-03-02T09:00:00+08:00");
    return no(exit_code::wrong_usage);
  }
  auto p = std::make_unique<parts>();
  store::open_options options;
  options.place = place.data;
  options.read_only = true;
  auto log = store::open_event_log(options);
  if (!log)
    return no(failed(log.error()));
  p->whole = std::move(*log);
  if (time) {
    const auto found = last_until(*p->whole, time->at);
    if (!found)
      return no(failed(found.error()));
    at = *found;
  }
  if (at == 0 || at > p->whole->head()) {
    complain(fmt::format("the log of {} has positions 1 to {}, and nothing {} --as-of {}",
                         place.data, p->whole->head(), time ? "until" : "at", text));
    return no(exit_code::work_failed);
  }
  p->at = at;
  p->log.emplace(*p->whole, at);
  p->models = make_models(config{});
  progress_bar bar{"reading the log"};
  const auto done = kernel::recover_to(
      *p->log, at, p->models.each(), [](std::string_view) { return std::nullopt; }, {},
      [&](const kernel::placed_event& e) {
        bar.show(e.at, at);
        p->in.now = e.time;
      },
      kernel::log_threads::own);
  bar.clear();
  if (!done)
    return no(failed(done.error()));
  auto end = p->in.now;
  if (const auto birth = kernel::read_birth(*p->whole); birth && *birth) {
    p->in.seed = (*birth)->seed;
    p->in.offset_minutes = (*birth)->offset_minutes;
    end = (*birth)->last_time;
  }
  if (place.now || time)
    p->in.now = std::max(p->in.now, std::min(place.now ? *place.now : time->at, end));
  return past_engine{std::move(p)};
}

answer<value> past_engine::query(std::string_view type, const value& data) const {
  auto what = read_command(type, data);
  if (!what)
    return no(what.error());
  if (const auto* page = std::get_if<query::log_read>(&*what))
    return kernel::read_page(*parts_->log, *page);
  const auto ask = [&](const kernel::capability& of) {
    auto told = of.ask(*what, parts_->in);
    return kernel::needs_log(*what) ? kernel::complete(*parts_->log, *what, std::move(told))
                                    : told;
  };
  switch (is_query(*what) ? owner_of(type) : owner::engine) {
  case owner::reception:
    return ask(*parts_->models.reception);
  case owner::routing:
    return ask(*parts_->models.routing);
  case owner::session:
    return ask(*parts_->models.session);
  case owner::board:
    return ask(*parts_->models.board);
  case owner::security:
    for (const auto& desk : parts_->models.desks)
      if (desk.who == owner_of(type))
        return ask(*desk.of);
    break;
  case owner::log:
  case owner::engine:
    break;
  }
  return no(because("command.type_unknown", "type", "not a question about the past"));
}

position past_engine::at() const noexcept {
  return parts_->at;
}

instant past_engine::time() const noexcept {
  return parts_->in.now;
}

} // namespace careline::program
