// A queue's limits as a supervisor changes them. `queue.define` replaces a policy as a whole, so
// all that it has now is said again with it.

/** Fields of messages/routing_policy.hpp; what else queue.show tells is no policy. */
export const policyFields = [
  ...['queue', 'skills', 'strategy', 'weight', 'length_max', 'wait_s_max', 'ring_s', 'retry_s'],
  ...['wrap_up_s', 'wrap_up', 'service_level_s', 'misses_max', 'misses_then', 'rest_s'],
  ...['join_when', 'leave_when', 'rules', 'members', 'tiers_ignored_up_to', 'refuse_wait_s'],
  ...['refuse_length', 'overflow_to', 'wait_estimate', 'callback_attempts', 'callback_spacing_s'],
  ...['talk_s_max', 'resume_s', 'fair_share', 'offer_when_busy', 'fallback', 'site', 'ticket'],
  ...['ticket_misses', 'miss_back', 'tell_step_s', 'tell_every_s', 'callback_above_s'],
  'dispositions',
]

export interface Limits {
  length_max: number | null
  wait_s_max: number | null
  service_level_s: number
  weight: number
}

export const limitFields = ['length_max', 'wait_s_max', 'service_level_s', 'weight'] as const
export type LimitField = (typeof limitFields)[number]
/** Without one of these a queue has no such limit. */
export const mayBeAbsent = (field: LimitField) => field === 'length_max' || field === 'wait_s_max'

export function limitsOf(shown: Record<string, any>): Limits {
  const number = (x: unknown) => (typeof x === 'number' ? x : null)
  return {
    length_max: number(shown.length_max),
    wait_s_max: number(shown.wait_s_max),
    service_level_s: number(shown.service_level_s) ?? 15,
    weight: number(shown.weight) ?? 1,
  }
}

/** The data of `queue.define` that changes these limits and nothing else; who does it, and why. */
export function definitionWith(
  shown: Record<string, any>,
  limits: Limits,
  why: { by: string; reason: string },
): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const field of policyFields)
    if (shown[field] !== undefined && shown[field] !== null) out[field] = shown[field]
  for (const field of limitFields) {
    if (limits[field] === null) delete out[field]
    else out[field] = limits[field]
  }
  return { ...out, ...why }
}

export function changedLimits(before: Limits, after: Limits): LimitField[] {
  return limitFields.filter((field) => before[field] !== after[field])
}
