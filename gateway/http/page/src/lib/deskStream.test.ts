import { expect, test } from 'vitest'
import { DeskStream } from './deskStream'

function desk() {
  let now = 0
  const told: string[] = []
  const opened: any[] = []
  const due: (() => void)[] = []
  const stream = new DeskStream(
    {
      changed: (what) => told.push(`changed ${what.position} ${what.subjects.join(' ')}`),
      resumed: () => told.push('resumed'),
      signedOut: (reason) => told.push(`signed out: ${reason}`),
      refused: () => told.push('refused'),
    },
    {
      open: () => {
        const heard: Record<string, (e: any) => void> = {}
        const source = {
          readyState: 1,
          heard,
          isClosed: false,
          addEventListener: (type: string, take: (e: any) => void) => (heard[type] = take),
          close: () => (source.isClosed = true),
        }
        opened.push(source)
        return source
      },
      now: () => now,
      later: (run) => due.push(run),
    },
  )
  const say = (type: string, data: unknown = {}, of = opened.at(-1)) =>
    of.heard[type]({ data: JSON.stringify(data) })
  return { stream, told, opened, due, say, at: (ms: number) => (now = ms) }
}

test('what changed is told, and after each connection that anything may have', () => {
  const { stream, told, say } = desk()
  stream.start()
  say('beat')
  say('changed', { position: 5, subjects: ['agent/A', 'contact/C-1'] })
  expect(told).toEqual(['resumed', 'changed 5 agent/A contact/C-1'])
})

test('after three seconds without a sign it is not connected, and begins anew', () => {
  const { stream, told, opened, due, say, at } = desk()
  at(1000)
  stream.start()
  say('beat')
  expect(stream.isLive(4000)).toBe(true)
  at(4001)
  expect(stream.isLive(4001)).toBe(false)
  stream.check()
  expect(opened[0].isClosed).toBe(true)
  due.shift()?.()
  say('beat', {}, opened[0]) // what an old one still says is not listened to
  expect(stream.heardAt).toBe(1000)
  say('beat')
  expect(told).toEqual(['resumed', 'resumed'])
  expect(stream.isLive(4001)).toBe(true)
})

test('a stream that was refused asks whether the session is over, and is tried again', () => {
  const { stream, told, opened, due, say } = desk()
  stream.start()
  opened[0].readyState = 2
  say('error')
  expect(told).toEqual(['refused'])
  due.shift()?.()
  expect(opened.length).toBe(2)
})

test('who was signed out hears why, and the stream stays closed', () => {
  const { stream, told, opened, due, say, at } = desk()
  stream.start()
  say('signed_out', { reason: 'revoked' })
  expect(told.at(-1)).toBe('signed out: revoked')
  at(60_000)
  stream.check()
  expect([opened.length, due.length, opened[0].isClosed]).toEqual([1, 0, true])
})
