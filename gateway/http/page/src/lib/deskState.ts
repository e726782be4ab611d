// What an agent's desk shows, made from the engine's answers alone: the same answers give the same
// desk.

import type { Action } from './shortcuts'
import type { TimelineEvent } from './types'

export type Here = 'asking' | 'away' | 'here'

/** agent.show */
export interface AgentAnswer {
  agent: string
  state: string
  ready?: boolean
  reason?: string
  skills?: Record<string, number>
  channels?: Record<string, number>
  queues?: Record<string, unknown>
  contacts?: { contact: string; channel: string; offered?: boolean; ticket?: string }[]
  finished?: number
  blocks?: Record<string, unknown>
  capacity?: number
  costs?: Record<string, unknown>
  site?: string
}

/** contact.show */
export interface ContactAnswer {
  contact: string
  state?: string
  ended_as?: string
  channel?: string
  queue?: string
  agent?: string
  urgency?: number
  opened?: string
  skills?: string[]
  offered_to?: { agent: string; expires: string }[]
  callback?: boolean
  consults?: string
  supervisors?: { by: string; mode: string }[]
  need?: string
  ticket?: string
  timeline?: TimelineEvent[]
}

export interface Engaged {
  contact: string
  channel: string
  ticket?: string
}

export interface Desk {
  here: Here
  agent: AgentAnswer | null
  offers: Engaged[]
  inHand: Engaged[]
  /** Which of them is worked on. */
  open: string
  contacts: Record<string, ContactAnswer>
  /** Engine time at which wrap-up began, as far as the desk knows. */
  wrapSince: number | null
  /** What the agent was on last: its queue says how long the wrap-up is. */
  last: string
}

export type News =
  | { is: 'agent'; answer: AgentAnswer; now: number }
  | { is: 'unknown' }
  | { is: 'contact'; answer: ContactAnswer }
  | { is: 'opened'; contact: string }

export const emptyDesk: Desk = {
  here: 'asking',
  agent: null,
  offers: [],
  inHand: [],
  open: '',
  contacts: {},
  wrapSince: null,
  last: '',
}

function onAgent(desk: Desk, answer: AgentAnswer, now: number): Desk {
  const all = answer.contacts ?? []
  const engaged = (offered: boolean) =>
    all
      .filter((c) => (c.offered ?? false) === offered)
      .map(({ contact, channel, ticket }) => ({ contact, channel, ...(ticket ? { ticket } : {}) }))
  const inHand = engaged(false)
  const offers = engaged(true)
  const there = (contact: string) => inHand.some((c) => c.contact === contact)
  const taken = inHand.find((c) => desk.offers.some((o) => o.contact === c.contact))
  const open = taken?.contact ?? (there(desk.open) ? desk.open : (inHand[0]?.contact ?? ''))
  const kept = new Set(all.map((c) => c.contact))
  const wraps = answer.state === 'wrap_up'
  return {
    here: answer.state === 'signed_out' ? 'away' : 'here',
    agent: answer,
    offers,
    inHand,
    open,
    contacts: Object.fromEntries(Object.entries(desk.contacts).filter(([id]) => kept.has(id))),
    wrapSince: wraps ? (desk.wrapSince ?? now) : null,
    last: open || desk.open || desk.last,
  }
}

export function reduce(desk: Desk, news: News): Desk {
  switch (news.is) {
    case 'agent':
      return onAgent(desk, news.answer, news.now)
    case 'unknown':
      return { ...emptyDesk, here: 'away' }
    case 'contact': {
      const id = news.answer.contact
      if (![...desk.offers, ...desk.inHand].some((c) => c.contact === id)) return desk
      return { ...desk, contacts: { ...desk.contacts, [id]: news.answer } }
    }
    case 'opened':
      return desk.inHand.some((c) => c.contact === news.contact)
        ? { ...desk, open: news.contact, last: news.contact }
        : desk
  }
}

/** The offer that stands first: it came first. */
export const offerOf = (desk: Desk): Engaged | undefined => desk.offers[0]

export const isHeld = (desk: Desk): boolean => desk.contacts[desk.open]?.state === 'held'

/**
 * Written word by word, where others are spoken to. Who drew a ticket at a kiosk comes in person.
 */
export const isWritten = (of: { channel?: string; ticket?: string } | undefined): boolean =>
  of?.channel !== undefined &&
  !['phone', 'counter'].includes(of.channel) &&
  !(of.channel === 'kiosk' && of.ticket)

export interface Call {
  counter: string
  /** How often the number was called once more. */
  again: number
}

/** How this agent called the ticket of the talk; nothing: it came without being called. */
export function callOf(answer: ContactAnswer | undefined, agent: string): Call | undefined {
  const last = (answer?.timeline ?? [])
    .filter((e) => e.type === 'contact.connected' || e.type === 'ticket.called')
    .at(-1)
  if (last?.type !== 'ticket.called' || last.data?.agent !== agent) return undefined
  return { counter: String(last.data.counter ?? ''), again: Number(last.data.again ?? 0) }
}

