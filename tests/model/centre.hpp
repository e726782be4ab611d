#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/board/model.hpp"
#include "actors/desks.hpp"
#include "actors/kernel/virtual_kernel.hpp"
#include "actors/reception/model.hpp"
#include "actors/routing/model.hpp"

namespace careline::centre_story {

/// 2 March 2026, a Monday, 09:00 at +08:00.
inline const instant nine = from_ms(1'772'413'200'000);

/// A whole centre on virtual time, told one sentence at a time; `at` is seconds after nine o'clock.
class centre {
public:
  centre();
  /// Folds all that happened into new models and compares: what lives equals what is replayed.
  ~centre();
  centre(const centre&) = delete;
  centre& operator=(const centre&) = delete;

  /// A command with its data as JSON. What is refused is told by its code.
  reply say(double at, std::string_view type, std::string_view json,
            const std::string& by = "desk");
  /// The answer to a query.
  value ask(double at, std::string_view type, std::string_view json);
  void wait_until(double at);
  void queue(std::string_view json) { say(0, "queue.define", json); }
  void happened(double at, event e);
  /// The engine dies and comes back: routing is read from what was saved of it, or folded from the
  /// log.
  enum class back_from { snapshot, log };
  void restart(back_from source);

  /// What happened since it was last asked, one event a line: "offer.made C1 A". Agent states are
  /// told with the state: "agent.state_changed A busy"; ends and moves with their reason.
  std::vector<std::string> news();
  /// The same, without what agents show.
  std::vector<std::string> contact_news();
  /// The data of the last event of that type.
  value last(std::string_view type) const;
  std::size_t count(std::string_view type) const;
  /// All that happened, each with its time.
  const std::vector<std::pair<instant, event>>& log() const noexcept { return log_; }

private:
  class restartable;

  reception::reception_model reception_;
  std::unique_ptr<restartable> routing_;
  board::board_model board_;
  std::vector<kernel::desk> desks_ = make_desks();
  std::vector<std::pair<instant, event>> log_;
  std::size_t told_ = 0;
  std::unique_ptr<kernel::virtual_kernel> kernel_;
};

using lines = std::vector<std::string>;

/// Why not, or the outcome of what was taken.
std::string code_of(const reply& r);

} // namespace careline::centre_story
