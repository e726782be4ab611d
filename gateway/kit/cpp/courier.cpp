#include "gateway/kit/cpp/courier.hpp"

#include <algorithm>
#include <signal.h>
#include <stdexcept>
#include <utility>

#include <careline_gateway/client.hpp>

#include "gateway/bus/edge_clock.hpp"
#include "messages/codec.hpp"

namespace careline_gateway {

namespace {

using careline::span;
using careline::gateway::bus::since_boot;
using namespace std::chrono_literals;

constexpr span retry_after = 2s;  // no reply for so long: the same id again
constexpr span busy_pause_default = 100ms;

} // namespace

courier::courier(const std::string& address, span beat_every, std::function<void()> on_silence,
                 const careline::gateway::bus::client_key& key)
    : sent_at_(since_boot()), beat_every_(beat_every), on_silence_(std::move(on_silence)) {
  auto line = careline::gateway::bus::bus_line::connect(address, nullptr, key);
  if (!line)
    throw std::runtime_error{line.error()};
  line_ = std::move(*line);
  thread_ = std::thread{[this] { run(); }};
}

void courier::start(careline::command_envelope what, span patience, answered then) {
  auto body = careline::pack(to_value(what));
  if (body.size() > careline::body_bytes_max)
    throw too_large{what.type, body.size()};
  open_command one{std::move(what.id), std::move(body), since_boot() + patience, {}, {}, {}};
  one.then.push_back(std::move(then));
  const std::scoped_lock lock{guard_};
  if (is_closed_)
    throw closed{};
  asked_.push_back(std::move(one));
  bell_.ring();
}

void courier::close() {
  {
    const std::scoped_lock lock{guard_};
    is_closed_ = true;
  }
  is_ending_.store(true);
  bell_.ring();
  const std::scoped_lock lock{closing_};
  if (thread_.joinable())
    thread_.join();
}

void courier::run() {
  // Signals are for the program's own threads.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  while (!is_ending_.load()) {
    take_in();
    send_due();
    if (since_boot() >= sent_at_ + beat_every_) {
      sent_at_ = since_boot();
      on_silence_();
      continue;
    }
    for (auto r = line_->receive(wait(), bell_.fd()); r; r = line_->receive(0ms))
      take(std::move(*r));
  }
  take_in();
  for (auto& [id, left] : std::exchange(open_, {}))
    give_up(std::move(left));
}

void courier::take_in() {
  std::vector<open_command> asked;
  {
    const std::scoped_lock lock{guard_};
    bell_.clear();
    asked.swap(asked_);
  }
  for (auto& one : asked) {
    const auto before = open_.find(one.id);
    if (before == open_.end()) {
      open_.emplace(one.id, std::move(one));
      continue;
    }
    // Asked under the same id meanwhile: one answer is for both.
    before->second.then.push_back(std::move(one.then.front()));
    before->second.until = std::max(before->second.until, one.until);
  }
}

void courier::take(careline::reply r) {
  const auto found = open_.find(r.id);
  if (found == open_.end())
    return; // to what was sent more than once
  if (r.outcome == careline::outcome_kind::busy) {
    found->second.again = since_boot() + (r.retry_ms ? span{*r.retry_ms} : busy_pause_default);
    found->second.busy = std::move(r);
    return;
  }
  const auto done = std::move(found->second);
  open_.erase(found);
  for (const auto& then : done.then)
    then(r);
}

void courier::send_due() {
  const auto now = since_boot();
  for (auto at = open_.begin(); at != open_.end();) {
    auto& one = at->second;
    if (now >= one.until) {
      // Told first: while it is kept back it shows that there is no connection.
      give_up(std::move(one));
      line_->forget(at->first);
      at = open_.erase(at);
      continue;
    }
    if (now >= one.again) {
      line_->send(one.id, one.body);
      one.again = now + retry_after;
      sent_at_ = now;
    }
    ++at;
  }
}

void courier::give_up(open_command of) {
  for (const auto& then : of.then)
    then(of.busy);
}

bool courier::is_away() const {
  return line_->is_away();
}

span courier::wait() const {
  auto due = sent_at_ + beat_every_;
  for (const auto& [id, one] : open_)
    due = std::min({due, one.again, one.until});
  return std::max(due - since_boot(), span{0});
}

} // namespace careline_gateway
