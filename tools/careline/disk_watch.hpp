#pragma once

#include <optional>
#include <string>

#include "messages/envelope.hpp"
#include "store/event_log.hpp"
#include "tools/careline/config.hpp"

namespace careline::program {

store::disk_limits limits_of(const config& c);
/// "84.2 % of what the log may take is used, 1200.5 MB are left until opening is refused".
std::string disk_sentence(const store::disk_room& room);

/// Says it in the journal when a level is reached, for those who look at nothing else. One thread.
class disk_watch {
public:
  /// `of` outlives it.
  explicit disk_watch(const config& of) : config_(of) {}

  /// `log` has grown to `head`. Looks at its room now and then; a sentence when it is worse than it
  /// was.
  std::optional<std::string> reached(position head, const store::event_log& log);

private:
  const config& config_;
  position next_look_ = 0;
  store::disk_level told_ = store::disk_level::ok;
};

} // namespace careline::program
