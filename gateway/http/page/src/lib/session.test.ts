import { expect, test } from 'vitest'
import {
  codeOfEnd,
  may,
  momentIn,
  readSession,
  refusalKey,
  SessionError,
  signIn,
  signOut,
  stayedKey,
  type Session,
} from './session'

const answering = (status: number, body: unknown): typeof fetch =>
  (async () => new Response(JSON.stringify(body), { status })) as typeof fetch

const chen = { user: 'chen', agent: 'A-7', roles: ['agents'], sends: ['offer.'], csrf: 't' }

test('who is signed in is read from the engine', async () => {
  expect(await readSession(answering(200, chen))).toEqual(chen)
  await expect(
    readSession(answering(401, { type: 'security.sign_in_needed' })),
  ).rejects.toMatchObject({ code: 'security.sign_in_needed' })
  // An engine without accounts has no such path: the page says that nobody can sign in.
  await expect(readSession(answering(404, {}))).rejects.toMatchObject({ code: '404' })
})

test('the second factor is sent only when it was asked for', async () => {
  const sent: any[] = []
  const call = (async (_: string, o: RequestInit) => {
    sent.push(JSON.parse(o.body as string))
    return new Response(JSON.stringify(chen), { status: 200 })
  }) as typeof fetch
  await signIn({ user: 'chen', password: 'p', code: '' }, call)
  await signIn({ user: 'chen', password: 'p', code: '123456' }, call)
  expect(sent).toEqual([
    { user: 'chen', password: 'p' },
    { user: 'chen', password: 'p', code: '123456' },
  ])
  await signIn({ user: 'chen', password: 'p', code: '', new_password: 'n' }, call)
  expect(sent.at(-1)).toEqual({ user: 'chen', password: 'p', new_password: 'n' })
})

test('a broken line is told apart from a no', async () => {
  const broken = (async () => {
    throw new TypeError()
  }) as typeof fetch
  const error = await readSession(broken).catch((e) => e)
  expect(error).toBeInstanceOf(SessionError)
  expect(refusalKey(error.code)).toBe('signIn.offline')
  expect(refusalKey('security.locked')).toBe('signIn.locked')
  expect(refusalKey('security.signed_out')).toBe('signIn.ended')
  expect(refusalKey('about:blank')).toBe('signIn.off')
  expect(refusalKey('500')).toBe('signIn.failed')
})

test('who could not be signed out is not told that they were', async () => {
  const done = (async () => new Response(null, { status: 204 })) as typeof fetch
  await signOut('t', done)
  // Over before: nobody is signed in either.
  await signOut('t', answering(401, { type: 'security.sign_in_needed' }))
  const broken = (async () => Promise.reject(new TypeError())) as typeof fetch
  for (const [call, code, key] of [
    [answering(403, { type: 'security.token_missing' }), 'security.token_missing', 'token_missing'],
    [answering(503, { type: 'engine.busy' }), 'engine.busy', 'other'],
    [answering(504, { type: 'about:blank' }), 'offline', 'offline'],
    [broken, 'offline', 'offline'],
  ] as const) {
    await expect(signOut('t', call)).rejects.toMatchObject({ code })
    expect(stayedKey(code)).toBe(`signIn.stayedBy.${key}`)
  }
})

test('an engine that is slow to answer is not taken for one without accounts', async () => {
  const error = await readSession(answering(504, { type: 'about:blank' })).catch((e) => e)
  expect(refusalKey(error.code)).toBe('signIn.offline')
})

test('what a session may send is a word, a beginning, or all', () => {
  const with_ = (...sends: string[]): Session => ({ ...chen, sends })
  expect(may(with_('contact.say', 'offer.'), 'contact.say')).toBe(true)
  expect(may(with_('contact.say', 'offer.'), 'offer.accept')).toBe(true)
  expect(may(with_('contact.say'), 'contact.says')).toBe(false)
  expect(may(with_('*'), 'agent.force_state')).toBe(true)
  expect(may(null, 'contact.say')).toBe(false)
})

test('how a session ended is said by its code, or by the words that came with it', () => {
  expect(refusalKey(codeOfEnd('security.sign_in_needed'))).toBe('signIn.over')
  expect(refusalKey(codeOfEnd('security.suspended'))).toBe('signIn.suspended')
  expect(refusalKey(codeOfEnd('shift over'))).toBe('signIn.ended')
})

test('until when an account is locked is read from the answer', () => {
  expect(momentIn('until 2026-03-02T02:30:00.000Z')).toBe(Date.parse('2026-03-02T02:30:00Z'))
  expect(momentIn('for a while')).toBeUndefined()
})
