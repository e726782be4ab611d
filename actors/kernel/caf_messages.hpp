#pragma once

// The one header of what actors say to each other, and the few wrappers around CAF's own names:
// a port to a newer CAF touches only the caf_* files of this folder.

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include "actors/kernel/batch_box.hpp"
#include "actors/kernel/shell.hpp"

namespace careline::kernel {

/// A command as a gateway handed it in.
struct submission {
  command_envelope what;
  std::string connection;
  respond answer;
};
/// There is something in `directory::submissions`.
struct submitted {};
/// A command is done: the reply for its sender.
struct done_with {
  std::uint64_t ticket = 0;
  reply with;
};
/// There is something in `directory::done`.
struct finished {};
struct to_handle {
  job what;
};
struct to_take_over {
  std::shared_ptr<hand_over> it;
};
struct given_back {
  dated_events events;
};
struct to_follow {
  dated_events events;
};
/// A batch of the sessions, for routing to write.
struct to_write {
  std::shared_ptr<entrusted> it;
};
struct delivered {
  delivery events;
};
struct to_show_parts {
  std::shared_ptr<const parts_question> of;
};
/// Something was heard from a client: its lease runs anew.
struct heard {
  std::string client;
};
/// `at`: steady time it was sent for, so that its sender knows which of its timers came.
struct wake_up {
  std::chrono::nanoseconds at{};
};
/// Each second: what needs no trigger but time.
struct housekeeping {};
struct tick {};
/// Runs with the follower's capability on its own thread.
struct visit_follower {
  std::shared_ptr<std::function<void(capability&, position, instant)>> with;
};
/// Asks an actor whether it still gets round to its mailbox.
struct pulse {
  std::size_t of = 0;  ///< which of `engine_gauges::pulses`
};
struct drain {
  std::shared_ptr<std::promise<void>> when_empty;
};

/// Who is there. Filled in before the first message; cleared after the last actor ended.
struct directory {
  caf::actor intake;
  caf::actor reception;
  caf::actor routing;
  caf::actor session;
  caf::actor board;

  batch_box<submission> submissions;  ///< for the intake
  batch_box<done_with> done;          ///< for the intake: a commit group's replies come at once
};

template <class Message>
void tell(const caf::actor& to, Message what) {
  caf::anon_send(to, std::move(what));
}
template <class Message>
void tell_later(const caf::actor& to, std::chrono::nanoseconds in, Message what) {
  caf::delayed_anon_send(to, in, std::move(what));
}

/// A command's reply, on its way to the intake. Any thread.
inline void tell_done(directory& peers, std::uint64_t ticket, reply with) {
  if (peers.done.put({ticket, std::move(with)}))
    tell(peers.intake, finished{});
}

} // namespace careline::kernel

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(careline::kernel::submitted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(careline::kernel::finished)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(careline::kernel::to_handle)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(careline::kernel::to_take_over)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(careline::kernel::given_back)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(careline::kernel::to_follow)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(careline::kernel::to_write)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(careline::kernel::delivered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(careline::kernel::to_show_parts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(careline::kernel::heard)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(careline::kernel::wake_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(careline::kernel::housekeeping)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(careline::kernel::tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(careline::kernel::visit_follower)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(careline::kernel::pulse)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(careline::kernel::drain)
