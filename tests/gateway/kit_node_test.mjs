// The kit for Node: the page's JavaScript as it stands, against the real program and its sudden
// death; and the kit against an engine that loses, is busy and says nothing.
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { inspect } from 'node:util'
import {
  Client,
  Closed,
  Desk,
  Gateway,
  NoReply,
  NotAccepted,
  RealEngine,
  TooLarge,
  closeAll,
  connect,
  inTime,
  kit,
  newId,
  patienceMs,
  root,
  run,
  take,
  untilSaid,
} from './kit_node_case.mjs'
import { SmallEngine } from './small_engine.mjs'

const wire = await import(join(kit, 'lib/wire.mjs'))

const positions = async (follow, count) => (await take(follow, count)).map((e) => e.position)
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

describe('with the real engine', () => {
  let engine
  beforeEach(async () => {
    engine = await new RealEngine().start()
  })
  afterEach(async () => {
    await closeAll()
    await engine.end()
  })

  const runHere = (script, input) => {
    const { commands, events } = engine
    const env = { ...process.env, CARELINE_COMMANDS: commands, CARELINE_EVENTS: events }
    return run(process.execPath, [script], { input, env })
  }

  test("the page's JavaScript runs as it stands", async () => {
    const page = fs.readFileSync(join(root, 'docs/gateway.md'), 'utf8')
    const steps = [...page.matchAll(/^```js\n(.*?)^```$/gms)]
    assert.ok(steps.length >= 3, `${steps.length} steps`)
    // Node's line numbers are those of the page, so that a failure names its line there.
    const script = page.split('\n').map(() => '')
    for (const step of steps) {
      const first = page.slice(0, step.index).split('\n').length
      step[1].split('\n').forEach((line, n) => (script[first + n] = line))
    }
    fs.mkdirSync(join(engine.folder, 'node_modules'))
    fs.symlinkSync(kit, join(engine.folder, 'node_modules/careline-gateway'))
    const file = join(engine.folder, 'gateway.md.mjs')
    fs.writeFileSync(file, script.join('\n'))
    assert.match(await runHere(file, ''), /There is no contact of this id/)
  })

  test('the telephone exchange tells its callers their place', async () => {
    await (await connect(Desk, 'desk-1', engine)).send('queue.define', { queue: 'care' })
    const calls = 'ring 1001\nring 1002\nhang_up 1001\n'
    const said = await runHere(join(kit, 'phone_gateway.mjs'), calls)
    assert.match(said, /^1001: you are number 1$/m)
    assert.match(said, /^1002: you are number 2$/m)
  })

  test('a contact goes from its opening to its end', async () => {
    const desk = await connect(Desk, 'desk-1', engine)
    await desk.send('queue.define', { queue: 'care', ring_s: 15 })
    await desk.signIn('A', { channels: { phone: 1 } })
    const offers = await desk.follow(['offer.'])
    const gateway = await connect(Gateway, 'phone-1', engine)
    const calls = await gateway.follow(['contact.'])
    const address = 'sip:1001@example.org'
    const { contact } = (await gateway.open('phone', { queue: 'care', address })).data
    const [opened] = await take(calls, 1)
    assert.equal(opened.type, 'contact.opened')
    assert.equal(opened.subject, `contact/${contact}`)
    assert.ok(opened.data.address instanceof Uint8Array)
    assert.equal(await gateway.address(contact, 'call_back'), address)
    const offer = await untilSaid(offers, 'offer.made', contact)
    await desk.accept(contact, offer.data.agent)
    await untilSaid(calls, 'contact.connected', contact)
    assert.equal((await gateway.say(contact, 'Good morning.', { line: 1 })).data.line, 1)
    await desk.say(contact, 'Good morning.', { line: 1 })
    await gateway.delivered(contact, 1, { from: 'agent' })
    await desk.hold(contact, 'A')
    await desk.resume(contact, 'A')
    await desk.finish(contact, 'A', 'fault')
    const end = await untilSaid(calls, 'contact.finished', contact)
    assert.equal(end.data.disposition, 'fault')
    const timeline = (await gateway.show(contact)).timeline.map((event) => event.type)
    assert.equal(timeline[0], 'contact.opened')
    assert.ok(timeline.includes('contact.delivered'))
    await desk.signOut('A')
    await gateway.close()
    await desk.close()
  })

  test('what was said is read by the two who talk, and by nobody else', async () => {
    const desk = await connect(Desk, 'desk-1', engine)
    await desk.send('queue.define', { queue: 'care' })
    await desk.signIn('A', { channels: { chat: 1 } })
    const offers = await desk.follow(['offer.'])
    const gateway = await connect(Gateway, 'chat-1', engine)
    const { contact } = (await gateway.open('chat', { queue: 'care' })).data
    await untilSaid(offers, 'offer.made', contact)
    await desk.accept(contact, 'A')
    await gateway.say(contact, 'The line is dead.', { line: 1 })
    await desk.say(contact, 'Since when?', { line: 1 })
    const { lines, next } = await gateway.read(contact)
    assert.deepEqual(
      lines.map(({ from, line, text }) => [from, line, text]),
      [
        ['customer', 1, 'The line is dead.'],
        ['agent', 1, 'Since when?'],
      ],
    )
    assert.deepEqual((await desk.read(contact, 'A')).lines, lines)
    assert.deepEqual((await desk.read(contact, 'A', { limit: 1 })).lines, lines.slice(0, 1))
    await gateway.say(contact, 'Since Monday.', { line: 2 })
    const later = await desk.read(contact, 'A', { after: next })
    assert.deepEqual(
      later.lines.map(({ text }) => text),
      ['Since Monday.'],
    )
    const other = await connect(Gateway, 'chat-2', engine)
    await assert.rejects(other.read(contact), /security\.not_allowed/)
  })

  test('a counter calls who has a ticket, calls again, and nobody comes', async () => {
    const desk = await connect(Desk, 'desk-1', engine)
    await desk.send('queue.define', { queue: 'bills', ticket: 'A', wrap_up: 'manual' })
    await desk.signIn('W1', { channels: { kiosk: 1 }, ready: false })
    assert.equal(await desk.callNext('W1', '3'), null)
    const kiosk = await connect(Gateway, 'kiosk-1', engine)
    const calls = await kiosk.follow(['ticket.'])
    await kiosk.open('kiosk', { queue: 'bills', contact: 'K-1' })
    const called = { contact: 'K-1', ticket: 'A001' }
    assert.deepEqual(await desk.callNext('W1', '3', { queue: 'bills' }), called)
    await desk.recall('W1')
    const { serving } = await kiosk.hall({ prefix: 'A' })
    assert.deepEqual([serving[0].ticket, serving[0].counter], ['A001', '3'])
    await desk.miss('W1', 'K-1')
    const told = await take(calls, 3)
    assert.deepEqual(
      told.map(({ type, data }) => [type, data.ticket]),
      [
        ['ticket.called', 'A001'],
        ['ticket.called', 'A001'],
        ['ticket.missed', 'A001'],
      ],
    )
    await assert.rejects(desk.recall('W1'), /routing\.no_ticket/)
  })

  test('the same id twice is done once', async () => {
    const gateway = await connect(Gateway, 'phone-1', engine)
    await gateway.send('queue.define', { queue: 'care' })
    const id = newId()
    const call = { channel: 'phone', queue: 'care', urgency: 3 }
    const [once, twice] = await Promise.all([
      gateway.ask('contact.open', call, { id }),
      gateway.ask('contact.open', call, { id }),
    ])
    assert.ok(once.accepted)
    assert.deepEqual(await gateway.ask('contact.open', call, { id }), once)
    assert.deepEqual(twice, once)
    const { head } = (await gateway.ask('log.read', { limit: 1 })).data
    assert.equal(head, once.position)
    const other = await gateway.ask('contact.open', { ...call, urgency: 4 }, { id })
    assert.equal(other.problem.type, 'command.id_reused')
  })

  test('nothing is missed and nothing done twice when the engine dies', async () => {
    const gateway = await connect(Gateway, 'phone-1', engine, { patienceMs })
    await gateway.send('queue.define', { queue: 'care' })
    const all = await gateway.follow([], { after: 0 })
    const some = await gateway.follow(['contact.opened'], { after: 0 })
    for (const n of range(1, 3)) {
      const opened = await gateway.open('phone', { contact: `C-${n}`, queue: 'care' })
      assert.equal(opened.data.queue_position, n)
      await engine.kill()
      const id = newId()
      const call = { contact: `away-${n}`, channel: 'chat', queue: 'care' }
      await assert.rejects(gateway.ask('contact.open', call, { id, patienceMs: 50 }), NoReply)
      await engine.start()
      assert.ok((await gateway.ask('contact.open', call, { id })).accepted)
      await gateway.abandon(`away-${n}`)
    }
    const { position } = await gateway.open('phone', { contact: 'C-end', queue: 'care' })
    assert.deepEqual(await positions(all, position), range(1, position))
    const names = (await take(some, 7)).map((event) => event.data.contact)
    assert.deepEqual(names, ['C-1', 'away-1', 'C-2', 'away-2', 'C-3', 'away-3', 'C-end'])
  })

  test('a follower goes on where it was, also in another process', async () => {
    const gateway = await connect(Gateway, 'phone-1', engine)
    await gateway.send('queue.define', { queue: 'care' })
    const calls = await gateway.follow([], { after: 0 })
    await take(calls, 2)
    assert.equal(calls.at, 2)
    const next = await gateway.follow([], { after: calls.at })
    assert.deepEqual(await positions(next, 1), [3])
  })

  test('a no names its reason, and what cannot be sent is not sent', async () => {
    const gateway = await connect(Gateway, 'phone-1', engine)
    await assert.rejects(gateway.abandon('nobody'), (error) => {
      assert.ok(error instanceof NotAccepted)
      assert.equal(error.reply.outcome, 'refused')
      assert.equal(error.reply.problem.type, 'routing.unknown_contact')
      return true
    })
    await assert.rejects(gateway.say('C-1', 'x'.repeat(70_000)), TooLarge)
    await gateway.close()
    await assert.rejects(gateway.abandon('nobody'), Closed)
  })

  test('whole numbers beyond 32 bits arrive as such, and a seed of 64 bits is exact', async () => {
    const gateway = await connect(Gateway, 'phone-1', engine)
    const [created] = (await gateway.send('log.read', { after: 0, limit: 1 })).data.events
    assert.match(typeof created.data.seed, /^(bigint|number)$/)
    assert.equal(created.position, 1)
    const far = await gateway.ask('log.read', { after: 2 ** 33 })
    assert.equal(far.problem.type, 'log.bad_position')
  })

  test('the older of two processes of one name learns that it was replaced', async () => {
    const older = await connect(Gateway, 'phone-1', engine)
    const told = await older.follow(['session.replaced'])
    const younger = await connect(Gateway, 'phone-1', engine)
    const [event] = await take(told, 1)
    assert.deepEqual([older.isReplaced(event), younger.isReplaced(event)], [true, false])
  })
})

