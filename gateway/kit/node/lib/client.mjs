// A gateway and an agents' desk: a session, and the engine's words as functions.
import { randomUUID } from 'node:crypto'
import { Courier } from './courier.mjs'
import { Follow } from './follow.mjs'
import * as wire from './wire.mjs'

/**
 * @typedef {object} Options
 * @property {string} [commands] else CARELINE_COMMANDS, else the engine's default
 * @property {string} [events] else CARELINE_EVENTS, else the engine's default
 * @property {string} [keyFile] else CARELINE_KEY: for an engine that serves with keys
 * @property {number} [leaseMs] the engine takes us for dead after so long without a word (3,000)
 * @property {number} [patienceMs] a command is tried for so long (20,000)
 *
 * @typedef {object} Asking
 * @property {string} [id] of the command; one of before: the command of before
 * @property {number} [patienceMs]
 *
 * @typedef {Record<string, any>} Data
 */

/**
 * A client with a session: a lease that the engine sees lapse when this process is gone.
 *
 * `await Client.connect('name')` says hello; it beats in the background, and says hello again if
 * the session was lost meanwhile. `close()` closes the session: what it brought stays. A process
 * that dies does not get there: after its lease and a grace what it brought lapses.
 */
export class Client {
  static kind = 'client'
  /** @type {Data} what the engine said of the session */
  session = {}
  /** @type {Follow[]} */
  #follows = []
  #isBeating = false
  #courier
  #hello
  #events
  #key
  #patienceMs

  /**
   * Says hello and gives the client; rejects as `send` does.
   * @template {Client} T
   * @this {new (name: string, options?: Options) => T}
   * @param {string} name
   * @param {Options} [options]
   * @returns {Promise<T>}
   */
  static async connect(name, options) {
    const client = new this(name, options)
    try {
      await client.sayHello()
    } catch (error) {
      await client.close({ sayGoodbye: false })
      throw error
    }
    return client
  }

  /** Use `connect`. @param {string} name @param {Options} [options] */
  constructor(name, { commands, events, keyFile, leaseMs = 3000, patienceMs = 20_000 } = {}) {
    const { kind } = /** @type {typeof Client} */ (this.constructor)
    this.name = name
    this.#events = events
    this.#key = wire.keyOf(keyFile)
    this.#patienceMs = patienceMs
    this.#hello = { name, kind, lease_s: leaseMs / 1000, instance: randomUUID() }
    this.#courier = new Courier(name, commands, leaseMs / 3, () => this.#beat(), this.#key)
  }

