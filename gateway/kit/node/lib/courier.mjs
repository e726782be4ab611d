// The command socket: carries commands to the engine and the answers back.
import { Dealer } from 'zeromq'
import * as wire from './wire.mjs'

const RETRY_MS = 2000 // no reply for so long: the same id again
const AWAY_MS = 20 // no connection: so long until it is looked at again

/**
 * @typedef {object} Open A command that was not answered for good yet.
 * @property {string} id
 * @property {Uint8Array} body
 * @property {number} until
 * @property {number} again
 * @property {wire.Reply | null} busy the latest such answer
 * @property {{ done: (reply: wire.Reply) => void, failed: (why: Error) => void }[]} askers
 */

/**
 * Each command has an id and is sent again, with the same id, until it is answered: after silence,
 * after `busy` as long as that asks for, and after the engine came back. The engine does it once
 * however often it comes.
 */
export class Courier {
  /** @type {Map<string, Open>} */
  #open = new Map()
  #isClosed = false
  #sentAt = performance.now()
  /** @type {NodeJS.Timeout | undefined} */
  #timer
  #wakesAt = Infinity
  #socket
  #where
  #key
  #source
  #beatMs
  #onSilence

  /**
   * @param {string} source
   * @param {string | undefined} commands
   * @param {number} beatMs so long without a command: onSilence is called
   * @param {() => void} onSilence
   * @param {wire.Key} [key]
   */
  constructor(source, commands, beatMs, onSilence, key = {}) {
    this.#source = source
    this.#beatMs = beatMs
    this.#onSilence = onSilence
    // Nothing waits inside ZeroMQ for an engine that is away (`immediate`): what was given up by
    // then must not reach it when it is back.
    this.#socket = new Dealer({ ...wire.CONNECTION, ...key, immediate: true, sendTimeout: 0 })
    this.#key = key
    this.#where = commands || process.env.CARELINE_COMMANDS || wire.COMMANDS
    this.#socket.connect(this.#where)
    this.#listen().catch(() => this.close()) // nobody must wait for what never comes
    this.#wakeAt(this.#sentAt + beatMs)
  }

  /**
   * The Reply to a command, whatever its outcome. Rejects with NoReply after `patienceMs`, with
   * Unreadable where what came is beyond this kit; and, with nothing sent, with TooLarge or Closed.
   * @param {string} type
   * @param {Record<string, any>} data
   * @param {number} patienceMs
   * @param {string} [id]
   * @returns {Promise<wire.Reply>}
   */
  async ask(type, data, patienceMs, id = wire.newId()) {
    if (this.#isClosed) throw new wire.Closed()
    const body = wire.pack({ id, type, source: this.#source, data })
    if (body.length > wire.BODY_BYTES_MAX) throw new wire.TooLarge(type, body.length)
    const until = performance.now() + patienceMs
    return new Promise((done, failed) => {
      const before = this.#open.get(id)
      const opened = before ?? { id, body, until, again: 0, busy: null, askers: [] }
      opened.until = Math.max(opened.until, until)
      opened.askers.push({ done, failed })
      this.#open.set(id, opened)
      this.#carry(opened, performance.now())
    })
  }

  /** What is still open is NoReply; what is asked from now on is Closed. */
  close() {
    if (this.#isClosed) return
    this.#isClosed = true
    clearTimeout(this.#timer)
    for (const opened of this.#open.values()) this.#giveUp(opened)
    this.#socket.close()
  }

  async #listen() {
    for await (const frames of this.#socket) {
      const body = frames[frames.length - 1]
      try {
        this.#take(new wire.Reply(wire.unpack(body)))
      } catch (cause) {
        // Without an id it is not from an engine; it will be asked again.
        const opened = this.#open.get(wire.idAtFront(body))
        if (opened) this.#fail(opened, new wire.Unreadable(opened.id, cause))
      }
    }
  }

  /** @param {wire.Reply} reply */
  #take(reply) {
    const opened = this.#open.get(reply.id)
    if (!opened) return
    if (reply.outcome === 'busy') {
      opened.busy = reply
      opened.again = performance.now() + reply.retryMs
      this.#wakeAt(opened.again)
    } else {
      this.#answer(opened, reply)
    }
  }

  /** @param {Open} opened @param {wire.Reply} reply */
  #answer(opened, reply) {
    this.#open.delete(opened.id)
    for (const asker of opened.askers) asker.done(reply)
  }

  /** @param {Open} opened @param {Error} why */
  #fail(opened, why) {
    this.#open.delete(opened.id)
    for (const asker of opened.askers) asker.failed(why)
  }

  /** @param {Open} opened */
  #giveUp(opened) {
    if (opened.busy) return this.#answer(opened, opened.busy)
    const noWay = this.#socket.writable ? undefined : wire.noWayTo(this.#where, this.#key)
    this.#fail(opened, new wire.NoReply(opened.id, noWay))
  }

  /** @param {Open} opened @param {number} now */
  #carry(opened, now) {
    if (now >= opened.until) return this.#giveUp(opened)
    if (now >= opened.again) {
      if (this.#socket.writable) this.#send(opened, now)
      else opened.again = now + AWAY_MS
    }
    this.#wakeAt(Math.min(opened.again, opened.until))
  }

  /** @param {Open} opened @param {number} now */
  #send(opened, now) {
    opened.again = now + RETRY_MS
    this.#sentAt = now
    this.#socket.send([null, opened.body]).catch(() => {
      opened.again = performance.now() + AWAY_MS // the connection went in this moment
      this.#wakeAt(opened.again)
    })
  }

  /** One timer for all, for what is due first. @param {number} at */
  #wakeAt(at) {
    if (this.#isClosed || at >= this.#wakesAt) return
    this.#wakesAt = at
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#wake(), Math.max(0, at - performance.now()) + 1)
  }

  #wake() {
    const now = performance.now()
    this.#wakesAt = Infinity
    for (const opened of [...this.#open.values()]) this.#carry(opened, now)
    if (now >= this.#sentAt + this.#beatMs) {
      this.#sentAt = now
      this.#onSilence()
    }
    this.#wakeAt(this.#sentAt + this.#beatMs)
  }
}
