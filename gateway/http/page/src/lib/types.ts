// What a frame holds; written by actors/board/frames. A figure without a base is not there.

export interface Figures {
  waiting?: number
  oldest_waiting_s?: number
  longest_wait_s?: number
  wait_estimate_s?: number
  in_progress?: number
  queued?: number
  answered?: number
  abandoned?: number
  refused?: number
  timed_out?: number
  abandon_rate?: number
  asa_s?: number
  aht_s?: number
  occupancy?: number
  sl_answered?: number
  sl_offered?: number
  sl_left?: number
  sl_strict?: number
  sl_no_short?: number
  sl_late?: number
  oldest_since?: number | null
}

export const agentStates = ['ready', 'offered', 'busy', 'wrap_up', 'not_ready'] as const
export type AgentState = (typeof agentStates)[number]
export type AgentCounts = Partial<Record<string, number>>

export interface Queue extends Figures {
  agents?: AgentCounts
  service_level_s?: number
  weight?: number
}

/** Its queues' figures added up. */
export interface Site extends Figures {
  state?: 'open' | 'closed'
  agents?: AgentCounts
}

/** What people were told would happen, and has not yet. */
export interface Promises {
  open?: number
  broken?: number
  next_due?: string
}

/** Where people are led to; open by its hours and its site. */
export interface Area {
  kind: string
  queue: string
  open: boolean
  site?: string
}

/** A ticket, and the counter that it was called to. */
export interface Call {
  ticket: string
  counter: string
}

export interface Minute {
  t: number
  waiting?: number
  offered?: number
  answered?: number
  abandoned?: number
  sl?: number
}

export interface Frame {
  position?: number
  time?: string
  offset_minutes?: number
  speed?: number
  simulated?: boolean
  centre?: Figures
  channels?: Record<string, Figures>
  agents?: AgentCounts
  queues?: Record<string, Queue>
  sites?: Record<string, Site>
  promises?: Promises
  areas?: Record<string, Area>
  tickets?: Record<string, Call[]>
  history?: Minute[]
}

export interface Problem {
  type: string
  title: string
  field?: string
  detail?: string
}

export interface Reply {
  id?: string
  outcome: string
  position?: number
  data?: any
  problem?: Problem
}

export interface TimelineEvent {
  position: number
  type: string
  time: string
  actor?: string
  data: Record<string, any>
}

export interface Candidate {
  agent: string
  tier?: number
  busy?: boolean
  missed?: boolean
  score?: number
}

export interface Decision {
  position: number
  time: string
  agent: string
  queue?: string
  number?: number
  decision?: {
    strategy?: string
    signed_in?: number
    eligible?: number
    ready?: number
    best?: Candidate[]
    tie_break?: string
    rung?: number
  }
}

export interface WaitingContact {
  contact: string
  queue_position?: number
  age_s?: number
  urgency?: number
  channel?: string
  ticket?: string
}

export interface TalkingContact {
  contact: string
  agent?: string
  since?: string
  state?: string
  channel?: string
  wait_s?: number
}

/** Ended unserved, or answered later than the queue promises. */
export interface EndedContact {
  contact: string
  ended_as?: string
  at?: string
  wait_s?: number
  channel?: string
  agent?: string
}

export interface QueueContacts {
  waiting?: WaitingContact[]
  in_progress?: TalkingContact[]
  recent?: EndedContact[]
}