/** Whom the agent has called and is with now: the first, whom the engine means too. */
export function calledIn(desk: Desk): Engaged | undefined {
  const agent = desk.agent?.agent ?? ''
  return desk.inHand.find((c) => c.ticket && callOf(desk.contacts[c.contact], agent))
}

/** Nobody else is called while somebody is in hand; an offer of somebody with a ticket is taken. */
const canCall = (desk: Desk): boolean =>
  desk.offers.some((c) => c.ticket) || desk.offers.length + desk.inHand.length === 0

/**
 * What may be done now. The engine has the last word; this spares its refusals.
 * `counter`: the name of the agent's counter, '' where it has none yet, null for who may not call.
 */
export function possible(desk: Desk, counter: string | null = null): Set<Action> {
  const out = new Set<Action>()
  if (desk.here !== 'here') return out
  const wraps = desk.agent?.state === 'wrap_up'
  if (wraps) out.add('wrapUp')
  if (desk.agent?.ready === false) out.add('ready')
  else out.add('notReady')
  if (desk.offers.length > 0) for (const action of ['accept', 'decline'] as const) out.add(action)
  if (counter && canCall(desk)) out.add('callNext')
  if (counter !== null && calledIn(desk))
    for (const action of ['recall', 'miss'] as const) out.add(action)
  if (!desk.open) return out
  for (const action of ['customer', 'promise'] as const) out.add(action)
  // Until the person has answered there is no talk.
  if (desk.contacts[desk.open]?.state === 'dialing') return out
  for (const action of ['hold', 'transfer', 'finish'] as const) out.add(action)
  if (isWritten(desk.inHand.find((c) => c.contact === desk.open))) out.add('say')
  return out
}

/** The part of the desk where the work is. */
export type Place = 'state' | 'offer' | 'talk' | 'contact' | 'wrapUp'

/** Where the focus goes after a change; nothing: it stays where it is. */
export function focusAfter(before: Desk, after: Desk): Place | undefined {
  const isNew = (now: Engaged[], then: Engaged[]) =>
    now.some((c) => !then.some((t) => t.contact === c.contact))
  if (isNew(after.inHand, before.inHand)) {
    return isWritten(after.inHand.find((c) => c.contact === after.open)) ? 'talk' : 'contact'
  }
  // Somebody who writes to one person is not torn away by the next: the offer is said aloud.
  if (isNew(after.offers, before.offers)) return after.inHand.length === 0 ? 'offer' : undefined
  if (after.wrapSince !== null && before.wrapSince === null) return 'wrapUp'
  const wasBusy = before.inHand.length + before.offers.length > 0 || before.wrapSince !== null
  const isFree = after.inHand.length + after.offers.length === 0 && after.wrapSince === null
  return wasBusy && isFree ? 'state' : undefined
}

/** Which of these subjects ("contact/C-1") the desk shows: what must be asked again. */
export function touched(desk: Desk, agent: string, subjects: string[]) {
  const mine = new Set([...desk.offers, ...desk.inHand].map((c) => `contact/${c.contact}`))
  return {
    // "*": so much happened that nobody says what.
    agent: subjects.includes(`agent/${agent}`) || subjects.includes('*'),
    contacts: subjects.filter((s) => mine.has(s)).map((s) => s.slice('contact/'.length)),
    queues: subjects.some((s) => s === '*' || s.startsWith('queue/')),
  }
}

/** When the open offer to this agent was made: the ring begins there. */
export function offeredAt(answer: ContactAnswer | undefined, agent: string): string | undefined {
  return (answer?.timeline ?? [])
    .filter((e) => e.type === 'offer.made' && e.data?.agent === agent)
    .at(-1)?.time
}

export function expiresFor(answer: ContactAnswer | undefined, agent: string): string | undefined {
  return answer?.offered_to?.find((o) => o.agent === agent)?.expires
}

/** When the talk began: the last time that it was connected. */
export function talkingSince(answer: ContactAnswer | undefined): number | undefined {
  const time = (answer?.timeline ?? []).filter((e) => e.type === 'contact.connected').at(-1)?.time
  return time === undefined ? undefined : Date.parse(time)
}

/** The data of agent.sign_in: all that the agent had last time, on the channels chosen now. */
export function signInData(
  agent: string,
  before: AgentAnswer | null,
  channels: Record<string, number>,
  ready: boolean,
): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const field of ['skills', 'queues', 'blocks', 'capacity', 'costs', 'site'] as const)
    if (before?.[field] !== undefined && before[field] !== null) kept[field] = before[field]
  // One room for all channels stands instead of places on each.
  return { agent, ready, ...kept, ...(kept.capacity === undefined ? { channels } : {}) }
}
