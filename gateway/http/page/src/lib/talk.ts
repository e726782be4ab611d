// The lines of a chat: who said which line stands in the timeline, what it says is read apart.

import type { TimelineEvent } from './types'

export interface Line {
  from: string
  line: number
  text?: string
  time?: string
  delivered?: boolean
  /** Said here and not yet known to the engine. */
  pending?: boolean
}

/** What the agent is saying in a contact. */
export interface Draft {
  text: string
  /** Lines on their way, and those that the engine has and that were not read from it yet. */
  mine: Line[]
}

/** One for each contact at the desk: who goes to another and comes back goes on where they were. */
export class Drafts {
  private all = new Map<string, Draft>()

  /** `made`: makes what is written into seen by those who show it. */
  constructor(private readonly made: (draft: Draft) => Draft = (draft) => draft) {}

  of(contact: string): Draft {
    const draft = this.all.get(contact) ?? this.made({ text: '', mine: [] })
    this.all.set(contact, draft)
    return draft
  }

  /** What was to be said to who has left is said to nobody. */
  keep(contacts: string[]): void {
    for (const contact of [...this.all.keys()])
      if (!contacts.includes(contact)) this.all.delete(contact)
  }
}

/** What could not be said stands before what was typed since. */
export const putBack = (said: string, typed: string) => (typed ? `${said}\n${typed}` : said)

/** contact.read */
export interface ReadAnswer {
  lines?: ReadLine[]
  /** What to ask on behind. */
  next?: number
  /** How many lines there are. */
  said?: number
}

export interface ReadLine {
  from: string
  line: number
  /** Not there of a person who was forgotten. */
  text?: string
  time?: string
  delivered?: boolean
}

/** What is known with what was read behind it. */
export function readOn(before: ReadAnswer, page: ReadAnswer): ReadAnswer {
  return { ...page, lines: [...(before.lines ?? []), ...(page.lines ?? [])] }
}

export const keyOf = (line: Pick<Line, 'from' | 'line'>) => `${line.from} ${line.line}`

/** In the order in which they were said; of what nobody could read, that it was said. */
export function linesOf(timeline: TimelineEvent[], read: ReadAnswer, mine: Line[]): Line[] {
  const all = new Map<string, Line>()
  for (const event of timeline) {
    const { from = '', line = 0 } = event.data ?? {}
    if (event.type === 'contact.said')
      all.set(keyOf({ from, line }), { from, line, time: event.time })
    if (event.type !== 'contact.delivered') continue
    // Without a speaker it is of everybody who has said one of that number.
    for (const said of all.values())
      if (said.line === line && (!from || said.from === from)) said.delivered = true
  }
  for (const { from, line, text, time, delivered } of read.lines ?? []) {
    const said = all.get(keyOf({ from, line })) ?? { from, line, time, delivered }
    all.set(keyOf(said), { ...said, text })
  }
  for (const said of mine) {
    const known = all.get(keyOf(said))
    all.set(keyOf(said), known ? { ...known, text: known.text ?? said.text } : said)
  }
  return [...all.values()]
}

/** Each speaker counts from 1. */
export function nextLine(lines: Line[], from = 'agent'): number {
  return 1 + Math.max(0, ...lines.filter((l) => l.from === from).map((l) => l.line))
}
