// How a contact may end: by its queue's own list where that has one, else by the desks'.

import { dispositions } from './codes'

/** Of what `queue.show` said of the contact's queue; nothing was said: the desks' own. */
export function dispositionsOf(queue: { dispositions?: unknown } | null | undefined): string[] {
  const own = queue?.dispositions
  const words = Array.isArray(own) ? own.filter((word) => typeof word === 'string') : []
  return words.length > 0 ? words : dispositions
}
