import { levels, levelsOf, type QueueLevels } from './thresholds'
import type { Queue } from './types'

export interface QueueRow {
  id: string
  queue: Queue
  oldest_s: number | undefined
  levels: QueueLevels
}

export function waitingSince(since: number | null | undefined, now_ms: number): number | undefined {
  return since === undefined || since === null ? undefined : Math.max(0, (now_ms - since) / 1000)
}

export function rowOf(id: string, queue: Queue, now_ms: number): QueueRow {
  const oldest_s = waitingSince(queue.oldest_since, now_ms)
  return { id, queue, oldest_s, levels: levelsOf(queue, oldest_s) }
}

const byName = new Intl.Collator(['zh-CN', 'en'], { numeric: true })

/** Who needs somebody most comes first: level, oldest wait in its own measure, how many wait. */
export function byNeed(a: QueueRow, b: QueueRow): number {
  const level = levels.indexOf(b.levels.all) - levels.indexOf(a.levels.all)
  if (level !== 0) return level
  const late = (r: QueueRow) => (r.oldest_s ?? -1) / Math.max(r.queue.service_level_s ?? 15, 1)
  // A tenth of the measure is not worth changing places for.
  const wait = Math.round(late(b) * 10) - Math.round(late(a) * 10)
  if (wait !== 0) return wait
  const waiting = (b.queue.waiting ?? 0) - (a.queue.waiting ?? 0)
  return waiting !== 0 ? waiting : byName.compare(a.id, b.id)
}

export type SortKey = 'need' | 'name' | 'waiting' | 'oldest' | 'service' | 'abandon' | 'progress'

export function sorter(key: SortKey): (a: QueueRow, b: QueueRow) => number {
  const down = (of: (r: QueueRow) => number) => (a: QueueRow, b: QueueRow) =>
    of(b) - of(a) || byName.compare(a.id, b.id)
  switch (key) {
    case 'need':
      return byNeed
    case 'name':
      return (a, b) => byName.compare(a.id, b.id)
    case 'waiting':
      return down((r) => r.queue.waiting ?? 0)
    case 'oldest':
      return down((r) => r.oldest_s ?? -1)
    case 'service':
      return down((r) => -(r.queue.sl_late ?? 2))
    case 'abandon':
      return down((r) => r.queue.abandon_rate ?? -1)
    case 'progress':
      return down((r) => r.queue.in_progress ?? 0)
  }
}

/** The value that most of these have; nothing where none has any. */
export function mostCommon<T, V>(among: T[], of: (item: T) => V | undefined): V | undefined {
  const counts = new Map<V, number>()
  let most: V | undefined
  for (const item of among) {
    const value = of(item)
    if (value === undefined) continue
    counts.set(value, (counts.get(value) ?? 0) + 1)
    if (most === undefined || (counts.get(value) ?? 0) > (counts.get(most) ?? 0)) most = value
  }
  return most
}

export function matches(id: string, search: string): boolean {
  return search.trim() === '' || id.toLowerCase().includes(search.trim().toLowerCase())
}
