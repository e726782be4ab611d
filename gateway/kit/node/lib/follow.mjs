// The event socket: each event once and in order, whatever ZeroMQ loses.
import { Subscriber } from 'zeromq'
import * as wire from './wire.mjs'

const PAGE = 1000
const ASK_MS = 5000 // no page for so long: it is asked for anew
const SILENCE_MS = 3000 // beats come each second; with none for so long the log is asked

/**
 * Follows the log, for ever.
 *
 *     for await (const event of follow) …     ends when this, or its client, is closed
 *     const event = await follow.next(10_000) null: the time is over
 *
 * It subscribes first, sees what was lost by `position`, `previous` and the beat `log.head`, or by
 * the beat's absence, and reads that from the log. With `types`, an event that was lost comes after
 * younger ones of other types; inside one type the order holds. `at` is the place to begin again at
 * after a restart. One reader at a time. An event that this kit cannot read is stepped over, and
 * `onUnreadable` is told its position and why.
 */
export class Follow {
  /** @type {wire.Event[]} */
  #ready = []
  #whole = 0 // everything asked for up to here was handed on
  /** @type {Map<string, number>} by type, where above that */
  #last = new Map()
  /** @type {Set<number>} positions above that */
  #handed = new Set()
  #isBehind = true // what came before the subscription is in the log
  #isClosed = false
  #isReading = false
  #heardAt = performance.now()
  /** @type {Buffer[] | null} */
  #frames = null
  #isReceiving = false
  /** @type {{ reply?: wire.Reply | null, failed?: Error } | null} asked for and not taken yet */
  #page = null
  #wake = () => {}
  #socket
  #askLog
  #types
  #onReset
  #onUnreadable
  #limit = PAGE // of the next page; smaller around what cannot be read

  /**
   * Use `client.follow`.
   * @param {(data: Record<string, any>, patienceMs: number) => Promise<wire.Reply>} askLog
   * @param {string[]} types
   * @param {{ events?: string, key?: wire.Key, onReset?: (was: number) => void,
   *   onUnreadable?: (position: number, why: Error) => void }} more
   */
  constructor(askLog, types, { events, key = {}, onReset, onUnreadable }) {
    this.#askLog = askLog
    this.#types = types
    this.#onReset = onReset
    this.#onUnreadable = onUnreadable
    this.#socket = new Subscriber({ ...wire.CONNECTION, ...key })
    this.#socket.connect(events || process.env.CARELINE_EVENTS || wire.EVENTS)
    this.#socket.subscribe('log.head', ...(types.length ? types : ['']))
  }

  /** @param {number | undefined} after @param {number} patienceMs */
  async begin(after, patienceMs) {
    this.#startAt(after ?? (await this.#head(patienceMs)))
    this.#isBehind = true
  }

  /** Where to begin again: nothing up to here is missing, nor waits in this object. */
  get at() {
    return this.#ready.reduce((at, event) => Math.min(at, event.position - 1), this.#whole)
  }

  /**
   * The next event; null when the time passes first, wherever the engine is. Rejects with Closed
   * once this, or its client, is closed.
   * @param {number} [timeoutMs]
   * @returns {Promise<wire.Event | null>}
   */
  async next(timeoutMs = Infinity) {
    if (this.#isReading) throw new Error('one reader at a time: another next() waits')
    this.#isReading = true
    try {
      return await this.#nextUntil(performance.now() + timeoutMs)
    } finally {
      this.#isReading = false
    }
  }

  /** @returns {AsyncGenerator<wire.Event>} */
  async *[Symbol.asyncIterator]() {
    try {
      for (;;) {
        const event = await this.next()
        if (event) yield event
      }
    } catch (error) {
      if (!(error instanceof wire.Closed)) throw error
    }
  }

  close() {
    this.#isClosed = true
    this.#socket.close()
    this.#wake()
  }

  /** @param {number} until */
  async #nextUntil(until) {
    for (;;) {
      const event = this.#ready.shift()
      if (event) return event
      if (this.#isClosed) throw new wire.Closed()
      const page = this.#isBehind ? this.#takePage() : null
      if (page) this.#readOn(page)
      else if (!this.#isBehind && this.#frames) this.#take()
      else if (performance.now() >= until) return null
      else await this.#wait(until)
    }
  }

  /** Until a page or an event may be there, this is closed, or the time is over.
   * @param {number} until */
  async #wait(until) {
    const now = performance.now()
    if (!this.#isBehind) {
      if (now >= this.#heardAt + SILENCE_MS) {
        this.#isBehind = true // nobody tells what is lost: ask the log
        this.#heardAt = now
        return
      }
      this.#receive()
      until = Math.min(until, this.#heardAt + SILENCE_MS)
    }
    /** @type {NodeJS.Timeout | undefined} */
    let timer
    await new Promise((done) => {
      this.#wake = () => done(undefined)
      if (until !== Infinity) timer = setTimeout(done, Math.max(0, until - now) + 1)
    })
    clearTimeout(timer)
  }

  /** One message at a time: what nobody takes yet waits in ZeroMQ, and is lost there at last. */
  async #receive() {
    if (this.#isReceiving) return
    this.#isReceiving = true
    try {
      this.#frames = /** @type {Buffer[]} */ (await this.#socket.receive())
    } catch {
      this.#isClosed = true
    }
    this.#isReceiving = false
    this.#wake()
  }

  /** @param {string} type */
  #wants(type) {
    const { length } = this.#types
    return !length || this.#types.some((t) => t === type || (t.endsWith('.') && type.startsWith(t)))
  }

  /** @param {string} type */
  #lastOf(type) {
    return Math.max(this.#last.get(type) ?? 0, this.#whole)
  }

  #take() {
    const [topic, body] = this.#frames ?? []
    this.#frames = null
    try {
      const told = wire.unpack(body)
      if (String(topic) === 'log.head') {
        this.#heard(told.head, told.since, Object.entries(told.types))
        this.#heardAt = performance.now()
      } else if (this.#wants(told.type)) {
        this.#came(new wire.Event(told))
      }
    } catch {
      // Not from an engine; were it an event, its absence would show.
    }
  }

