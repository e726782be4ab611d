// What a supervisor can do about one contact, by the state that it is in.

import type { ContactAnswer } from './deskState'

export type Tool =
  'pullBack' | 'move' | 'toAgent' | 'monitor' | 'whisper' | 'barge' | 'end' | 'close'

export interface Use {
  tool: Tool
  contact: ContactAnswer
  /** The queue or agent that it goes to. */
  to: string
  by: string
  /** Why; of a contact that is closed, how it ended. */
  reason: string
}

const inTalk = (c: ContactAnswer) => c.state === 'connected' || c.state === 'held'

export function toolsFor(contact: ContactAnswer | undefined, by: string): Tool[] {
  if (!contact) return []
  if (contact.state === 'offered') return ['pullBack', 'move']
  if (contact.state === 'waiting') return ['move']
  if (!inTalk(contact)) return []
  const there = contact.supervisors?.find((s) => s.by === by)
  const modes = (['monitor', 'whisper', 'barge'] as const).filter((m) => m !== there?.mode)
  const mine = contact.agent === by ? [] : there ? [...modes, 'end' as const] : modes
  return [...mine, 'move', 'toAgent', 'close']
}

export const needsTarget = (tool: Tool) => tool === 'move' || tool === 'toAgent'

/** The command that does it. The engine keeps who did it and why. */
export function commandOf(use: Use): { type: string; data: Record<string, unknown> } {
  const { contact, by, reason, to, tool } = use
  const id = { contact: contact.contact }
  const talk = { ...id, agent: contact.agent }
  switch (tool) {
    case 'pullBack': {
      const agent = contact.offered_to?.[0]?.agent ?? ''
      return { type: 'offer.pull_back', data: { ...id, agent, by, reason } }
    }
    case 'move':
      return inTalk(contact)
        ? { type: 'contact.transfer', data: { ...talk, to_queue: to, by, reason } }
        : { type: 'contact.change', data: { ...id, queue: to, by, reason } }
    case 'toAgent':
      return { type: 'contact.transfer', data: { ...talk, to_agent: to, by, reason } }
    case 'close':
      return { type: 'contact.finish', data: { ...talk, disposition: reason, by } }
    default:
      return { type: 'contact.supervise', data: { ...id, by, mode: tool, reason } }
  }
}
