// A figure of the whole centre leads to the queue that makes it so, and there to its contacts.

import type { QueueRow } from './order'
import { inTime } from './thresholds'

export const lists = ['waiting', 'progress', 'recent'] as const
export type List = (typeof lists)[number]
export type Tile = 'waiting' | 'oldest' | 'service' | 'abandon' | 'progress'

export interface Lead {
  queue: string
  list: List
}

const table: Record<Tile, { list: List; of: (row: QueueRow) => number }> = {
  waiting: { list: 'waiting', of: ({ queue }) => queue.waiting ?? 0 },
  oldest: { list: 'waiting', of: ({ oldest_s }) => oldest_s ?? 0 },
  // Not the worst share: the queue whose contacts weigh most in the centre's.
  service: { list: 'recent', of: ({ queue }) => inTime(queue).missed },
  abandon: { list: 'recent', of: ({ queue }) => queue.abandoned ?? 0 },
  progress: { list: 'progress', of: ({ queue }) => queue.in_progress ?? 0 },
}

/** Where a tile leads; nothing when no queue has any of what it counts. */
export function leadOf(tile: Tile, rows: QueueRow[]): Lead | undefined {
  const { list, of } = table[tile]
  let most: QueueRow | undefined
  for (const row of rows) if (of(row) > (most ? of(most) : 0)) most = row
  return most && { queue: most.id, list }
}

/** The list that a queue opens with when no figure was pressed: those who wait, if any do. */
export function firstList(row: QueueRow | undefined): List {
  if (!row || (row.queue.waiting ?? 0) > 0) return 'waiting'
  const { serviceLevel, abandon } = row.levels
  return serviceLevel !== 'good' || abandon !== 'good' ? 'recent' : 'waiting'
}
