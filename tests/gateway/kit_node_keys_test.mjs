// The kit for Node with an engine that asks for keys: who has one that is accepted gets in, and who
// has not is told so in words, in time.
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import {
  Desk,
  Gateway,
  NoReply,
  RealEngine,
  closeAll,
  connect,
  kit,
  patienceMs,
  run,
  untilSaid,
} from './kit_node_case.mjs'

const shortly = { patienceMs: 300 } // for what never comes

describe('with an engine that asks for keys', () => {
  let engine
  beforeEach(async () => {
    engine = await new RealEngine().start('--secure')
    const admin = await engine.administrator()
    await admin.send('queue.define', { queue: 'care' })
  })
  afterEach(async () => {
    await closeAll()
    await engine.end()
  })

  test('a right key is let in, to command and to hear what its role sees', async () => {
    const keyFile = await engine.acceptedKey('phone-1', 'gateway')
    const gateway = await connect(Gateway, 'phone-1', engine, { keyFile })
    const calls = await gateway.follow(['contact.'])
    await engine.untilHeardBy(1) // not only read from the log
    const address = 'sip:1001@example.org'
    const { contact } = (await gateway.open('phone', { queue: 'care', address })).data
    const opened = await untilSaid(calls, 'contact.opened', contact)
    assert.ok(opened.data.address instanceof Uint8Array)
    assert.equal(await gateway.address(contact, 'call_back'), address)
    await assert.rejects(gateway.send('queue.define', { queue: 'mine' }), /security\.not_allowed/)
    const impostor = connect(Gateway, 'phone-2', engine, { keyFile })
    await assert.rejects(impostor, /security\.source_claimed/)
  })

  test('a desk and its gateway, each with its key, hold a talk', async () => {
    const desk = await connect(Desk, 'desk-1', engine, {
      keyFile: await engine.acceptedKey('desk-1', 'agents'),
    })
    await desk.signIn('A', { channels: { chat: 1 } })
    const offers = await desk.follow(['offer.'])
    const gateway = await connect(Gateway, 'chat-1', engine, {
      keyFile: await engine.acceptedKey('chat-1', 'gateway'),
    })
    const { contact } = (await gateway.open('chat', { queue: 'care' })).data
    await untilSaid(offers, 'offer.made', contact)
    await desk.accept(contact, 'A')
    await gateway.say(contact, 'The line is dead.')
    const { lines } = await desk.read(contact, 'A')
    assert.equal(lines[0].text, 'The line is dead.')
  })

  test('without a key, or with one that is not accepted, words say so in time', async () => {
    const without = connect(Gateway, 'phone-1', engine, shortly)
    await assert.rejects(without, (error) => {
      assert.ok(error instanceof NoReply)
      assert.ok(error.message.includes(`no connection to ${engine.commands}`), error.message)
      assert.match(error.message, /does it ask for a key\?/)
      return true
    })
    const keyFile = await engine.makeKey('phone-1') // and nobody has it accepted
    const notAccepted = connect(Gateway, 'phone-1', engine, { ...shortly, keyFile })
    await assert.rejects(notAccepted, /does it accept this client's key\?/)
  })

  test('a key for another engine does not talk to this one', async () => {
    const keyFile = await engine.acceptedKey('phone-1', 'gateway')
    const other = await engine.makeKey('other')
    const publicHalf = fs.readFileSync(other, 'utf8').match(/^public = (".*")$/m)[1]
    const text = fs.readFileSync(keyFile, 'utf8')
    fs.writeFileSync(
      keyFile,
      text.replace(/^server = .*$/m, () => `server = ${publicHalf}`),
    )
    const elsewhere = connect(Gateway, 'phone-1', engine, { ...shortly, keyFile })
    await assert.rejects(elsewhere, /does it accept this client's key\?/)
  })

  test('a key file that others may read is used by nobody', async () => {
    const keyFile = await engine.acceptedKey('phone-1', 'gateway')
    fs.chmodSync(keyFile, 0o644)
    await assert.rejects(connect(Gateway, 'phone-1', engine, { keyFile }), /chmod 600/)
  })

  test('a program takes its key from the environment, and ends where it has none', async () => {
    const script = `
      import { Gateway, NoReply } from '${join(kit, 'lib/index.mjs')}'
      try {
        const gateway = await Gateway.connect('phone-1', { patienceMs: Number(process.argv[1]) })
        console.log((await gateway.open('phone', { queue: 'care' })).outcome)
        await gateway.close()
      } catch (error) {
        console.log(error.name)
      }`
    const words = ['--input-type=module', '-e', script]
    const { CARELINE_KEY: _, ...env } = process.env
    env.CARELINE_COMMANDS = engine.commands
    const said = await run(process.execPath, [...words, `${shortly.patienceMs}`], { env })
    assert.equal(said, 'NoReply\n')
    env.CARELINE_KEY = await engine.acceptedKey('phone-1', 'gateway')
    assert.equal(await run(process.execPath, [...words, `${patienceMs}`], { env }), 'accepted\n')
  })
})
