#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "tests/simulation/setting.hpp"

namespace careline::simulation {

/// What may happen to one kind of message.
struct message_faults {
  fault lost;
  fault doubled;
  fault late;
};

/// Messages under way. One line keeps its order, as a connection does, until a fault comes.
class wire {
public:
  explicit wire(setting& all) : all_(all) {}

  /// `arrive` is called when it gets there: never, once or twice.
  void send(const std::string& line, const message_faults& may, std::function<void()> arrive);
  bool has_due() const { return !under_way_.empty() && under_way_.begin()->first.first <= all_.at; }
  void deliver_one();
  std::optional<span> next_due() const;
  std::size_t size() const noexcept { return under_way_.size(); }

private:
  void put(span due, std::function<void()> arrive);

  setting& all_;
  std::map<std::pair<span, std::uint64_t>, std::function<void()>> under_way_;
  std::map<std::string, span> last_of_line_;
  std::uint64_t sent_ = 0;
};

} // namespace careline::simulation