  async sayHello() {
    this.session = (await this.send('session.hello', this.#hello)).data
  }

  /**
   * Ends. Without `sayGoodbye` the session is left to lapse, as if the process had died.
   * @param {{ sayGoodbye?: boolean }} [how]
   */
  async close({ sayGoodbye = true } = {}) {
    try {
      if (sayGoodbye) await this.ask('session.close', {}, { patienceMs: 2000 })
    } catch (error) {
      // The engine will notice by itself.
      if (!(error instanceof wire.NoReply || error instanceof wire.Closed)) throw error
    } finally {
      this.#courier.close()
      for (const follow of this.#follows) follow.close()
    }
  }

  /**
   * Sends a command or query; gives its Reply, whatever it says. Rejects with NoReply, or with
   * Unreadable; and, with nothing sent, with TooLarge or Closed.
   * @param {string} type
   * @param {Data} [data]
   * @param {Asking} [asking]
   */
  ask(type, data = {}, { id, patienceMs = this.#patienceMs } = {}) {
    return this.#courier.ask(type, data, patienceMs, id)
  }

  /**
   * The same, but rejects with NotAccepted for any outcome other than `accepted`.
   * @param {string} type
   * @param {Data} [data]
   * @param {Asking} [asking]
   */
  async send(type, data, asking) {
    const reply = await this.ask(type, data, asking)
    if (!reply.accepted) throw new wire.NotAccepted(reply)
    return reply
  }

  /**
   * Events from behind `after` (without it: from now on), each once; see Follow. Rejects with
   * NoReply where it cannot learn what "now" is.
   * @param {string[]} [types] exact, or prefixes that end in "."; none: all
   * @param {{ after?: number, onReset?: (was: number) => void,
   *   onUnreadable?: (position: number, why: Error) => void }} [where]
   */
  async follow(types = [], { after, onReset, onUnreadable } = {}) {
    const ask = (/** @type {Data} */ data, /** @type {number} */ patienceMs) =>
      this.ask('log.read', data, { patienceMs })
    const heard = { events: this.#events, key: this.#key, onReset, onUnreadable }
    const follow = new Follow(ask, types, heard)
    this.#follows.push(follow)
    try {
      await follow.begin(after, this.#patienceMs)
    } catch (error) {
      follow.close()
      throw error
    }
    return follow
  }

  /** Whether `event` says that another process goes on under this name: then end.
   * @param {wire.Event} event */
  isReplaced({ type, data }) {
    const { name, instance } = this.#hello
    return type === 'session.replaced' && data.session === name && data.instance === instance
  }

  async #beat() {
    if (this.#isBeating) return
    this.#isBeating = true
    try {
      const reply = await this.ask('session.beat')
      if (reply.problem.type === 'session.unknown') await this.ask('session.hello', this.#hello)
    } catch {
      // Nobody is there, or this was closed: the next beat tries again, or there is none.
    } finally {
      this.#isBeating = false
    }
  }
}

/** Where people come in: opens contacts and tells the engine what becomes of them. */
export class Gateway extends Client {
  static kind = 'gateway'

  /** A person arrives. `more`: contact, queue or need, customer, address, language, urgency, …
   * @param {string} channel @param {Data} [more] @param {Asking} [asking] */
  open(channel, more = {}, asking) {
    return this.send('contact.open', { channel, ...more }, asking)
  }

  /** A line of a chat. The same `line` of the same speaker twice is said once.
   * @param {string} contact @param {string} text
   * @param {{ from?: string, line?: number }} [more] */
  say(contact, text, { from = 'customer', line } = {}) {
    return this.send('contact.say', { contact, text, line, from })
  }

  /** A line reached the person; without `from` it is of all who said one of that number.
   * @param {string} contact @param {number} line @param {{ from?: string }} [more] */
  delivered(contact, line, { from } = {}) {
    return this.send('contact.deliver', { contact, line, from })
  }

  /** @param {string} contact @param {string} form @param {Data} fields */
  answerForm(contact, form, fields) {
    return this.send('contact.answer', { contact, form, fields })
  }

  /** The person left before anybody answered. @param {string} contact */
  abandon(contact) {
    return this.send('contact.abandon', { contact })
  }

  /** @param {string} contact @param {string} number */
  requestCallback(contact, number) {
    return this.send('contact.request_callback', { contact, number })
  }

  /** @param {string} contact @param {number} score */
  rate(contact, score) {
    return this.send('contact.rate', { contact, score })
  }

  /** The address in clear, for a purpose (a code: "dial"); only whom brought the contact is told,
   * and that it was told, and what for, is written down.
   * @param {string} contact @param {string} purpose @returns {Promise<string | undefined>} */
  async address(contact, purpose) {
    return (await this.send('contact.address', { contact, purpose })).data.address
  }

  /** The number of a callback, by the same rules.
   * @param {string} contact @param {string} purpose @returns {Promise<string | undefined>} */
  async number(contact, purpose) {
    return (await this.send('contact.address', { contact, purpose })).data.number
  }

  /** @param {string} contact */
  async show(contact) {
    return (await this.send('contact.show', { contact })).data
  }

  /** What was said in a chat that this gateway opened: `lines`, each with from, line, time and
   * text; `next` is `after` of the next call.
   * @param {string} contact @param {{ after?: number, limit?: number }} [where] */
  async read(contact, { after = 0, limit } = {}) {
    return (await this.send('contact.read', { contact, after, limit })).data
  }

  /** What a hall shows: serving, called, missed, and of each area how many wait.
   * @param {{ prefix?: string, site?: string }} [of] */
  async hall({ prefix, site } = {}) {
    return (await this.send('hall.show', { prefix, site })).data
  }
}

/** Agents' desks: one session may speak for many agents. */
export class Desk extends Client {
  static kind = 'agents'

  /** `more`: skills {name: level}, channels {name: how many}, queues {name: tier}, ready.
   * @param {string} agent @param {Data} [more] */
  signIn(agent, more = {}) {
    return this.send('agent.sign_in', { agent, ...more })
  }

  /** @param {string} agent */
  signOut(agent) {
    return this.send('agent.sign_out', { agent })
  }

  /** @param {string} agent */
  ready(agent) {
    return this.send('agent.set_state', { agent, state: 'ready' })
  }

  /** @param {string} agent @param {string} [reason] */
  notReady(agent, reason) {
    return this.send('agent.set_state', { agent, state: 'not_ready', reason })
  }

  /** @param {string} contact @param {string} agent */
  accept(contact, agent) {
    return this.send('offer.accept', { contact, agent })
  }

  /** @param {string} contact @param {string} agent @param {string} [reason] */
  decline(contact, agent, reason = 'reject') {
    return this.send('offer.decline', { contact, agent, reason })
  }

  /** @param {string} contact @param {string} text @param {{ line?: number }} [more] */
  say(contact, text, { line } = {}) {
    return this.send('contact.say', { contact, text, line, from: 'agent' })
  }

  /** @param {string} contact @param {string} agent */
  hold(contact, agent) {
    return this.send('contact.hold', { contact, agent })
  }

  /** @param {string} contact @param {string} agent */
  resume(contact, agent) {
    return this.send('contact.resume', { contact, agent })
  }

  /** @param {string} contact @param {string} agent
   * @param {{ toQueue?: string, toAgent?: string }} to */
  transfer(contact, agent, { toQueue, toAgent }) {
    const to = { to_queue: toQueue, to_agent: toAgent }
    return this.send('contact.transfer', { contact, agent, ...to })
  }

  /** @param {string} contact @param {string} agent @param {string} [disposition] a code */
  finish(contact, agent, disposition) {
    return this.send('contact.finish', { contact, agent, disposition })
  }

  /** @param {string} agent */
  finishWrapUp(agent) {
    return this.send('agent.finish_wrap_up', { agent })
  }

  /** What was said in a chat that this agent is in; see Gateway.read.
   * @param {string} contact @param {string} agent
   * @param {{ after?: number, limit?: number }} [where] */
  async read(contact, agent, { after = 0, limit } = {}) {
    return (await this.send('contact.read', { contact, agent, after, limit })).data
  }

  /** The next who has a ticket, to this counter; gives its contact and ticket, or null.
   * @param {string} agent @param {string} counter @param {{ queue?: string }} [of]
   * @returns {Promise<Data | null>} */
  async callNext(agent, counter, { queue } = {}) {
    const { data } = await this.send('agent.call_next', { agent, counter, queue })
    return data.contact ? data : null
  }

  /** The ticket that the agent called, once more. @param {string} agent */
  recall(agent) {
    return this.send('ticket.recall', { agent })
  }

  /** Nobody came. @param {string} agent @param {string} [contact] */
  miss(agent, contact) {
    return this.send('ticket.miss', { agent, contact })
  }
}
