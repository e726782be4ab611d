#include "tools/careline/gateway_examiner.hpp"

#include <algorithm>

namespace careline::program {

using gateway::bus::relayed;

gateway_examiner::gateway_examiner(clock now, const std::vector<std::string>& only, span patience,
                                   std::string by_key)
    : now_(std::move(now)), talk_(std::move(by_key)) {
  for (const auto& row : check_rows()) {
    if (!only.empty() && std::ranges::find(only, row.name) == only.end())
      continue;
    auto check = row.make();
    auto* held = dynamic_cast<gateway_trial*>(check.get());
    if (held)
      held->allow(patience);
    checks_.push_back({&row, std::move(check), held});
  }
}

/// A trial sees what passes while it is on.
template <class F>
void gateway_examiner::each(F&& tell) {
  for (auto& one : checks_)
    if (!one.trial || one.trial == on_)
      tell(*one.check);
}

relayed gateway_examiner::on_command(const std::string&, value& body,
                                     std::vector<value>& answers) {
  auto read = read_command_envelope(body);
  if (!read)
    return relayed::as_it_came; // the engine says what is wrong with it
  const std::scoped_lock lock{guard_};
  // A command may leave out who sends it where the key says so.
  if (!talk_.by_key().empty() && body.text_or("source").empty())
    read->source = talk_.by_key();
  const auto c = talk_.heard(std::move(*read), now_());
  each([&](gateway_check& one) { one.heard(c, talk_); });
  return on_ ? on_->meddle(c, body, answers) : relayed::as_it_came;
}

relayed gateway_examiner::on_reply(const std::string&, value& body) {
  auto read = read_reply(body);
  if (!read)
    return relayed::as_it_came;
  const std::scoped_lock lock{guard_};
  const auto at = now_();
  const auto what = on_ ? on_->meddle(*read, body, at) : relayed::as_it_came;
  // What could not be read at all has an id at most.
  const auto* to = talk_.find_command(read->id);
  heard_command unread;
  unread.what.id = read->id;
  unread.what.type = "a command";
  const auto& c = to ? *to : unread;
  if (what == relayed::withheld)
    return what;
  talk_.answered(c, *read, at);
  each([&](gateway_check& one) { one.answered(c, *read, talk_); });
  return what;
}

relayed gateway_examiner::on_event(value& body, std::vector<value>& after) {
  const auto read = read_event_record(body);
  if (!read)
    return relayed::as_it_came;
  const std::scoped_lock lock{guard_};
  const auto at = now_();
  const auto what = on_ ? on_->meddle(*read, body, after, talk_, at) : relayed::as_it_came;
  if (what != relayed::withheld)
    talk_.told(*read, at);
  return what;
}

void gateway_examiner::on_subscription(const std::string& topic, bool taken_back) {
  const std::scoped_lock lock{guard_};
  talk_.subscribed(topic, taken_back);
}

void gateway_examiner::happened(const event_record& what) {
  const std::scoped_lock lock{guard_};
  const auto at = now_();
  talk_.happened(what, at);
  const auto data = data_in(what);
  each([&](gateway_check& one) { one.happened(what, data, talk_, at); });
}

void gateway_examiner::cut(bool is_cut) {
  const std::scoped_lock lock{guard_};
  talk_.cut(is_cut);
}

std::optional<gateway_examiner::trial> gateway_examiner::next_trial() {
  const std::scoped_lock lock{guard_};
  on_ = nullptr;
  const auto is_trial = [](const held_check& one) { return one.trial != nullptr; };
  while (next_ < checks_.size() && !checks_[next_].trial)
    ++next_;
  if (next_ == checks_.size())
    return std::nullopt;
  trial out;
  out.of = static_cast<std::size_t>(std::ranges::count_if(checks_, is_trial));
  out.number = static_cast<std::size_t>(
                   std::count_if(checks_.begin(),
                                 checks_.begin() + static_cast<std::ptrdiff_t>(next_), is_trial))
               + 1;
  auto& one = checks_[next_++];
  on_ = one.trial;
  on_->begin(talk_, now_());
  out.name = one.row->name;
  out.asks = on_->asks();
  return out;
}

std::vector<trial_wish> gateway_examiner::wishes() {
  const std::scoped_lock lock{guard_};
  return on_ ? on_->take_wishes() : std::vector<trial_wish>{};
}

bool gateway_examiner::is_trial_over() {
  const std::scoped_lock lock{guard_};
  return !on_ || on_->is_over(talk_, now_());
}

bool gateway_examiner::is_waiting() {
  const std::scoped_lock lock{guard_};
  bool waits = false;
  for (auto& one : checks_) {
    one.check->tick(talk_, now_());
    waits = waits || one.check->is_waiting();
  }
  return waits;
}

void gateway_examiner::end() {
  const std::scoped_lock lock{guard_};
  for (auto& one : checks_)
    one.check->end(talk_, now_());
  on_ = nullptr;
}

std::optional<gateway_talk::lease_taken> gateway_examiner::speaker() const {
  const std::scoped_lock lock{guard_};
  const auto* one = talk_.speaker();
  return one ? std::optional{*one} : std::nullopt;
}

bool gateway_examiner::has_come() const {
  const std::scoped_lock lock{guard_};
  return talk_.speaker() || !talk_.contacts().empty();
}

bool gateway_examiner::has_left() const {
  const std::scoped_lock lock{guard_};
  return talk_.has_left();
}

std::vector<gateway_examiner::finding> gateway_examiner::findings() const {
  const std::scoped_lock lock{guard_};
  std::vector<finding> out;
  for (const auto& one : checks_)
    out.push_back({one.row, one.check->said(), one.check->sentence(), one.check->shown()});
  return out;
}

} // namespace careline::program
