#pragma once

// The one header of what actors say to each other, and the few wrappers around CAF's own names:
// a port to a newer CAF touches only the caf_* files of this folder.

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <map>
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
#include "messages/happens_before.hpp"

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
/// An event of the engine itself or of a door, to be written.
struct to_note {
  std::shared_ptr<const event> what;
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

/// Who is there. Filled in before the first message; cleared after the last actor ended. Who wakes
/// by a timer of its own may do so earlier, and asks whether it is complete.
struct directory {
  caf::actor intake;
  caf::actor reception;
  caf::actor routing;
  caf::actor session;
  caf::actor board;
  std::map<owner, caf::actor> desks;
  std::atomic<bool> is_complete{false};

  batch_box<submission> submissions;  ///< for the intake
  batch_box<done_with> done;          ///< for the intake: a commit group's replies come at once
};

/// What CAF's own functions do, in two steps: ThreadSanitizer is told of the hand-over
/// (messages/happens_before.hpp) when the message is whole and before the mailbox has it.
template <class Message>
caf::mailbox_element_ptr letter_to(const caf::actor& to, Message what) {
  auto letter = caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(what));
  happens_before(to.operator->());
  return letter;
}
template <class Message>
void tell(const caf::actor& to, Message what) {
  if (to)
    to->enqueue(letter_to(to, std::move(what)), nullptr);
}
template <class Message>
void tell_later(const caf::actor& to, std::chrono::nanoseconds in, Message what) {
  auto& clock = to->home_system().clock();
  clock.schedule_message(clock.now() + in, caf::actor_cast<caf::strong_actor_ptr>(to),
                         letter_to(to, std::move(what)));
}
/// As `exit_reason::user_shutdown`: it was told to.
inline void tell_to_end(const caf::actor& to) {
  if (to)
    to->enqueue(letter_to(to, caf::exit_msg{to->address(), caf::exit_reason::user_shutdown}),
                nullptr);
}
/// After CAF said that all ended: what this one did happens before what follows.
inline void heard_its_end(const caf::actor& of) {
  if (of)
    happens_after(of.operator->());
}

#ifdef __SANITIZE_THREAD__
/// An actor whose mailbox ThreadSanitizer sees: what was told happens before it is heard, and each
/// message after the one before it, whichever of CAF's threads runs the actor.
class engine_actor : public caf::event_based_actor {
public:
  using caf::event_based_actor::event_based_actor;

  void initialize() override {
    caf::event_based_actor::initialize();
    happens_before(mailbox_address());
  }
  caf::invoke_message_result consume(caf::mailbox_element& heard) override {
    happens_after(mailbox_address());
    const auto came_of_it = caf::event_based_actor::consume(heard);
    happens_before(mailbox_address());
    return came_of_it;
  }
  void on_exit() override { happens_after(mailbox_address()); }
  void on_destroy() override {
    happens_after(mailbox_address());
    caf::event_based_actor::on_destroy();
  }

private:
  const caf::abstract_actor* mailbox_address() const noexcept { return this; }
};
#else
using engine_actor = caf::event_based_actor;
#endif

/// A command's reply, on its way to the intake. Any thread.
inline void tell_done(directory& peers, std::uint64_t ticket, reply with) {
  if (peers.done.put({ticket, std::move(with)}))
    tell(peers.intake, finished{});
}

} // namespace careline::kernel

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(careline::kernel::submitted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(careline::kernel::finished)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(careline::kernel::to_note)
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
