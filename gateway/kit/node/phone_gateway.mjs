#!/usr/bin/env node
// A telephone exchange of one line each, as small as a whole gateway can be.
//
// Reads what the telephones do from its input and prints what they hear:
//
//     ring NUMBER [QUEUE]     somebody calls
//     hang_up NUMBER          and leaves
//     end                     the exchange closes: those who still wait are sent away
//
// Try it with an agent signed in (docs/gateway.md), or without one.
import { createInterface } from 'node:readline'
import { Gateway, NoReply, NotAccepted } from 'careline-gateway'

const HEARS = {
  'contact.queued': ({ queue_position }) => `you are number ${queue_position}`,
  'contact.connected': ({ agent }) => `${agent} answers`,
  'contact.held': () => 'music',
  'contact.resumed': ({ agent }) => `${agent} is back`,
  'contact.diverted': ({ to }) => `you are put through to ${to}`,
  'contact.timed_out': ({ reason }) => `nobody could take your call: ${reason}`,
  'contact.refused': ({ reason }) => `we cannot take your call: ${reason}`,
  'contact.finished': () => 'the line is free',
}
const ENDS = ['contact.finished', 'contact.abandoned', 'contact.timed_out', 'contact.refused']

/** To another queue is a move; to a place outside the engine is the end of it. */
const isEnd = ({ type, data }) =>
  ENDS.includes(type) || (type === 'contact.diverted' && String(data.to).startsWith('external:'))

const hear = (number, what) => console.log(`${number}: ${what}`)

const gateway = await Gateway.connect('phone-exchange')
const calls = new Map() // contact: number
let opening = Promise.resolve()
let isEnding = false

async function ring(number, queue = 'care') {
  try {
    const opened = await gateway.open('phone', { queue, address: number })
    calls.set(opened.data.contact, number)
  } catch (error) {
    if (error instanceof NotAccepted)
      hear(number, error.reply.fallback || error.reply.problem.title)
    else if (error instanceof NoReply) hear(number, 'please call again')
    else throw error
  }
}

async function hangUp(number) {
  for (const [contact, caller] of calls) {
    if (caller !== number) continue
    try {
      await gateway.abandon(contact)
    } catch (error) {
      // It ended, or an agent has it and will finish it.
      if (!(error instanceof NotAccepted)) throw error
    }
  }
}

/** Each event in order; those of other gateways' contacts are not ours. */
async function tell(event) {
  await opening // an event may come before the reply that names its contact
  const number = calls.get(event.data.contact)
  if (number && HEARS[event.type]) hear(number, HEARS[event.type](event.data))
  if (isEnd(event)) calls.delete(event.data.contact)
}

async function follow(events) {
  while (!isEnding || calls.size > 0) {
    const event = await events.next(isEnding ? 10_000 : 200)
    if (event) await tell(event)
    else if (isEnding) return
  }
}

const DOES = { ring, hang_up: hangUp }
const following = follow(await gateway.follow(['contact.']))
for await (const line of createInterface({ input: process.stdin })) {
  const [word, ...rest] = line.trim().split(/\s+/)
  if (word === 'end') break
  if (!DOES[word] || rest.length === 0) continue
  opening = DOES[word](...rest.slice(0, 2))
  await opening
}
for (const number of new Set(calls.values())) await hangUp(number)
isEnding = true // hears the engine out
await following
await gateway.close()
