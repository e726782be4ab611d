import { expect, test } from 'vitest'
import { Drafts, linesOf, nextLine, putBack, readOn } from './talk'

const event = (type: string, data: Record<string, unknown>, time = '2026-03-02T02:00:00Z') => ({
  position: 1,
  type,
  time,
  data,
})
const timeline = [
  event('contact.said', { from: 'customer', line: 1 }),
  event('contact.said', { from: 'agent', line: 1 }),
  event('contact.delivered', { line: 1, from: 'agent' }),
  event('contact.said', { from: 'customer', line: 2 }),
]

test('a line has its text where it may be read, else that it was said', () => {
  const read = { lines: [{ from: 'customer', line: 1, text: '你好' }] }
  const lines = linesOf(timeline, read, [])
  expect(lines.map((l) => [l.from, l.line, l.text])).toEqual([
    ['customer', 1, '你好'],
    ['agent', 1, undefined],
    ['customer', 2, undefined],
  ])
  expect(lines.map((l) => l.delivered ?? false)).toEqual([false, true, false])
})

test('what is said here is seen at once, and is the same line when the engine knows it', () => {
  const mine = [
    { from: 'agent', line: 1, text: 'hello' },
    { from: 'agent', line: 2, text: 'one moment', pending: true },
  ]
  const lines = linesOf(timeline, {}, mine)
  expect(lines.length).toBe(4)
  expect(lines[1]).toMatchObject({ line: 1, text: 'hello', delivered: true })
  expect(lines.at(-1)).toMatchObject({ line: 2, pending: true })
})

test('each speaker counts lines from one', () => {
  expect(nextLine([])).toBe(1)
  expect(nextLine(linesOf(timeline, {}, []))).toBe(2)
  expect(nextLine(linesOf(timeline, {}, []), 'customer')).toBe(3)
})

test('a delivery without a speaker is of everybody’s line of that number', () => {
  const lines = linesOf([...timeline, event('contact.delivered', { line: 1 })], {}, [])
  expect(lines.map((l) => l.delivered ?? false)).toEqual([true, true, false])
})

test('lines are read on behind those that are known', () => {
  const first = { lines: [{ from: 'customer', line: 1, text: '一' }], next: 1, said: 2 }
  const second = { lines: [{ from: 'customer', line: 2, text: '二' }], next: 2, said: 2 }
  const all = readOn(readOn({}, first), second)
  expect(all.lines?.map((l) => l.text)).toEqual(['一', '二'])
  expect(all.next).toBe(2)
})

test('half a sentence is there again when its contact is opened again, until that has left', () => {
  const drafts = new Drafts()
  drafts.of('C-1').text = 'Your bill'
  drafts.of('C-2').mine = [{ from: 'agent', line: 1, text: 'Hello', pending: true }]
  drafts.keep(['C-1', 'C-2'])
  expect(drafts.of('C-1').text).toBe('Your bill')
  expect(drafts.of('C-2')).toMatchObject({ text: '', mine: [{ text: 'Hello' }] })
  drafts.keep(['C-2'])
  expect(drafts.of('C-1')).toEqual({ text: '', mine: [] })
})

test('what could not be said is not lost to what was typed since', () => {
  expect(putBack('Hello', '')).toBe('Hello')
  expect(putBack('Hello', 'and')).toBe('Hello\nand')
})
