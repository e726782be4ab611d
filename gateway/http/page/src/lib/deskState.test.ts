import { expect, test } from 'vitest'
import {
  callOf,
  emptyDesk,
  expiresFor,
  focusAfter,
  isHeld,
  offeredAt,
  offerOf,
  possible,
  reduce,
  signInData,
  talkingSince,
  touched,
  type AgentAnswer,
  type Desk,
} from './deskState'

const agent = (state: string, more: Partial<AgentAnswer> = {}): AgentAnswer => ({
  agent: 'A',
  state,
  ready: state !== 'not_ready',
  ...more,
})
const on = (contact: string, offered: boolean, channel = 'phone') => ({ contact, channel, offered })
const told = (desk: Desk, answer: AgentAnswer, now = 1000) =>
  reduce(desk, { is: 'agent', answer, now })
const ready = told(emptyDesk, agent('ready'))
const rings = told(ready, agent('offered', { contacts: [on('C-1', true)] }))
const talks = told(rings, agent('busy', { contacts: [on('C-1', false)] }))

test('an agent whom nobody knows, or who signed out, is asked to sign in', () => {
  expect(emptyDesk.here).toBe('asking')
  expect(reduce(emptyDesk, { is: 'unknown' }).here).toBe('away')
  expect(told(emptyDesk, agent('signed_out')).here).toBe('away')
  expect([...possible(told(emptyDesk, agent('signed_out')))]).toEqual([])
})

test('an offer is shown, can be taken, and is then the contact in hand', () => {
  expect(offerOf(rings)?.contact).toBe('C-1')
  expect([...possible(rings)]).toEqual(['notReady', 'accept', 'decline'])
  expect(talks.open).toBe('C-1')
  expect(offerOf(talks)).toBeUndefined()
  expect(possible(talks).has('finish')).toBe(true)
  expect(possible(talks).has('accept')).toBe(false)
  expect(possible(talks).has('say')).toBe(false)
})

test('what was taken last is worked on; what is left comes back when it is done', () => {
  const both = told(
    told(talks, agent('busy', { contacts: [on('C-1', false), on('C-2', true, 'chat')] })),
    agent('busy', { contacts: [on('C-1', false), on('C-2', false, 'chat')] }),
  )
  expect(both.open).toBe('C-2')
  expect(possible(both).has('say')).toBe(true)
  const chosen = reduce(both, { is: 'opened', contact: 'C-1' })
  expect(chosen.open).toBe('C-1')
  expect(reduce(both, { is: 'opened', contact: 'C-9' })).toBe(both)
  expect(told(both, agent('busy', { contacts: [on('C-1', false)] })).open).toBe('C-1')
})

test('wrap-up counts from when it was first seen, and ends', () => {
  const wraps = told(talks, agent('wrap_up'), 5000)
  expect([wraps.wrapSince, wraps.last, wraps.open]).toEqual([5000, 'C-1', ''])
  expect(told(wraps, agent('wrap_up'), 9000).wrapSince).toBe(5000)
  expect(possible(wraps).has('wrapUp')).toBe(true)
  expect(told(wraps, agent('ready'), 9000).wrapSince).toBeNull()
})

test('of contacts only those of the desk are kept', () => {
  const known = reduce(talks, { is: 'contact', answer: { contact: 'C-1', state: 'held' } })
  expect(isHeld(known)).toBe(true)
  expect(reduce(known, { is: 'contact', answer: { contact: 'C-8' } })).toBe(known)
  expect(told(known, agent('ready')).contacts).toEqual({})
})

test('the focus goes where the work is, and never away from what is written', () => {
  expect(focusAfter(ready, rings)).toBe('offer')
  expect(focusAfter(rings, talks)).toBe('contact')
  const chat = told(
    told(ready, agent('offered', { contacts: [on('C-5', true, 'chat')] })),
    agent('busy', { contacts: [on('C-5', false, 'chat')] }),
  )
  expect(focusAfter(ready, chat)).toBe('talk')
  const more = told(chat, agent('busy', { contacts: [on('C-5', false, 'chat'), on('C-6', true)] }))
  expect(focusAfter(chat, more)).toBeUndefined()
  expect(focusAfter(talks, told(talks, agent('wrap_up')))).toBe('wrapUp')
  expect(focusAfter(talks, told(talks, agent('ready')))).toBe('state')
  expect(focusAfter(ready, told(ready, agent('not_ready')))).toBeUndefined()
})

test('of what changed only what the desk shows is asked again', () => {
  expect(touched(talks, 'A', ['agent/B', 'contact/C-1', 'contact/C-9'])).toEqual({
    agent: false,
    contacts: ['C-1'],
    queues: false,
  })
  expect(touched(talks, 'A', ['queue/care']).queues).toBe(true)
  expect(touched(talks, 'A', ['agent/A']).agent).toBe(true)
  expect(touched(talks, 'A', ['*']).agent).toBe(true)
})

