// When a figure asks for attention, and when for action. One table, two levels; the words and the
// icons beside the colours are in LevelMark.vue.

import type { Figures, Queue } from './types'

export type Level = 'good' | 'watch' | 'act'
export const levels: Level[] = ['good', 'watch', 'act']

/** Shares from 0 to 1; `oldest` counts in the queue's own service_level_s. */
export const limits = {
  serviceLevel: { watch: 0.85, act: 0.7 }, // below
  abandonRate: { watch: 0.05, act: 0.1 }, // from
  oldest: { watch: 2, act: 6 }, // from
  oldestCentre_s: { watch: 60, act: 180 }, // from
  /** A share of so few contacts says nothing yet. */
  countedMin: 5,
}

function above(x: number | undefined, at: { watch: number; act: number }): Level {
  if (x === undefined) return 'good'
  return x >= at.act ? 'act' : x >= at.watch ? 'watch' : 'good'
}

export function worst(...of: Level[]): Level {
  return of.includes('act') ? 'act' : of.includes('watch') ? 'watch' : 'good'
}

function counted(f: Figures): number {
  return (f.answered ?? 0) + (f.abandoned ?? 0)
}

/** How many contacts the service level counts, and how many of them missed it. */
export function inTime(f: Figures): { of: number; missed: number } {
  const of = counted(f)
  return { of, missed: of * (1 - (f.sl_late ?? 1)) }
}

export function serviceLevelOf(f: Figures): Level {
  if (f.sl_late === undefined || counted(f) < limits.countedMin) return 'good'
  const { watch, act } = limits.serviceLevel
  return f.sl_late < act ? 'act' : f.sl_late < watch ? 'watch' : 'good'
}

export function abandonOf(f: Figures): Level {
  return counted(f) < limits.countedMin ? 'good' : above(f.abandon_rate, limits.abandonRate)
}

export function oldestOf(oldest_s: number | undefined, serviceLevel_s: number | undefined): Level {
  if (oldest_s === undefined) return 'good'
  const within = Math.max(serviceLevel_s ?? 15, 1)
  return above(oldest_s / within, limits.oldest)
}

export function oldestInCentre(oldest_s: number | undefined): Level {
  return above(oldest_s, limits.oldestCentre_s)
}

/** Somebody waits: is anybody there? `not_ready` agents are signed in, and serve nobody. */
export function staffOf(q: Queue): Level {
  if (!q.waiting || !q.agents) return 'good'
  const serving = (['ready', 'offered', 'busy', 'wrap_up'] as const).reduce(
    (sum, state) => sum + (q.agents?.[state] ?? 0),
    0,
  )
  return serving === 0 ? 'act' : 'good'
}

export interface QueueLevels {
  oldest: Level
  serviceLevel: Level
  abandon: Level
  staff: Level
  all: Level
}

/**
 * The level of a queue is what must be done about it now: who waits and whether anyone is there.
 * The day's service level and abandon rate are watched; alone they are no alarm, since nothing that
 * is done now can mend the morning.
 */
export function levelsOf(q: Queue, oldest_s: number | undefined): QueueLevels {
  const oldest = oldestOf(oldest_s, q.service_level_s)
  const serviceLevel = serviceLevelOf(q)
  const abandon = abandonOf(q)
  const staff = staffOf(q)
  const past: Level = worst(serviceLevel, abandon) === 'good' ? 'good' : 'watch'
  return { oldest, serviceLevel, abandon, staff, all: worst(oldest, staff, past) }
}

/** The word of a row's state: why it is what it is, so that it never denies the figures beside. */
export function stateWord(l: QueueLevels): string {
  if (l.staff === 'act') return 'nobody'
  if (l.all === 'act') return 'act'
  if (l.all === 'watch' && worst(l.serviceLevel, l.abandon) === 'act') return 'missed'
  return l.all
}