describe('with an engine that fails', () => {
  let engine
  beforeEach(async () => {
    engine = await new SmallEngine().start()
  })
  afterEach(async () => {
    await closeAll()
    await engine.stop()
  })
  const gatewayOf = (more) => connect(Gateway, 'phone-1', engine, more)

  test('silence and busy are answered with the same id and one effect', async () => {
    const gateway = await gatewayOf()
    engine.outcomes = ['busy', 'silent', 'busy']
    assert.ok((await gateway.open('phone', { contact: 'C-7' })).accepted)
    const opens = engine.asked.filter((one) => one.type === 'contact.open')
    assert.equal(opens.length, 4)
    assert.equal(new Set(opens.map((one) => one.id)).size, 1)
    assert.equal(engine.log.length, 1)
  })

  test('an engine that stays busy is told as busy', async () => {
    const gateway = await gatewayOf()
    engine.outcomes = Array(100_000).fill('busy')
    const reply = await gateway.ask('contact.open', {}, { patienceMs: 50 })
    assert.equal(reply.outcome, 'busy')
    assert.equal(reply.retryMs, 1)
  })

  test('a word is sent with the fields that were said, and with no others', async () => {
    const desk = await connect(Desk, 'desk-1', engine) // what it sends is what it is answered
    const talk = { contact: 'C-1', agent: 'A' }
    assert.deepEqual(await desk.read('C-1', 'A'), { ...talk, after: 0 })
    assert.deepEqual(await desk.read('C-1', 'A', { after: 3, limit: 2 }), {
      ...talk,
      after: 3,
      limit: 2,
    })
    assert.deepEqual(await (await gatewayOf()).read('C-1'), { contact: 'C-1', after: 0 })
    assert.equal(await desk.callNext('A', '3'), null)
    assert.deepEqual((await desk.recall('A')).data, { agent: 'A' })
    assert.deepEqual((await desk.miss('A')).data, { agent: 'A' })
    assert.equal(engine.count('agent.call_next'), 1)
  })

  test('many are in flight at once', async () => {
    const gateway = await gatewayOf()
    const asked = range(1, 3000).map((n) => gateway.ask('contact.open', { contact: `C-${n}` }))
    const replies = await inTime(Promise.all(asked), 'replies')
    assert.ok(replies.every((reply) => reply.accepted))
    assert.equal(engine.log.length, 3000)
  })

  test('what was given up while the engine was away does not reach it later', async () => {
    const gateway = await gatewayOf()
    await engine.stop()
    const ids = range(1, 5).map(newId)
    for (const id of ids)
      await assert.rejects(gateway.ask('contact.open', {}, { id, patienceMs: 100 }), NoReply)
    const noWay = /no connection to tcp:.*is the engine there, and does it ask for a key\?/
    await assert.rejects(connect(Gateway, 'phone-2', engine, { patienceMs: 100 }), noWay)
    const waits = gateway.ask('contact.open', { contact: 'C-waits' })
    await engine.start()
    assert.ok((await inTime(waits, 'a reply')).accepted)
    // The first may have left before the connection was known to be dead.
    assert.deepEqual(
      engine.asked.filter(({ id }) => ids.slice(1).includes(id)),
      [],
    )
  })

  test('a client beats, and takes up a session that was lost', async () => {
    const client = await connect(Client, 'phone-1', engine, { leaseMs: 150 })
    const follow = await client.follow()
    while (engine.count('session.beat') < 2) await follow.next(10)
    engine.sessions.clear()
    while (!engine.sessions.has('phone-1')) await follow.next(10)
    assert.equal(engine.count('session.hello'), 2)
    await client.close()
    assert.ok(!engine.sessions.has('phone-1'))
  })

  test('what was and what comes, once and in order', async () => {
    engine.write(...Array(2300).fill('contact.opened'))
    const follow = await (await gatewayOf()).follow([], { after: 0 })
    assert.deepEqual(await positions(follow, 2300), range(1, 2300))
    engine.write(...Array(5).fill('contact.queued'))
    assert.deepEqual(await positions(follow, 5), range(2301, 2305))
    assert.equal(follow.at, 2305)
  })

  test('what the bus lost comes from the log', async () => {
    const follow = await (await gatewayOf()).follow()
    engine.write('contact.opened')
    await take(follow, 1)
    engine.writeUnheard(...Array(30).fill('contact.queued'))
    engine.write('contact.finished')
    assert.deepEqual(await positions(follow, 31), range(2, 32))
    engine.writeUnheard('contact.queued') // only the beat can tell
    assert.deepEqual(await positions(follow, 1), [33])
  })

  test('some types are followed without missing one', async () => {
    const follow = await (await gatewayOf()).follow(['contact.', 'offer.made'], { after: 0 })
    engine.write('contact.opened', 'agent.signed_in', 'offer.made', 'offer.expired')
    assert.deepEqual(await positions(follow, 2), [1, 3])
    engine.writeUnheard('offer.made', 'agent.signed_out')
    engine.write('contact.queued', 'offer.made')
    const got = await positions(follow, 3)
    assert.deepEqual(
      got.filter((at) => at !== 7),
      [5, 8], // inside one type the order holds
    )
    assert.ok(got.includes(7))
    engine.writeUnheard('offer.made') // only the beat can tell
    assert.deepEqual(await positions(follow, 1), [9])
    assert.equal(await follow.next(50), null)
  })

  test('an engine that dies and comes back is followed on', async () => {
    const follow = await (await gatewayOf()).follow([], { after: 0 })
    for (const n of range(0, 1)) {
      await engine.stop()
      engine.writeUnheard(...Array(5).fill('contact.queued'))
      await engine.start()
      engine.write('contact.finished')
      assert.deepEqual(await positions(follow, 6), range(n * 6 + 1, n * 6 + 6))
    }
  })

  test('another log is noticed and followed from its first', async () => {
    const was = []
    const gateway = await gatewayOf()
    const follow = await gateway.follow([], { after: 0, onReset: (at) => was.push(at) })
    engine.write(...Array(5).fill('contact.opened'))
    await take(follow, 5)
    await engine.stop()
    engine.forgetEverything()
    engine.writeUnheard('queue.defined', 'queue.defined')
    await engine.start()
    assert.deepEqual(
      (await take(follow, 2)).map((e) => e.type),
      Array(2).fill('queue.defined'),
    )
    assert.deepEqual(was, [5])
  })

  test('a log that cannot be read for now is not another log', async () => {
    const was = []
    const gateway = await gatewayOf()
    const follow = await gateway.follow([], { after: 0, onReset: (at) => was.push(at) })
    engine.write(...Array(5).fill('contact.opened'))
    await take(follow, 5)
    engine.unreadable = 3
    engine.writeUnheard('contact.queued')
    engine.write('contact.finished')
    assert.deepEqual(await positions(follow, 2), [6, 7])
    assert.deepEqual(was, [])
  })

  test('a follower that hears no beat asks the log', async () => {
    const deaf = await gatewayOf({ events: 'tcp://127.0.0.1:9' })
    const follow = await deaf.follow([], { after: 0 })
    for (const at of range(1, 2)) {
      engine.write('contact.opened')
      assert.deepEqual(await positions(follow, 1), [at])
    }
  })

  test('an event is waited for no longer than asked, wherever the engine is', async () => {
    const follow = await (await gatewayOf()).follow([], { after: 0 })
    await engine.stop()
    assert.equal(await inTime(follow.next(100), 'the end of the wait'), null)
    assert.equal(await inTime(follow.next(0), 'the end of the wait'), null)
    engine.writeUnheard('contact.opened')
    await engine.start()
    assert.deepEqual(await positions(follow, 1), [1])
  })

  test('closing lets every follower out, and nobody waits', async () => {
    const gateway = await gatewayOf()
    const follow = await gateway.follow()
    const looped = (async () => {
      const got = []
      for await (const event of follow) got.push(event.position)
      return got
    })()
    const waits = (await gateway.follow()).next()
    await engine.stop()
    const unheard = gateway.ask('contact.open')
    await Promise.all([
      gateway.close({ sayGoodbye: false }),
      assert.rejects(unheard, NoReply),
      assert.rejects(waits, Closed),
    ])
    assert.deepEqual(await inTime(looped, 'its end'), [])
    await assert.rejects(gateway.ask('contact.open'), Closed)
    await engine.start()
  })
})