test('when an offer was made and a talk began is read from the timeline', () => {
  const at = (type: string, time: string, data = {}) => ({ position: 1, type, time, data })
  const answer = {
    contact: 'C-1',
    offered_to: [{ agent: 'A', expires: '2026-03-02T02:00:15Z' }],
    timeline: [
      at('offer.made', '2026-03-02T01:00:00Z', { agent: 'A' }),
      at('offer.made', '2026-03-02T02:00:00Z', { agent: 'A' }),
      at('offer.made', '2026-03-02T02:00:01Z', { agent: 'B' }),
      at('contact.connected', '2026-03-02T02:00:04Z', { agent: 'A' }),
    ],
  }
  expect(offeredAt(answer, 'A')).toBe('2026-03-02T02:00:00Z')
  expect(expiresFor(answer, 'A')).toBe('2026-03-02T02:00:15Z')
  expect(expiresFor(answer, 'B')).toBeUndefined()
  expect(talkingSince(answer)).toBe(Date.parse('2026-03-02T02:00:04Z'))
  expect(talkingSince(undefined)).toBeUndefined()
})

test('while a callback is dialled there is no talk to hold or finish', () => {
  const dials = reduce(talks, { is: 'contact', answer: { contact: 'C-1', state: 'dialing' } })
  expect(possible(dials).has('finish')).toBe(false)
  expect(possible(dials).has('customer')).toBe(true)
})

const walkIn = (contact: string, offered: boolean) => ({
  ...on(contact, offered, 'kiosk'),
  ticket: 'A001',
})
const at = (type: string, data = {}) => ({ position: 1, type, time: '', data })
const knowing = (desk: Desk, ...timeline: ReturnType<typeof at>[]) =>
  reduce(desk, { is: 'contact', answer: { contact: 'K-1', ticket: 'A001', timeline } })
const called = at('ticket.called', { agent: 'A', counter: '3', again: 0 })

test('a number is called by who has a counter and nobody in hand', () => {
  expect(possible(ready, '3').has('callNext')).toBe(true)
  expect(possible(told(ready, agent('not_ready')), '3').has('callNext')).toBe(true)
  expect(possible(told(talks, agent('wrap_up')), '3').has('callNext')).toBe(true)
  expect(possible(ready, '').has('callNext')).toBe(false)
  expect(possible(ready).has('callNext')).toBe(false)
  expect(possible(talks, '3').has('callNext')).toBe(false)
  expect(possible(rings, '3').has('callNext')).toBe(false)
  expect(possible(told(emptyDesk, agent('signed_out')), '3').size).toBe(0)
  // Calling takes the offer of somebody with a ticket, whoever is in hand.
  const one = told(ready, agent('offered', { contacts: [walkIn('K-1', true)] }))
  expect(possible(one, '3').has('callNext')).toBe(true)
})

test('who was called can be called again, or did not come; who came otherwise cannot', () => {
  const here = told(ready, agent('busy', { contacts: [walkIn('K-1', false)] }))
  const connected = at('contact.connected', { agent: 'A' })
  for (const action of ['recall', 'miss'] as const) {
    expect(possible(here, '3').has(action)).toBe(false)
    expect(possible(knowing(here, connected), '3').has(action)).toBe(false)
    expect(possible(knowing(here, connected, called), '3').has(action)).toBe(true)
    // Also where the counter's name was taken away meanwhile.
    expect(possible(knowing(here, connected, called), '').has(action)).toBe(true)
    expect(possible(knowing(here, connected, called), null).has(action)).toBe(false)
    // It came back by an offer: that number stands on no display.
    expect(possible(knowing(here, called, connected), '3').has(action)).toBe(false)
  }
  expect(possible(here, '3').has('say')).toBe(false)
  expect(focusAfter(ready, here)).toBe('contact')
})

test('where a number was called to, and how often again, is read from the timeline', () => {
  const again = at('ticket.called', { agent: 'A', counter: '3', again: 2 })
  const answer = { contact: 'K-1', timeline: [at('contact.connected'), called, again] }
  expect(callOf(answer, 'A')).toEqual({ counter: '3', again: 2 })
  expect(callOf(answer, 'B')).toBeUndefined()
  expect(callOf(undefined, 'A')).toBeUndefined()
})

test('who starts again has skills, queues and site of the last time', () => {
  const before = agent('signed_out', { skills: { zh: 5 }, queues: { care: 0 }, site: 'north' })
  expect(signInData('A', before, { chat: 2 }, true)).toEqual({
    agent: 'A',
    ready: true,
    channels: { chat: 2 },
    skills: { zh: 5 },
    queues: { care: 0 },
    site: 'north',
  })
  expect(signInData('A', null, { phone: 1 }, false)).toEqual({
    agent: 'A',
    ready: false,
    channels: { phone: 1 },
  })
  const room = agent('signed_out', { capacity: 4, costs: { phone: 'all' } })
  expect(signInData('A', room, { phone: 1 }, true).channels).toBeUndefined()
})
