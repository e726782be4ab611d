// Stands in for the engine in tests of the kit for Node: a log in memory behind real sockets, that
// loses events, falls silent, is busy and dies when a test says so.
import { createRequire } from 'node:module'

const require = createRequire(new URL('../../gateway/kit/node/package.json', import.meta.url))
const { Router, XPublisher } = require('zeromq')
const { decode, encode } = require('@msgpack/msgpack')

/** The one before it at this address may not be gone yet: ZeroMQ closes in a thread of its own. */
async function bind(socket, address) {
  const until = performance.now() + 20_000
  for (;;)
    try {
      return await socket.bind(address)
    } catch (error) {
      if (error.code !== 'EADDRINUSE' || performance.now() > until) throw error
    }
}

export class SmallEngine {
  commands = 'tcp://127.0.0.1:*'
  events = 'tcp://127.0.0.1:*'
  log = []
  asked = [] // the type and id of every command that came
  outcomes = [] // instead of the next ones: 'silent', 'busy', 'refused', 'unreadable'
  answered = new Map() // id: reply
  sessions = new Set()
  unreadable = 0 // so many pages of the log cannot be read
  #told = 0
  #since = 0 // what beats begin to tell of

  /** Also after stop: at the same addresses. */
  async start() {
    this.router = new Router({ linger: 0 })
    this.pub = new XPublisher({ linger: 0, verbosity: 'allSubs' })
    await bind(this.router, this.commands)
    await bind(this.pub, this.events)
    this.commands = this.router.lastEndpoint
    this.events = this.pub.lastEndpoint
    this.#told = this.log.length
    this.running = Promise.all([this.#answerAll(this.router), this.#greetAll(this.pub)])
    this.beats = setInterval(() => this.#tell(true), 20)
    return this
  }

  async stop() {
    clearInterval(this.beats)
    this.router.close()
    this.pub.close()
    await this.running
  }

  write(...types) {
    for (const type of types) this.#append(type, { contact: 'C-1' })
    this.#tell()
  }

  /** As if the bus had lost them, and the beat that told of them. */
  writeUnheard(...types) {
    for (const type of types) this.#append(type, { contact: 'C-1' })
    this.#told = this.#since = this.log.length
  }

  /** With a key that decoders of JavaScript refuse. */
  writeUnreadable(type) {
    this.#append(type, { contact: 'C-1', ['__proto__']: 1 })
    this.#tell()
  }

  forgetEverything() {
    this.log = []
    this.#told = this.#since = 0
  }

  count(type) {
    return this.asked.filter((one) => one.type === type).length
  }

  #append(type, data) {
    const position = this.log.length + 1
    const previous = this.log.findLast((event) => event.type === type)?.position ?? 0
    const id = `0-${position}`
    this.log.push({ specversion: '1.0', id, type, data, position, previous, partition: '0' })
    return position
  }

  /** One message after the other: ZeroMQ takes one send at a time. */
  #send(...frames) {
    this.sending = (this.sending ?? Promise.resolve())
      .then(() => this.pub.send(frames))
      .catch(() => {}) // it is stopping
  }

  #tell(isBeat = false) {
    for (; this.#told < this.log.length; ++this.#told) {
      const event = this.log[this.#told]
      this.#send(event.type, encode(event))
    }
    if (!isBeat) return
    const since = this.#since
    const types = Object.fromEntries(this.log.slice(since).map((e) => [e.type, e.position]))
    this.#send('log.head', encode({ partition: '0', head: this.#told, since, types }))
  }

  async #greetAll(pub) {
    for await (const _ of pub) this.#tell(true)
  }

  async #answerAll(router) {
    for await (const frames of router) {
      const reply = this.#answer(decode(frames.at(-1)))
      if (router.closed) return
      if (reply) await router.send([...frames.slice(0, -1), encode(reply)])
      this.#tell()
    }
  }

  #answer({ id, type, source, data }) {
    this.asked.push({ type, id })
    const isQuiet = type === 'log.read' || type === 'session.beat'
    const how = isQuiet ? undefined : this.outcomes.shift()
    if (how === 'silent') return null
    if (how === 'busy')
      return { id, outcome: how, retry_ms: 1, problem: { type: 'engine.busy', title: 'No.' } }
    if (how === 'unreadable') return { id, outcome: 'accepted', data: { ['__proto__']: 1 } }
    if (how === 'refused')
      return { id, outcome: how, problem: { type: 'routing.unknown_contact', title: 'No.' } }
    const reply = this.answered.get(id) ?? {
      id,
      outcome: 'accepted',
      ...this.#does(type, source, data),
    }
    if (!isQuiet) this.answered.set(id, reply)
    return reply
  }

  #does(type, source, data) {
    if (type === 'log.read') return this.#page(data)
    if (type === 'session.hello') {
      this.sessions.add(source)
      return { data: { session: source } }
    }
    if (type === 'session.beat')
      return this.sessions.has(source)
        ? {}
        : { outcome: 'refused', problem: { type: 'session.unknown', title: 'Who?' } }
    if (type === 'session.close') {
      this.sessions.delete(source)
      return {}
    }
    return { position: this.#append(`${type}ed`, data), data }
  }

  #page({ after, limit, types }) {
    if (this.unreadable-- > 0)
      return { outcome: 'busy', retry_ms: 1, problem: { type: 'log.unreadable', title: 'No.' } }
    if (after > this.log.length)
      return { outcome: 'refused', problem: { type: 'log.bad_position', title: 'No.' } }
    const scanned = this.log.slice(after, after + limit)
    const isWanted = ({ type }) =>
      !types || types.some((t) => t === type || (t.endsWith('.') && type.startsWith(t)))
    const next = after + scanned.length
    return { data: { events: scanned.filter(isWanted), next, head: this.log.length } }
  }
}
