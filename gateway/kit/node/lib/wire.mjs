// What goes over the wire, as JavaScript sees it. See docs/wire.md.
import { decode, encode } from '@msgpack/msgpack'
import { randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'

export const COMMANDS = 'tcp://127.0.0.1:5570'
export const EVENTS = 'tcp://127.0.0.1:5571'
export const BODY_BYTES_MAX = 64 * 1024 // of a command; the engine refuses more

/** Both ends notice a dead other one within seconds, and connect again by themselves. */
export const CONNECTION = {
  linger: 200,
  heartbeatInterval: 2000,
  heartbeatTimeout: 6000,
  reconnectInterval: 50,
  reconnectMaxInterval: 1000,
  receiveHighWaterMark: 100_000,
}

/** @typedef {{ curvePublicKey?: string, curveSecretKey?: string, curveServerKey?: string }} Key */

/**
 * What a socket is given of a key file, as `careline key make` writes it (docs/security.md): the
 * one named, or the one in CARELINE_KEY; nothing where there is neither.
 * @param {string} [path]
 * @returns {Key}
 */
export function keyOf(path = process.env.CARELINE_KEY) {
  if (!path) return {}
  if (statSync(path).mode & 0o077) throw new Error(`${path} may be read by others: chmod 600 it`)
  const said = new Map(
    [...readFileSync(path, 'utf8').matchAll(/^(\w+) *= *"(.*)"$/gm)].map(([, word, text]) => [
      word,
      text.replace(/\\(.)/g, '$1'),
    ]),
  )
  for (const word of ['client', 'public', 'secret', 'server'])
    if (!said.get(word)) throw new Error(`${path} has no line "${word}"`)
  return {
    curvePublicKey: said.get('public'),
    curveSecretKey: said.get('secret'),
    curveServerKey: said.get('server'),
  }
}

/**
 * Where there is no connection. To whom an engine turns away for its key it is as if nobody were
 * there.
 * @param {string} where
 * @param {Key} key
 */
export function noWayTo(where, key) {
  const asks = key.curvePublicKey ? "does it accept this client's key" : 'does it ask for a key'
  return `there is no connection to ${where}: is the engine there, and ${asks}?`
}

/**
 * A UUID of version 7: the engine knows from it how old a command is.
 * @returns {string}
 */
export function newId() {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(Date.now(), 0, 6)
  bytes[6] = (bytes[6] & 0x0f) | 0x70
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  const cuts = [0, 8, 12, 16, 20, 32]
  return cuts
    .slice(1)
    .map((end, n) => hex.slice(cuts[n], end))
    .join('-')
}

/**
 * Fields without a value are left out. A whole number beyond 32 bits is a bigint to the encoder:
 * otherwise it would leave as a float.
 * @param {any} value
 * @returns {any}
 */
function outgoing(value) {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && Math.abs(value) >= 2 ** 31 ? BigInt(value) : value
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value
  if (Array.isArray(value)) return value.map(outgoing)
  const kept = Object.entries(value).filter(([, field]) => field !== undefined && field !== null)
  return Object.fromEntries(kept.map(([key, field]) => [key, outgoing(field)]))
}

/**
 * Positions are unsigned and have 64 bits. Here they are numbers, exact up to 2^53, which no log
 * reaches; a number that is beyond that (a seed) stays a bigint.
 * @param {any} value
 * @returns {any}
 */
function incoming(value) {
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value
  if (Array.isArray(value)) return value.map(incoming)
  for (const key of Object.keys(value)) value[key] = incoming(value[key])
  return value
}

/** @param {object} value @returns {Uint8Array} */
export const pack = (value) => encode(outgoing(value), { useBigInt64: true })

/** @param {Uint8Array} body @returns {any} */
export const unpack = (body) => incoming(decode(body, { useBigInt64: true }))

/**
 * The command's id in a reply that cannot be read; empty where that cannot be found either.
 * @param {Uint8Array} body
 */
export function idAtFront(body) {
  const front = Buffer.from(body.subarray(0, 64)).toString('latin1')
  return /^[\x80-\x8f\xde\xdf].{0,4}?\xa2id\xd9\x24([0-9a-f-]{36})/is.exec(front)?.[1] ?? ''
}

/** The one answer to a command or query. */
export class Reply {
  /** @param {any} body */
  constructor(body) {
    /** @type {string} */
    this.id = body.id ?? ''
    /** @type {string} accepted, refused, busy, invalid */
    this.outcome = body.outcome ?? ''
    /** @type {number} of the last event that the command caused; 0: it caused none */
    this.position = body.position ?? 0
    /** @type {Record<string, any>} */
    this.data = body.data ?? {}
    /** @type {Record<string, string>} type, title, field, detail; empty when accepted */
    this.problem = body.problem ?? {}
    /** @type {number} */
    this.retryMs = body.retry_ms ?? 100
    /** @type {string} with busy: where else to send the person */
    this.fallback = body.fallback ?? ''
  }

  get accepted() {
    return this.outcome === 'accepted'
  }
}

/** Something that became true. Personal values in `data` are sealed: bytes, not text. */
export class Event {
  /** @param {any} body */
  constructor(body) {
    /** @type {string} contact.queued */
    this.type = body.type
    /** @type {number} 1, 2, 3, … without gaps */
    this.position = body.position
    /** @type {number} of the event before of the same type; 0: none */
    this.previous = body.previous ?? 0
    /** @type {string} contact/C-1 */
    this.subject = body.subject ?? ''
    /** @type {string} RFC 3339 UTC */
    this.time = body.time ?? ''
    /** @type {Record<string, any>} */
    this.data = body.data ?? {}
    /** @type {Record<string, any>} all keys, as they came */
    this.body = body
  }
}

/**
 * The engine said no. `reply` holds its reason: `reply.problem.type` is a stable code. What Node
 * prints of an error that nobody caught is its message, and nothing of what the reply holds.
 */
export class NotAccepted extends Error {
  #reply

  /** @param {Reply} reply */
  constructor(reply) {
    const { type = reply.outcome, title = '', field } = reply.problem
    super(`${type}: ${title}${field ? ` (${field})` : ''}`)
    this.name = 'NotAccepted'
    this.#reply = reply
  }

  get reply() {
    return this.#reply
  }
}

/** Nothing was heard in time: unknown, not refused. Ask again with the same `id`. */
export class NoReply extends Error {
  /** @param {string} id @param {string} [noWay] */
  constructor(id, noWay) {
    super(`no reply to ${id}: send the same id again${noWay ? `; ${noWay}` : ''}`)
    this.name = 'NoReply'
    this.id = id
  }
}

/** There was a reply, and this kit cannot read it: it says no more the next time. */
export class Unreadable extends Error {
  /** @param {string} id @param {unknown} cause */
  constructor(id, cause) {
    super(`the reply to ${id} cannot be read: ${cause instanceof Error ? cause.message : cause}`)
    this.name = 'Unreadable'
    this.id = id
  }
}

/** The command was not sent: the engine takes no body of that size. */
export class TooLarge extends RangeError {
  /** @param {string} type @param {number} size */
  constructor(type, size) {
    super(`${type} has ${size} bytes; the engine takes at most ${BODY_BYTES_MAX}`)
    this.name = 'TooLarge'
  }
}

/** The client was closed: nothing is sent, or followed, by it any more. */
export class Closed extends Error {
  constructor() {
    super('the client was closed')
    this.name = 'Closed'
  }
}
