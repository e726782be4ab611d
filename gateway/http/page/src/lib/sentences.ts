// What the log says about a contact, as keys of sentences in i18n/ and what is filled into them.

import { isolated } from './bidi'
import { clock } from './format'
import type { Candidate, Decision, TimelineEvent } from './types'

export interface Sentence {
  key: string
  values: Record<string, string | number>
}

/** Reads a key's text in the reader's language, or gives back nothing when there is none. */
export type Lookup = (key: string, values?: Record<string, unknown>) => string | undefined

function plain(x: unknown): string | number | undefined {
  if (typeof x === 'number') return Math.round(x)
  return typeof x === 'string' && x !== '' ? isolated(x) : undefined
}

/** Words of the wire that a reader should see in their own language. */
const wordFields = [
  'reason',
  'mode',
  'channel',
  'state',
  'from',
  'result',
  'language',
  'disposition',
]

/** The first of these that an event has, and that its sentence knows of, is told with it. */
const details = [
  ...['consults', 'wait_s', 'reason', 'to_agent', 'to_queue', 'disposition', 'to'],
  ...['queue', 'need'],
]

/**
 * One sentence for one event. A sentence is chosen by the event's type and, where there is one, by
 * a detail that it has (`contact_queued_wait` when a wait was told), and by whether somebody else
 * did it (`contact_finished_by`).
 */
export function sentenceOf(event: TimelineEvent, look: Lookup): Sentence {
  const values: Record<string, string | number> = {}
  for (const [name, item] of Object.entries(event.data ?? {})) {
    const shown = plain(item)
    if (shown === undefined) continue
    values[name] = wordFields.includes(name) ? (look(`word.${shown}`) ?? shown) : shown
  }
  const base = `event.${event.type.replaceAll('.', '_')}`
  const there = details.filter((detail) => values[detail] !== undefined)
  const keys = [...there.map((detail) => `${base}_${detail}`), base]
  for (const key of keys) {
    if (values.by !== undefined && look(`${key}_by`) !== undefined)
      return { key: `${key}_by`, values: { reason: '–', ...values } }
    if (look(key) !== undefined) return { key, values }
  }
  return { key: 'event.other', values: { type: event.type } }
}

/** Why this agent: who was looked at, by what order they stood, and what decided. */
export function reasonsOf(d: Decision): Sentence[] {
  const made = d.decision
  const out: Sentence[] = [
    { key: 'why.offered', values: { agent: isolated(d.agent), queue: isolated(d.queue ?? '–') } },
  ]
  if (!made) return out
  if (made.signed_in !== undefined)
    out.push({
      key: 'why.counts',
      values: { signed_in: made.signed_in, eligible: made.eligible ?? 0, ready: made.ready ?? 0 },
    })
  if (made.tie_break !== 'only' && made.strategy)
    out.push({ key: `why.strategy_${made.strategy}`, values: {} })
  const second = made.best?.[1]
  if (made.rung !== undefined) return [...out, { key: 'why.rung', values: { n: made.rung } }]
  if (!made.tie_break) return out
  // Ready and matching is not yet free for this contact: one rests, or a tier or delay holds it.
  const held = made.tie_break === 'only' ? (made.ready ?? 1) - 1 : 0
  if (held > 0) out.push({ key: 'why.tie_only_held', values: { n: held } })
  else
    out.push({
      key: `why.tie_${made.tie_break}`,
      values: { other: isolated(second?.agent ?? '–') },
    })
  return out
}

/** "contact.timed_out" as a word of i18n/: how a contact ended. */
export function endWord(endedAs: string | undefined): string | undefined {
  return endedAs?.replace(/^contact\./, '')
}

/** The event that ended a contact, with its reason. */
export function endOf(endedAs: string | undefined, timeline: TimelineEvent[]) {
  return timeline.filter((event) => event.type === endedAs).at(-1)
}

/** Why it was offered to nobody: it waits, it ended first, or it was never to wait for anybody. */
export function nobodyKey(endedAs: string | undefined, end: TimelineEvent | undefined): string {
  if (!endedAs) return 'panel.noWhy'
  return end?.data?.reason === 'safety' ? 'panel.noWhySafety' : 'panel.noWhyEnded'
}

/** More skills than anybody may name: the agent has them all. */
const allSkills = 65

const told = (key: string, values: Sentence['values'] = {}): Sentence => ({ key, values })

/** What an agent's score says by each strategy; by those without a word it says nothing. */
const scoreWords: Record<string, (score: number, offset: number) => Sentence> = {
  longest_idle: (score, offset) => told('why.idle_since', { time: clock(score, offset) }),
  least_recent: (score, offset) =>
    score > 0 ? told('why.last_ended', { time: clock(score, offset) }) : told('why.none_yet'),
  fewest_finished: (score) => told('why.finished', { n: score }),
  fewest_skills: (score) =>
    score === allSkills ? told('why.all_skills') : told('why.skills', { n: score }),
  highest_level: (score) => told('why.levels', { n: 0 - score }),
  least_loaded: (score) => told('why.load', { n: Math.round(score / 10) }),
}

/** What an agent's score means under the queue's strategy, for a person. */
export function scoreOf(
  c: Candidate,
  strategy: string | undefined,
  offset: number,
): Sentence | null {
  if (c.score === undefined) return null
  return scoreWords[strategy ?? '']?.(c.score, offset) ?? null
}
