#include "tests/simulation/wire.hpp"

#include <algorithm>

namespace careline::simulation {

void wire::put(span due, std::function<void()> arrive) {
  under_way_.emplace(std::pair{due, ++sent_}, std::move(arrive));
}

void wire::send(const std::string& line, const message_faults& may, std::function<void()> arrive) {
  if (all_.strikes(may.lost))
    return;
  if (all_.strikes(may.doubled))
    put(all_.at + all_.draw.from_to(span{0}, span{500}), arrive);
  if (all_.strikes(may.late)) {
    put(all_.at + all_.draw.from_to(span{5}, span{3000}), std::move(arrive));
    return;
  }
  auto& last = last_of_line_[line];
  last = std::max(last, all_.at + all_.draw.from_to(span{0}, span{2}));
  put(last, std::move(arrive));
}

void wire::deliver_one() {
  const auto arrive = std::move(under_way_.begin()->second);
  under_way_.erase(under_way_.begin());
  arrive();
}

std::optional<span> wire::next_due() const {
  return under_way_.empty() ? std::nullopt : std::optional{under_way_.begin()->first.first};
}

} // namespace careline::simulation
