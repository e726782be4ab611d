// What the kit for Node cannot read: later events, keys that decoders of JavaScript refuse.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { Gateway, Unreadable, closeAll, connect, take } from './kit_node_case.mjs'
import { SmallEngine } from './small_engine.mjs'

const positions = async (follow, count) => (await take(follow, count)).map((e) => e.position)

describe('with an engine that says what cannot be read', () => {
  let engine
  const gatewayOf = () => connect(Gateway, 'phone-1', engine)
  beforeEach(async () => {
    engine = await new SmallEngine().start()
  })
  afterEach(async () => {
    await closeAll()
    await engine.stop()
  })

  for (const types of [[], ['contact.']])
    test(`an event that cannot be read stops no follower of ${types[0] ?? 'all'}`, async () => {
      const told = []
      const onUnreadable = (position, why) => told.push([position, why instanceof Unreadable])
      const follow = await (await gatewayOf()).follow(types, { after: 0, onUnreadable })
      engine.write(...Array(9).fill('contact.opened'))
      engine.writeUnreadable('contact.queued')
      engine.write('contact.finished', 'contact.opened')
      assert.deepEqual(await positions(follow, 11), [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12])
      assert.deepEqual(told, [[10, true]])
      engine.writeUnreadable('contact.opened')
      engine.write('contact.opened')
      assert.deepEqual(await positions(follow, 1), [14])
      assert.deepEqual(told[1], [13, true])
    })

  test('who follows a few types is handed no others around what cannot be read', async () => {
    const follow = await (await gatewayOf()).follow(['offer.'], { after: 0 })
    engine.write('contact.opened', 'offer.made')
    engine.writeUnreadable('contact.queued')
    engine.writeUnreadable('offer.made')
    engine.write('contact.opened', 'offer.accepted')
    assert.deepEqual(await positions(follow, 2), [2, 6])
  })

  test('a reply that cannot be read is told as such, and not asked for again', async () => {
    const gateway = await gatewayOf()
    engine.outcomes = ['unreadable']
    await assert.rejects(gateway.ask('contact.show'), Unreadable)
    assert.equal(engine.count('contact.show'), 1)
  })
})
