#include "gateway/kit/cpp/follower_impl.hpp"

#include <algorithm>
#include <utility>

#include "gateway/kit/cpp/convert.hpp"

namespace careline_gateway {

namespace {

/// Events that wait for who uses the follower.
constexpr std::size_t ready_max = 10'000;

} // namespace

follower::impl::impl(careline::gateway::bus::subscriber_options from, following how)
    : how_(std::move(how)) {
  from.on_reset = [this](careline::position was) { put(reset{was}); };
  from.on_unreadable = [this](const std::string& sentence) { put(unreadable{sentence}); };
  subscriber_ = std::make_unique<careline::gateway::bus::bus_subscriber>(
      std::move(from), [this](const std::vector<careline::event_record>& run, careline::position) {
        for (const auto& e : run)
          put(from_wire(e));
      });
}

void follower::impl::put(item one) {
  std::unique_lock lock{guard_};
  taken_.wait(lock, [&] { return is_closed_ || ready_.size() < ready_max; });
  if (is_closed_)
    return;
  ready_.push_back(std::move(one));
  came_.notify_one();
}

std::optional<event> follower::impl::take(std::optional<milliseconds> timeout) {
  const auto is_there = [&] { return is_closed_ || !ready_.empty(); };
  for (;;) {
    std::unique_lock lock{guard_};
    if (!timeout)
      came_.wait(lock, is_there);
    else if (!came_.wait_for(lock, *timeout, is_there))
      return std::nullopt;
    if (is_closed_)
      return std::nullopt;
    const auto one = std::move(ready_.front());
    ready_.pop_front();
    taken_.notify_one();
    lock.unlock();
    if (const auto* e = std::get_if<event>(&one))
      return *e;
    if (const auto* r = std::get_if<reset>(&one); r && how_.on_reset)
      how_.on_reset(r->was);
    if (const auto* u = std::get_if<unreadable>(&one); u && how_.on_unreadable)
      how_.on_unreadable(u->sentence);
  }
}

std::uint64_t follower::impl::at() const {
  const std::scoped_lock held{closing_};
  // The subscriber first: what it hands on in between then waits here, and counts.
  auto at = subscriber_ ? subscriber_->at() : at_when_closed_;
  const std::scoped_lock lock{guard_};
  for (const auto& one : ready_)
    if (const auto* e = std::get_if<event>(&one))
      at = std::min(at, e->position - 1);
  return at;
}

bool follower::impl::is_closed() const {
  const std::scoped_lock lock{guard_};
  return is_closed_;
}

void follower::impl::close() {
  const std::scoped_lock held{closing_};
  {
    const std::scoped_lock lock{guard_};
    is_closed_ = true;
    came_.notify_all();
    taken_.notify_all();
  }
  if (!subscriber_)
    return;
  // What it hands on while it ends is dropped: it must not count as taken.
  at_when_closed_ = subscriber_->at();
  subscriber_.reset();
}

follower::follower(std::shared_ptr<impl> of) : impl_(std::move(of)) {}
follower::follower(follower&&) noexcept = default;
follower& follower::operator=(follower&& other) noexcept {
  if (impl_ && impl_ != other.impl_)
    impl_->close();
  impl_ = std::move(other.impl_);
  return *this;
}
follower::~follower() {
  if (impl_)
    impl_->close();
}

std::optional<event> follower::next(milliseconds timeout) {
  auto e = impl_->take(timeout);
  if (!e && impl_->is_closed())
    throw closed{};
  return e;
}

std::optional<event> follower::wait() {
  return impl_->take(std::nullopt);
}

std::uint64_t follower::at() const {
  return impl_->at();
}

void follower::close() {
  impl_->close();
}

} // namespace careline_gateway
