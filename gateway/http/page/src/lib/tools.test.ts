import { expect, test } from 'vitest'
import { commandOf, toolsFor, type Tool } from './tools'

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

test('each tool is the engine’s command, with who does it and why', () => {
  const offered = contact('offered', { offered_to: [{ agent: 'A', expires: '' }] })
  expect(use('pullBack', offered)).toEqual({
    type: 'offer.pull_back',
    data: { contact: 'C', agent: 'A', by: 'S', reason: 'overload' },
  })
  const why = { by: 'S', reason: 'overload' }
  expect(use('move', contact('waiting'))).toEqual({
    type: 'contact.change',
    data: { contact: 'C', queue: 'vip', ...why },
  })
  expect(use('move')).toEqual({
    type: 'contact.transfer',
    data: { contact: 'C', agent: 'A', to_queue: 'vip', ...why },
  })
  expect(use('toAgent').data).toEqual({ contact: 'C', agent: 'A', to_agent: 'vip', ...why })
  expect(use('whisper')).toEqual({
    type: 'contact.supervise',
    data: { contact: 'C', by: 'S', mode: 'whisper', reason: 'overload' },
  })
  // How it ended is why it was closed.
  expect(use('close')).toEqual({
    type: 'contact.finish',
    data: { contact: 'C', agent: 'A', disposition: 'overload', by: 'S' },
  })
})
