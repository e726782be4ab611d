// Agents as a supervisor sees them, and who has been in one state for too long.

import { worst, type Level } from './thresholds'
import type { AgentAnswer } from './deskState'

export interface StaffAnswer extends AgentAnswer {
  idle_since?: string
  /** When the shown state began, where the engine says so. */
  since?: string
  misses?: number
  site?: string
}

export interface StaffRow {
  agent: StaffAnswer
  since: number
  /** The state was there before this page looked: it has lasted at least so long. */
  atLeast: boolean
  level: Level
}

/** Seconds in one state. What is not here is never too long. */
export const stateLimits: Record<string, { watch: number; act: number }> = {
  offered: { watch: 20, act: 60 },
  busy: { watch: 900, act: 1800 },
  wrap_up: { watch: 120, act: 300 },
  not_ready: { watch: 900, act: 2700 },
}

/** Of them who says why: a break may be longer. */
const longerReasons: Record<string, { watch: number; act: number }> = {
  lunch: { watch: 2700, act: 3600 },
  training: { watch: 7200, act: 10_800 },
  meeting: { watch: 3600, act: 5400 },
}

export function levelOfState(state: string, reason: string | undefined, seconds: number): Level {
  const longer = state === 'not_ready' ? longerReasons[reason ?? ''] : undefined
  const at = longer ?? stateLimits[state]
  if (!at) return 'good'
  return seconds >= at.act ? 'act' : seconds >= at.watch ? 'watch' : 'good'
}

/** What is shown of an agent must be the same for its time in it to go on. */
const same = (a: StaffAnswer, b: StaffAnswer) =>
  a.state === b.state && (a.reason ?? '') === (b.reason ?? '')

function beginOf(agent: StaffAnswer, before: StaffRow | undefined, now: number, first: boolean) {
  const told = agent.since ?? (agent.state === 'ready' ? agent.idle_since : undefined)
  if (told) return { since: Date.parse(told), atLeast: false }
  if (before && same(before.agent, agent)) return { since: before.since, atLeast: before.atLeast }
  return { since: now, atLeast: first }
}

/** The rows after an answer, with each state's beginning carried on. */
export function staffAfter(before: StaffRow[] | null, agents: StaffAnswer[], now: number) {
  const known = new Map((before ?? []).map((row) => [row.agent.agent, row]))
  return agents
    .filter((agent) => agent.state !== 'signed_out')
    .map((agent): StaffRow => {
      const begun = beginOf(agent, known.get(agent.agent), now, before === null)
      const seconds = (now - begun.since) / 1000
      return { agent, ...begun, level: levelOfState(agent.state, agent.reason, seconds) }
    })
}

export function relevelled(rows: StaffRow[], now: number): StaffRow[] {
  return rows.map((row) => ({
    ...row,
    level: levelOfState(row.agent.state, row.agent.reason, (now - row.since) / 1000),
  }))
}

const rank: Record<Level, number> = { act: 0, watch: 1, good: 2 }
const order = ['offered', 'busy', 'wrap_up', 'ready', 'not_ready']

/** Who needs a look first: too long, then by state, then the longest in it. */
export function byAttention(a: StaffRow, b: StaffRow): number {
  return (
    rank[a.level] - rank[b.level] ||
    order.indexOf(a.agent.state) - order.indexOf(b.agent.state) ||
    a.since - b.since ||
    a.agent.agent.localeCompare(b.agent.agent)
  )
}

export const worstOf = (rows: StaffRow[]): Level => worst(...rows.map((r) => r.level))