  /** One that shows a gap is not taken: the log will bring it. @param {wire.Event} event */
  #came(event) {
    const isFiltered = this.#types.length > 0
    const before = isFiltered ? this.#lastOf(event.type) : this.#whole
    if (event.position <= before) return
    if (isFiltered ? event.previous > before : event.position !== before + 1) {
      this.#isBehind = true
      return
    }
    if (isFiltered) {
      this.#last.set(event.type, event.position)
      this.#handed.add(event.position)
    } else {
      this.#whole = event.position
    }
    this.#ready.push(event)
  }

  /** @param {number} head @param {number} since @param {[string, number][]} types */
  #heard(head, since, types) {
    if (!this.#types.length) {
      this.#isBehind = head !== this.#whole
      return
    }
    const isMissing = types.some(([type, at]) => this.#wants(type) && at > this.#lastOf(type))
    this.#isBehind = head < this.#whole || since > this.#whole || isMissing
    if (!this.#isBehind) this.#isWholeUpTo(head)
  }

  /** @param {Record<string, any>} page */
  #readOn({ events, next, head }) {
    if (head < this.#whole) {
      const was = this.#whole // another log
      this.#startAt(0)
      this.#isBehind = true
      this.#onReset?.(was)
      return
    }
    for (const body of events) {
      const event = new wire.Event(body)
      if (event.position <= this.#whole || this.#handed.has(event.position)) continue
      if (!this.#wants(event.type)) continue // from a small page, which holds all types
      this.#last.set(event.type, Math.max(event.position, this.#last.get(event.type) ?? 0))
      this.#ready.push(event)
    }
    this.#isWholeUpTo(Math.max(this.#whole, next))
    this.#isBehind = next < head
  }

  /** @param {number} after */
  #startAt(after) {
    this.#whole = after
    this.#last.clear()
    this.#handed.clear()
    this.#isBehind = false
  }

  /** @param {number} at */
  #isWholeUpTo(at) {
    this.#whole = at
    for (const position of this.#handed) if (position <= at) this.#handed.delete(position)
    for (const [type, position] of this.#last) if (position <= at) this.#last.delete(type)
  }

  /** @param {number} patienceMs */
  async #head(patienceMs) {
    const reply = await this.#askLog({ after: 0, limit: 1 }, patienceMs)
    if (!reply.accepted) throw new wire.NotAccepted(reply)
    return reply.data.head
  }

  /** The page after what is whole; null while it is not there, and asks for it, until the engine
   * is back and its log can be read. */
  #takePage() {
    const page = this.#page
    if (page && page.reply === undefined && !page.failed) return null // it is on its way
    this.#page = null
    if (page?.failed instanceof wire.Unreadable) this.#stepOver(page.failed)
    else if (page?.failed) throw page.failed
    if (page?.reply?.accepted) {
      this.#limit = Math.min(this.#limit * 2, PAGE)
      return page.reply.data
    }
    // The log does not reach that far.
    if (page?.reply?.problem.type === 'log.bad_position') return { events: [], next: 0, head: 0 }
    if (page?.reply && page.reply.outcome !== 'busy') throw new wire.NotAccepted(page.reply)
    this.#askPage()
    return null
  }

  /** A page of half the size, down to the one event. @param {wire.Unreadable} why */
  #stepOver(why) {
    if (this.#limit > 1) {
      this.#limit = this.#limit >> 1
      return
    }
    this.#isWholeUpTo(this.#whole + 1)
    this.#onUnreadable?.(this.#whole, why)
  }

  async #askPage() {
    /** @type {{ reply?: wire.Reply | null, failed?: Error }} */
    const page = (this.#page = {})
    const limit = this.#limit
    // A small page without a filter ends where it says, so that its one event is the next.
    const types = this.#types.length && limit === PAGE ? this.#types : undefined
    try {
      page.reply = await this.#askLog({ after: this.#whole, limit, types }, ASK_MS)
    } catch (error) {
      if (error instanceof wire.NoReply) page.reply = null
      else page.failed = /** @type {Error} */ (error)
    }
    this.#wake()
  }
}
