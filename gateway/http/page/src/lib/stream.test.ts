import { expect, test } from 'vitest'
import { arrivedIn, BoardStream, freshnessOf, type Shown, type Source } from './stream'

class ToldSource implements Source {
  readyState = 1
  ended = false
  private heard = new Map<string, (event: MessageEvent) => void>()
  addEventListener(type: string, heard: (event: MessageEvent) => void) {
    this.heard.set(type, heard)
  }
  close() {
    this.ended = true
  }
  say(type: string, data: unknown) {
    this.heard.get(type)?.({
      data: typeof data === 'string' ? data : JSON.stringify(data),
    } as MessageEvent)
  }
}

function board() {
  const sources: ToldSource[] = []
  const later: (() => void)[] = []
  const shown: Shown[] = []
  let now = 1000
  const stream = new BoardStream((s) => shown.push(s), {
    open: () => {
      sources.push(new ToldSource())
      return sources.at(-1) as ToldSource
    },
    now: () => now,
    later: (run) => later.push(run),
  })
  stream.start()
  return {
    stream,
    sources,
    later,
    shown,
    source: () => sources.at(-1) as ToldSource,
    at: (t: number) => (now = t),
  }
}

test('a snapshot is taken whole and a change is put upon it', () => {
  const b = board()
  b.source().say('delta', { centre: { waiting: 9 } })
  expect(b.shown).toEqual([])
  b.source().say('snapshot', { position: 5, centre: { waiting: 1, queued: 4 } })
  b.source().say('delta', { position: 6, centre: { waiting: 2 } })
  expect(b.shown.at(-1)?.frame).toEqual({ position: 6, centre: { waiting: 2, queued: 4 } })
})

test('what cannot be read begins the stream anew, with a snapshot', () => {
  const b = board()
  b.source().say('snapshot', { position: 5 })
  b.source().say('delta', '{"position":')
  expect(b.sources[0]?.ended).toBe(true)
  b.later.shift()?.()
  b.source().say('snapshot', { position: 9 })
  b.sources[0]?.say('delta', { position: 6 })
  expect(b.shown.at(-1)?.frame).toEqual({ position: 9 })
})

test('an answer that is no stream is asked for again; the browser’s own tries are left', () => {
  const b = board()
  b.source().readyState = 0
  b.source().say('error', '')
  expect(b.later).toHaveLength(0)
  b.source().readyState = 2
  b.source().say('error', '')
  expect(b.later).toHaveLength(1)
})

test('a connection that says nothing any more is begun anew', () => {
  const b = board()
  b.source().say('snapshot', {})
  b.at(5000)
  b.stream.check()
  expect(b.sources[0]?.ended).toBe(false)
  b.at(14_000)
  b.stream.check()
  expect(b.sources[0]?.ended).toBe(true)
})

test('trying again does not make the silence look shorter than it is', () => {
  const b = board()
  b.source().say('snapshot', {})
  for (let t = 2000; t <= 36_000; t += 500) {
    b.at(t)
    b.stream.check()
    for (const due of b.later.splice(0)) due()
  }
  expect(b.sources.length).toBe(3)
  expect(b.stream.heardAt).toBe(1000)
  b.source().say('snapshot', {})
  expect(b.stream.heardAt).toBe(36_000)
})

test('a stream that rested begins with a snapshot, and comes back by itself as before', () => {
  const b = board()
  b.source().say('snapshot', { position: 5 })
  b.stream.stop()
  b.at(600_000)
  b.stream.check()
  expect([b.sources.length, b.later.length, b.sources[0]?.ended]).toEqual([1, 0, true])
  b.stream.start()
  b.source().say('delta', { position: 8 })
  expect(b.shown).toHaveLength(1)
  b.source().say('snapshot', { position: 9 })
  expect(b.shown.at(-1)).toEqual({ frame: { position: 9 }, patch: null })
  b.at(620_000)
  b.stream.check()
  b.later.shift()?.()
  expect(b.sources.length).toBe(3)
})

test('a first connection that never says a word is begun anew', () => {
  const b = board()
  b.at(14_000)
  b.stream.check()
  expect(b.sources[0]?.ended).toBe(true)
})

test('figures are never shown as live without a sign for three seconds', () => {
  expect(freshnessOf(0, 0, 50)).toBe('starting')
  expect(freshnessOf(1000, 1000, 4000)).toBe('live')
  expect(freshnessOf(1000, 1000, 4001)).toBe('lost')
  expect(freshnessOf(20_000, 1000, 20_000)).toBe('quiet')
})

test('a queue has an arrival when its count of queued contacts grew', () => {
  const before = { queues: { care: { queued: 4 }, fault: { queued: 7 } } }
  const patch = { queues: { care: { queued: 5 }, fault: { waiting: 0 }, fresh: { queued: 1 } } }
  const frame = { queues: { care: { queued: 5 }, fault: { queued: 7 }, fresh: { queued: 1 } } }
  expect(arrivedIn(before, { frame, patch })).toEqual(['care', 'fresh'])
  expect(arrivedIn(null, { frame, patch })).toEqual([])
  expect(arrivedIn(before, { frame, patch: null })).toEqual([])
})
