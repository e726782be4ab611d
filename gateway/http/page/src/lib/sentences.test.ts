import { createI18n } from 'vue-i18n'
import { expect, test } from 'vitest'
import en from '../i18n/en'
import zh from '../i18n/zh'
import { endOf, nobodyKey, reasonsOf, sentenceOf, type Lookup, scoreOf } from './sentences'

const i18n = createI18n({ legacy: false, locale: 'en', messages: { en, zh } }).global
function tell(type: string, data: Record<string, unknown>, locale: 'en' | 'zh' = 'en') {
  i18n.locale.value = locale
  const look: Lookup = (key, values) => (i18n.te(key) ? i18n.t(key, values ?? {}) : undefined)
  const s = sentenceOf({ position: 1, type, time: '', data: data as Record<string, any> }, look)
  return i18n.t(s.key, s.values)
}

test('events are told in sentences, with their reasons in the reader’s words', () => {
  expect(tell('contact.queued', { queue: 'care', queue_position: 3 })).toBe(
    'Joined care at place 3',
  )
  expect(tell('contact.queued', { queue: 'care', queue_position: 3, wait_s: 40 })).toBe(
    'Joined care at place 3, was told about 40 s',
  )
  expect(tell('contact.queued', { queue: 'care', queue_position: 3, wait_s: 54.597 })).toBe(
    'Joined care at place 3, was told about 55 s',
  )
  expect(tell('contact.left', { agent: 'A', to: 'B' })).toBe('A left the talk to B')
  expect(tell('contact.refused', { queue: 'care', reason: 'queue_full' })).toBe(
    'care did not take it: the queue is full',
  )
  expect(tell('contact.refused', { queue: '投诉', reason: 'queue_full' }, 'zh')).toBe(
    '投诉 未受理：队列已满',
  )
})

test('what a supervisor did to a contact is told with who and why', () => {
  const why = { by: 'wang', reason: 'overload' }
  expect(tell('contact.changed', { queue: 'vip', ...why })).toBe(
    'wang moved it to vip: too much to do',
  )
  expect(tell('contact.transferred', { agent: 'A', to_queue: 'vip', ...why })).toBe(
    'wang moved it from A to vip: too much to do',
  )
  expect(tell('contact.transferred', { agent: 'A', to_agent: 'B', by: 'wang' })).toBe(
    'wang gave it from A to B: –',
  )
  expect(tell('contact.finished', { agent: 'A', disposition: 'solved', by: 'wang' })).toBe(
    'wang closed it for A: solved',
  )
  expect(tell('contact.finished', { agent: 'A', disposition: 'solved' })).toBe(
    'A finished it: solved',
  )
})

test('an event of a later version is named rather than lost', () => {
  expect(tell('contact.beamed_up', {})).toBe('contact.beamed_up')
})

test('a reason that no word was found for is shown as it is', () => {
  expect(tell('contact.timed_out', { reason: 'moon_phase' })).toBe('Ended by a limit: moon_phase')
})

function keysOf(table: object, path = ''): string[] {
  return Object.entries(table).flatMap(([key, item]) =>
    typeof item === 'object' ? keysOf(item, `${path}${key}.`) : [`${path}${key}`],
  )
}

test('both languages have the same sentences with the same gaps to fill', () => {
  expect(keysOf(zh)).toEqual(keysOf(en))
  const gaps = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort()
  const at = (table: any, key: string) => key.split('.').reduce((x, part) => x[part], table)
  for (const key of keysOf(en)) expect([key, gaps(at(zh, key))]).toEqual([key, gaps(at(en, key))])
})

test('a decision says who was there, by what order, and what decided', () => {
  const keys = reasonsOf({
    position: 1,
    time: '',
    agent: 'A',
    queue: 'care',
    decision: {
      strategy: 'longest_idle',
      signed_in: 3,
      eligible: 2,
      ready: 2,
      tie_break: 'strategy',
      best: [{ agent: 'A' }, { agent: 'B' }],
    },
  }).map((s) => s.key)
  expect(keys).toEqual([
    'why.offered',
    'why.counts',
    'why.strategy_longest_idle',
    'why.tie_strategy',
  ])
  expect(reasonsOf({ position: 1, time: '', agent: 'A' }).map((s) => s.key)).toEqual([
    'why.offered',
  ])
})

test('the only candidate is not called alone where others were ready and held back', () => {
  const alone = (ready: number) =>
    reasonsOf({ position: 1, time: '', agent: 'A', decision: { ready, tie_break: 'only' } }).at(-1)
  expect(alone(1)?.key).toBe('why.tie_only')
  expect(alone(2)).toEqual({ key: 'why.tie_only_held', values: { n: 1 } })
})

test('a call for help is not said to have been offered to nobody yet', () => {
  const diverted = { position: 2, type: 'contact.diverted', time: '', data: { reason: 'safety' } }
  const end = endOf('contact.diverted', [diverted])
  expect(nobodyKey('contact.diverted', end)).toBe('panel.noWhySafety')
  expect(nobodyKey('contact.abandoned', undefined)).toBe('panel.noWhyEnded')
  expect(nobodyKey(undefined, undefined)).toBe('panel.noWhy')
})

test('a score says what it counts, and one that counts nothing for a person is not shown', () => {
  const shown = (strategy: string, score: number) => scoreOf({ agent: 'A', score }, strategy, 0)
  expect(shown('least_recent', -9.2e18)).toEqual({ key: 'why.none_yet', values: {} })
  expect(shown('fewest_skills', 65)).toEqual({ key: 'why.all_skills', values: {} })
  expect(shown('highest_level', -7)).toEqual({ key: 'why.levels', values: { n: 7 } })
  expect(shown('highest_level', 0)).toEqual({ key: 'why.levels', values: { n: 0 } })
  expect(shown('least_loaded', 333)).toEqual({ key: 'why.load', values: { n: 33 } })
  expect(shown('weighted_random', 1)).toBeNull()
})

test('where all were rung nobody is said to have come before another', () => {
  const decision = { strategy: 'ring_all', tie_break: 'sign_in', rung: 3 }
  const keys = reasonsOf({ position: 1, time: '', agent: 'A', decision }).map((s) => s.key)
  expect(keys).toEqual(['why.offered', 'why.strategy_ring_all', 'why.rung'])
})
