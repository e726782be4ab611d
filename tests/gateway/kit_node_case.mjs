// What the tests of the kit for Node have in common: the kit, and the real program.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
export const kit = join(root, 'gateway/kit/node')
const careline = process.env.CARELINE_BIN ?? ''
try {
  fs.accessSync(careline, fs.constants.X_OK)
} catch {
  console.log('skipped: needs the program, as CARELINE_BIN')
  process.exit(77)
}
export const { Client, Closed, Desk, Gateway, NoReply, NotAccepted, TooLarge, Unreadable, newId } =
  await import(join(kit, 'lib/index.mjs'))

export const patienceMs = 120_000
const late = (what) => {
  const error = new Error(`${what} did not come in time`)
  return new Promise((_, failed) => setTimeout(() => failed(error), patienceMs).unref())
}
export const inTime = (promise, what) => Promise.race([promise, late(what)])

/** Runs a program to its end and gives what it printed; rejects with all that it said. */
export const run = (file, args, { input = '', env = process.env } = {}) =>
  inTime(
    new Promise((done, failed) => {
      const child = execFile(file, args, { env }, (error, out, err) =>
        error ? failed(new Error(out + err)) : done(out),
      )
      child.stdin.end(input)
    }),
    args.join(' '),
  )

/** The program on free ports; the second time at the addresses of the first. */
export class RealEngine {
  folder = fs.mkdtempSync(join(tmpdir(), 'careline-kit-'))
  commands = 'tcp://127.0.0.1:0'
  events = 'tcp://127.0.0.1:0'

  async start(...more) {
    const where = ['--commands', this.commands, '--events', this.events, '--http', '127.0.0.1:0']
    this.data = join(this.folder, 'data')
    this.process = spawn(careline, ['serve', '--data', this.data, ...where, ...more], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    this.ended = new Promise((done) => this.process.once('exit', done))
    const lines = createInterface({ input: this.process.stdout })
    const ready = await inTime(new Promise((done) => lines.once('line', done)), 'a ready line')
    const words = ready.split(' ').slice(1)
    const addresses = Object.fromEntries(words.map((word) => word.split(/=(.*)/)))
    this.commands = addresses.commands
    this.events = addresses.events
    this.pages = addresses.http
    return this
  }

  /** Whoever may do everything, where it serves with keys. */
  administrator() {
    return connect(Client, 'admin', this, { keyFile: join(this.data, 'admin.key') })
  }

  /** Until so many connections to its event socket are open. */
  async untilHeardBy(count) {
    const row = new RegExp(`^careline_bus_connections\\{socket="events"\\} ${count}$`, 'm')
    const found = async () => row.test(await (await fetch(`${this.pages}/metrics`)).text())
    const look = async () => {
      while (!(await found()));
    }
    await inTime(look(), 'a connection for events')
  }

  /** A key file that `careline key make` wrote, for a client of this engine with keys. */
  async makeKey(name) {
    const file = join(this.folder, `${name}.key`)
    await run(careline, ['key', 'make', name, '--out', file, '--data', this.data])
    return file
  }

  /** The same, and the engine accepts it. */
  async acceptedKey(name, role) {
    const file = await this.makeKey(name)
    const words = ['key', 'accept', name, file, '--role', role, '--data', this.data]
    await run(careline, [...words, '--commands', this.commands])
    return file
  }

  async kill() {
    this.process.kill('SIGKILL')
    await inTime(this.ended, 'its end')
  }

  async end() {
    await this.kill()
    fs.rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Each client that a test opened is closed after it. */
const clients = []
export const connect = async (kind, name, engine, more) => {
  const { commands, events } = engine
  clients.push(await kind.connect(name, { commands, events, ...more }))
  return clients.at(-1)
}
export const closeAll = async () => {
  for (const client of clients.splice(0)) await client.close({ sayGoodbye: false })
}
export const take = async (follow, count) => {
  const got = []
  while (got.length < count) {
    const event = await follow.next(patienceMs)
    assert.ok(event, `only ${got.map((e) => e.position)} came`)
    got.push(event)
  }
  return got
}
export const untilSaid = async (follow, type, contact) => {
  for (;;) {
    const [event] = await take(follow, 1)
    if (event.type === type && event.data.contact === contact) return event
  }
}
