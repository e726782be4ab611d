import { expect, test } from 'vitest'
import { commandOf, keepsReason, toolsFor, type Tool } from './tools'

const contact = (state: string, more = {}) => ({ contact: 'C', state, ...more })
const talk = contact('connected', { agent: 'A' })
const use = (tool: Tool, of: ReturnType<typeof contact> = talk) =>
  commandOf({ tool, contact: of, to: 'vip', by: 'S', reason: 'overload' })

test('what can be done about a contact goes by where it is', () => {
  expect(toolsFor(contact('waiting'), 'S')).toEqual(['move'])
  expect(toolsFor(contact('offered'), 'S')).toEqual(['pullBack', 'move'])
  expect(toolsFor(contact('ended'), 'S')).toEqual([])
  expect(toolsFor(undefined, 'S')).toEqual([])
  expect(toolsFor(talk, 'S')).toContain('monitor')
  expect(toolsFor(talk, 'S')).not.toContain('end')
  const heard = { ...talk, supervisors: [{ by: 'S', mode: 'monitor' }] }
  expect(toolsFor(heard, 'S')).not.toContain('monitor')
  expect(toolsFor(heard, 'S')).toContain('end')
  expect(toolsFor(talk, 'A')).not.toContain('monitor')
})

test('each tool is the engine’s command, with the reason where the engine keeps one', () => {
  const offered = contact('offered', { offered_to: [{ agent: 'A', expires: '' }] })
  expect(use('pullBack', offered)).toEqual({
    type: 'offer.pull_back',
    data: { contact: 'C', agent: 'A', by: 'S', reason: 'overload' },
  })
  expect(use('move', contact('waiting')).data).toEqual({ contact: 'C', queue: 'vip' })
  expect(use('move').data).toEqual({ contact: 'C', agent: 'A', to_queue: 'vip' })
  expect(use('toAgent').data).toEqual({ contact: 'C', agent: 'A', to_agent: 'vip' })
  expect(use('whisper')).toEqual({
    type: 'contact.supervise',
    data: { contact: 'C', by: 'S', mode: 'whisper', reason: 'overload' },
  })
  expect(use('close').data).toMatchObject({ disposition: 'overload' })
  expect(keepsReason('move')).toBe(false)
  expect(keepsReason('barge')).toBe(true)
})
