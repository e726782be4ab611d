import { afterEach, expect, test, vi } from 'vitest'
import { patience_ms } from './patience'
import { ask } from './query'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})
const answering = (status: number, text: string) =>
  vi.stubGlobal('fetch', async () => new Response(text, { status }))

test('a question is answered, or refused with its code', async () => {
  answering(200, '{"outcome":"accepted","data":{"n":1}}')
  expect(await ask('queue.show', {})).toEqual({ n: 1 })
  answering(404, '{"outcome":"refused","problem":{"type":"routing.unknown_queue","title":"No."}}')
  await expect(ask('queue.show', {})).rejects.toMatchObject({ code: 'routing.unknown_queue' })
})

test('what was not answered whole or in time is no refusal', async () => {
  for (const [status, text] of [
    [504, '{"type":"about:blank","title":"Gateway timeout"}'],
    [200, '{"outcome":"acc'],
  ] as const) {
    answering(status, text)
    await expect(ask('queue.show', {})).rejects.toMatchObject({ code: 'offline' })
  }
})

test('a question does not wait for ever for a connection', async () => {
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort())
  vi.stubGlobal(
    'fetch',
    (_: string, { signal }: RequestInit) =>
      new Promise((_done, fail) => {
        if (signal?.aborted) fail(signal.reason)
      }),
  )
  await expect(ask('queue.show', {})).rejects.toMatchObject({ code: 'offline' })
  expect(timeout).toHaveBeenCalledWith(patience_ms)
})
