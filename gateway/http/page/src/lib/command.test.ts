import { expect, test, vi } from 'vitest'
import { CommandError, repeat_ms, say, uuid7, type CommandEnvironment } from './command'
import { patience_ms } from './patience'

const noon = Date.parse('2026-03-02T04:00:00.000Z')

/**
 * An engine that gives these answers one after another; a null is a line that broke, a text an
 * answer that broke off.
 */
function engine(answers: ({ status: number; body: any; after?: string } | null)[]) {
  const heard: any[] = []
  const waits: number[] = []
  const told = { unanswered: 0 }
  let count = 0
  let time = noon
  const env: CommandEnvironment = {
    fetch: async (_path, options) => {
      heard.push({
        ...JSON.parse(options?.body as string),
        csrf: (options?.headers as any)['X-CSRF-Token'],
      })
      const next = answers.shift()
      if (!next) throw new TypeError('failed to fetch')
      const text = typeof next.body === 'string' ? next.body : JSON.stringify(next.body)
      return new Response(text, {
        status: next.status,
        headers: next.after ? { 'Retry-After': next.after } : {},
      })
    },
    now: () => time,
    wait: async (ms) => void waits.push(ms),
    random: (bytes) => bytes.fill(++count),
    heardTime: (text) => (time = Date.parse(text)),
    unanswered: () => told.unanswered++,
  }
  return { env, heard, waits, told }
}

const yes = { status: 200, body: { outcome: 'accepted', position: 7 } }
const late = { status: 504, body: { type: 'about:blank', title: 'Gateway timeout', status: 504 } }
const busy = { status: 503, body: { outcome: 'busy', problem: { type: 'engine.busy' } } }

test('an id is a UUID of version 7 of its moment', () => {
  const id = uuid7(noon, new Uint8Array(10).fill(255))
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(noon)
  expect(uuid7(noon, new Uint8Array(10))).not.toBe(id)
})

test('what was lost on the way is said again under the same id', async () => {
  const { env, heard, waits } = engine([null, busy, yes])
  expect((await say('offer.accept', { contact: 'C' }, 'token', env)).position).toBe(7)
  expect(heard.map((h) => h.id)).toEqual([heard[0].id, heard[0].id, heard[0].id])
  expect(heard[0]).toMatchObject({ type: 'offer.accept', data: { contact: 'C' }, csrf: 'token' })
  expect(waits).toEqual(repeat_ms.slice(0, 2))
})

test('an engine that says when to come again is given that time', async () => {
  const { env, waits } = engine([{ ...busy, after: '2' }, yes])
  await say('offer.accept', {}, '', env)
  expect(waits).toEqual([2000])
})

test('a line that stays broken is given up, and said to be', async () => {
  const { env, heard } = engine([])
  await expect(say('offer.accept', {}, '', env)).rejects.toMatchObject({ code: 'offline' })
  expect(heard.length).toBe(repeat_ms.length + 1)
})

test('what an engine did not answer in time is said again, not called undone', async () => {
  const { env, heard, told } = engine([late, { status: 502, body: '<html>' }, yes])
  expect((await say('offer.accept', {}, '', env)).position).toBe(7)
  expect(new Set(heard.map((h) => h.id)).size).toBe(1)
  expect(told.unanswered).toBe(2)
  const never = engine(Array(repeat_ms.length + 1).fill(late))
  await expect(say('offer.accept', {}, '', never.env)).rejects.toMatchObject({ code: 'offline' })
  expect(new Set(never.heard.map((h) => h.id)).size).toBe(1)
})

test('a yes that broke off on the way is asked for again', async () => {
  const { env, heard } = engine([{ status: 200, body: '{"outcome":"acc' }, yes])
  await say('contact.finish', {}, '', env)
  expect(heard.map((h) => h.id)).toEqual([heard[0].id, heard[0].id])
})

test('busy after no answer is not taken for not done', async () => {
  const { env } = engine([null, busy, busy, busy, busy])
  await expect(say('offer.accept', {}, '', env)).rejects.toMatchObject({ code: 'offline' })
  const all = engine(Array(repeat_ms.length + 1).fill(busy))
  await expect(say('offer.accept', {}, '', all.env)).rejects.toMatchObject({ code: 'engine.busy' })
  // Nor is a no at the door; one of the engine itself is of that very id.
  const door = engine([null, { status: 401, body: { type: 'security.sign_in_needed' } }])
  await expect(say('offer.accept', {}, '', door.env)).rejects.toMatchObject({ code: 'offline' })
  const no = { outcome: 'refused', problem: { type: 'routing.no_offer', title: 'None.' } }
  const own = engine([null, { status: 409, body: no }])
  await expect(say('offer.accept', {}, '', own.env)).rejects.toMatchObject({
    code: 'routing.no_offer',
  })
})

test('a browser without a connection left says so in the end', async () => {
  const { env, told } = engine([])
  const within: number[] = []
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    within.push(ms)
    return AbortSignal.abort()
  })
  // As a browser does: the request waits for a connection until its time is over.
  env.fetch = (_path, options) =>
    new Promise((_, fail) => {
      if (options?.signal?.aborted) fail(options.signal.reason)
    })
  await expect(say('offer.accept', {}, '', env)).rejects.toMatchObject({ code: 'offline' })
  expect(within).toEqual(Array(repeat_ms.length + 1).fill(patience_ms))
  expect(told.unanswered).toBe(repeat_ms.length)
  timeout.mockRestore()
})

test('a no is not asked again', async () => {
  const no = { outcome: 'refused', problem: { type: 'routing.no_offer', title: 'None.' } }
  const { env, heard } = engine([{ status: 409, body: no }])
  const error = (await say('offer.accept', {}, '', env).catch((e) => e)) as CommandError
  expect(error).toBeInstanceOf(CommandError)
  expect([error.code, error.message]).toEqual(['routing.no_offer', 'None.'])
  expect(heard.length).toBe(1)
})

test('an id of another time is made anew at the engine’s time, once', async () => {
  const ahead = {
    outcome: 'invalid',
    problem: { type: 'command.clock_ahead' },
    engine_time: '2026-03-02T03:00:00Z',
  }
  const { env, heard } = engine([{ status: 400, body: ahead }, yes])
  await say('offer.accept', {}, '', env)
  expect(heard[1].id.slice(0, 13)).toBe(uuid7(noon - 3_600_000, new Uint8Array(10)).slice(0, 13))
  const twice = engine([
    { status: 400, body: ahead },
    { status: 400, body: ahead },
  ])
  await expect(say('offer.accept', {}, '', twice.env)).rejects.toMatchObject({
    code: 'command.clock_ahead',
  })
})
