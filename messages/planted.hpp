#pragma once

namespace careline {

/// Bugs on purpose: the simulation must find each of them (docs/reliability.md). They are in a
/// program of tests alone that is built with CARELINE_PLANTED_BUGS and puts one in at a time;
/// everywhere else `planted` is false when it is compiled, and nothing of them is left.
enum class bug {
  none,
  acknowledges_before_sync,
  publishes_before_append,
  publishes_backwards,
  publishes_with_gaps,
  reuses_position,
  loses_last_of_group,
  ignores_failed_write,
  fills_its_queue,
  appends_after_any_head,
  skips_dedupe,
  skips_what_is_in_flight,
  answers_repeats_anew,
  takes_any_body,
  forgets_answers,
  forgets_refused_field,
  forgets_answered_data,
  loses_checkpoint,
  has_no_busy,
  forgets_leases_on_restart,
  applies_newer_snapshot,
  skips_event_after_snapshot,
  saves_less,
  forgets_rest,
  offers_one_too_many,
  accepts_for_anybody,
  finishes_for_anybody,
  leaves_offers_open,
  forgets_a_rest_is_over,
  decides_between_deadlines,
  sleeps_past_deadlines,
  forgets_to_hand_back,
  clock_goes_back,
  follower_sees_no_gap,
  refuses_help_when_full,
  timeline_lacks_newest,
  forgets_the_ended,
  ages_from_queueing,
  keeps_first_urgency,
  count_
};

#ifdef CARELINE_PLANTED_BUGS
extern bug planted_bug;
inline bool planted(bug b) noexcept {
  return planted_bug == b;
}
#else
constexpr bool planted(bug) noexcept {
  return false;
}
#endif

} // namespace careline
