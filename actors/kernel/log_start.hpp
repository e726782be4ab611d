#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "actors/kernel/log_recovery.hpp"
#include "messages/personal.hpp"

namespace careline::kernel {

/// The capability that reacts to what others made durable, and its checkpoint's name.
inline constexpr std::string_view reacting = "routing";

/// What a new log begins with: its birth, its speed, and the checkpoint of who reacts, at 0.
store::batch first_batch(const log_birth& as, sealer& keys);

/// What the one who reacts has missed: the events that it follows, behind its checkpoint and up to
/// `head`, page by page. `damaged` when the log ends before `head`.
result<void, store::log_error>
read_missed(const store::event_log& log, position reacted, position head,
            const std::function<void(const std::vector<event_record>&)>& to);

} // namespace careline::kernel