test('ids are UUIDs of version 7 that grow with time', () => {
  const ids = range(1, 1000).map(newId)
  assert.equal(new Set(ids).size, 1000)
  for (const id of ids) {
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    const made = parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
    assert.ok(Math.abs(made - Date.now()) < patienceMs)
  }
})

test('numbers of 64 bits go over the wire as they are', () => {
  for (const number of [0, 1, -1, 2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER, 0.5, 2n ** 63n])
    assert.equal(wire.unpack(wire.pack({ number })).number, number)
  assert.deepEqual(wire.pack({ a: 2 ** 40 })[3], 0xcf) // an unsigned integer, no float
  assert.deepEqual(wire.unpack(wire.pack({ a: undefined, b: null, c: [{ d: null }] })), { c: [{}] })
})

test('what is printed of a no is its reason, and nothing of what it holds', () => {
  const problem = { type: 'routing.no', title: 'No.', detail: '13800138000' }
  const reply = new wire.Reply({ outcome: 'refused', data: { address: 'sip:1001' }, problem })
  const no = new NotAccepted(reply)
  assert.equal(no.reply, reply)
  assert.match(inspect(no), /NotAccepted: routing\.no: No\./)
  assert.doesNotMatch(inspect(no), /13800138000|sip:1001/)
})
