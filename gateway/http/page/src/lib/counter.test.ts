import { expect, test } from 'vitest'
import {
  callData,
  calledSentence,
  counterName,
  keptCounter,
  missedSentence,
  ticketQueues,
} from './counter'

test('a counter is named as the engine takes names', () => {
  expect(counterName('  3 ')).toBe('3')
  expect(counterName('窗口 3')).toBe('窗口 3')
  expect(counterName('   ')).toBeUndefined()
  expect(counterName('a\u0007b')).toBeUndefined()
  expect(counterName('窗'.repeat(43))).toBeUndefined()
})

test('the counter is kept; what cannot be read is none', () => {
  const at = { name: '3', queue: 'bills' }
  expect(keptCounter(JSON.stringify(at))).toEqual(at)
  for (const text of [null, '', '{', '7', '[]', '{"name":7}'])
    expect(keptCounter(text)).toEqual({ name: '', queue: '' })
})

test('numbers are called of all queues, or of one that still gives them', () => {
  const queues = ticketQueues([
    { queue: 'sim', ticket: 'B' },
    { queue: 'care' },
    { queue: 'bills', ticket: 'A' },
  ])
  expect(queues).toEqual(['bills', 'sim'])
  const data = (queue: string) => callData('A-1', { name: '3', queue }, queues)
  expect(data('')).toEqual({ agent: 'A-1', counter: '3' })
  expect(data('bills')).toEqual({ agent: 'A-1', counter: '3', queue: 'bills' })
  expect(data('care')).toEqual({ agent: 'A-1', counter: '3' })
  // Nobody else's number is called because a list has not come yet.
  const unknown = callData('A-1', { name: '3', queue: 'bills' }, undefined)
  expect(unknown).toEqual({ agent: 'A-1', counter: '3', queue: 'bills' })
})

test('what came of a call is told: who is called, or that nobody waits', () => {
  expect(calledSentence({ contact: 'K-1', ticket: 'A001' }, '3')).toEqual({
    key: 'counter.called',
    values: { ticket: 'A001', counter: '3' },
  })
  expect(calledSentence({ waiting: 0 }, '3').key).toBe('counter.nobody')
})

test('who did not come goes back behind others, or has gone home', () => {
  expect(missedSentence({ ticket: 'A001', state: 'waiting', queue_position: 4 })).toEqual({
    key: 'counter.back',
    values: { ticket: 'A001', place: 4 },
  })
  expect(missedSentence({ ticket: 'A001', state: 'ended' }).key).toBe('counter.gone')
})
