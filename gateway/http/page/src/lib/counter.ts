// The counter that an agent works at: its name, whose numbers are called to it, what came of it.

import { kept } from './journal'
import type { Sentence } from './sentences'

export interface Counter {
  /** Empty: the agent works at none. */
  name: string
  /** Only those of this queue are called; empty: whoever has a ticket. */
  queue: string
}

export const counterKey = (agent: string) => `careline.counter.${agent}`

/** What was kept on this machine; anything else is no counter. */
export function keptCounter(text: string | null): Counter {
  const { name, queue } = kept<Partial<Counter>>(text, {})
  const plain = (x: unknown) => (typeof x === 'string' ? x : '')
  return { name: counterName(plain(name)) ?? '', queue: plain(queue) }
}

const bytes_max = 128

/** As the engine takes it: an id, with nothing around it. */
export function counterName(typed: string): string | undefined {
  const name = typed.trim()
  const fits = new TextEncoder().encode(name).length <= bytes_max
  return name && fits && !/\p{Cc}/u.test(name) ? name : undefined
}

/** Those of `queue.list` that give numbers. */
export function ticketQueues(queues: { queue: string; ticket?: string }[]): string[] {
  return queues
    .filter((one) => one.ticket)
    .map((one) => one.queue)
    .sort()
}

type Told = Record<string, any> | undefined

/**
 * The data of `agent.call_next`. A queue that gives no numbers any more is not asked for; as long
 * as it is not known which do (`queues` undefined), the chosen one is.
 */
export function callData(
  agent: string,
  at: Counter,
  queues: string[] | undefined,
): Record<string, unknown> {
  const { name: counter, queue } = at
  const isAsked = queue !== '' && (queues?.includes(queue) ?? true)
  return { agent, counter, ...(isAsked ? { queue } : {}) }
}

/** The engine takes the call also where nobody waits: it says so, and nothing has changed. */
export function calledSentence(told: Told, counter: string): Sentence {
  const ticket = String(told?.ticket ?? '')
  return ticket
    ? { key: 'counter.called', values: { ticket, counter } }
    : { key: 'counter.nobody', values: {} }
}

/** Who was called in vain goes back into the line, or has gone home. */
export function missedSentence(told: Told): Sentence {
  const ticket = String(told?.ticket ?? '')
  return told?.state === 'ended'
    ? { key: 'counter.gone', values: { ticket } }
    : { key: 'counter.back', values: { ticket, place: Number(told?.queue_position ?? 0) } }
}
