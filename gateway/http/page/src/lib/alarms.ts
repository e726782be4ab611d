// What the board marks red, as a list that somebody says yes to.

import type { Lead } from './leads'
import { rowOf, type QueueRow } from './order'
import type { Frame } from './types'

export interface Alarm {
  /** The same alarm has the same key; what grows worse by count is another. */
  key: string
  kind: 'wait' | 'nobody' | 'promises' | 'site'
  /** The queue or site. */
  of: string
  value: number
  lead?: Lead
}

export interface Acknowledged {
  by: string
  at: number
}

function ofQueue({ id, oldest_s, levels, queue }: QueueRow): Alarm[] {
  const lead: Lead = { queue: id, list: 'waiting' }
  if (levels.staff === 'act')
    return [{ key: `nobody:${id}`, kind: 'nobody', of: id, value: queue.waiting ?? 0, lead }]
  if (levels.oldest === 'act')
    return [{ key: `wait:${id}`, kind: 'wait', of: id, value: oldest_s ?? 0, lead }]
  return []
}

/** The worst first: nobody is there, the longest wait, closed sites, broken promises. */
export function alarmsOf(frame: Frame, now_ms: number): Alarm[] {
  const queues = Object.entries(frame.queues ?? {}).flatMap(([id, q]) =>
    ofQueue(rowOf(id, q, now_ms)),
  )
  const sites = Object.entries(frame.sites ?? {})
    .filter(([, site]) => site.state === 'closed')
    .map(([id, site]): Alarm => ({
      key: `site:${id}`,
      kind: 'site',
      of: id,
      value: site.waiting ?? 0,
    }))
  const broken = frame.promises?.broken ?? 0
  const promises: Alarm[] =
    broken > 0 ? [{ key: `promises:${broken}`, kind: 'promises', of: '', value: broken }] : []
  const rank = (a: Alarm) => ['nobody', 'wait', 'site', 'promises'].indexOf(a.kind)
  return [...queues, ...sites, ...promises].sort(
    (a, b) => rank(a) - rank(b) || b.value - a.value || a.of.localeCompare(b.of),
  )
}

export type Acknowledgements = Record<string, Acknowledged>

/** An alarm that ended and comes again asks again. */
export function stillThere(acks: Acknowledgements, alarms: Alarm[]): Acknowledgements {
  const there = new Set(alarms.map((a) => a.key))
  const kept = Object.entries(acks).filter(([key]) => there.has(key))
  return kept.length === Object.keys(acks).length ? acks : Object.fromEntries(kept)
}
