// The HTTP side of an engine with accounts, over the small centre of desk_centre.mjs: the built
// page with the engine's own headers, sessions, commands, queries, and the two streams.
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Centre } from './desk_centre.mjs'
import { asked, told } from './desk_words.mjs'

const here = dirname(fileURLToPath(import.meta.url))
export const dist = resolve(here, '../../gateway/http/page/dist')
const types = { '.css': 'text/css', '.html': 'text/html', '.js': 'text/javascript' }

/** The headers stand in the engine's source: what the page may do is what it may do there. */
function securityHeaders() {
  const source = readFileSync(resolve(here, '../../gateway/http/routes.cpp'), 'utf8')
  const all = source.split('security_headers()')[1].split('return all;')[0]
  const out = {}
  for (const row of all.matchAll(/\{"([A-Za-z-]+)",\s*((?:"[^"]*"\s*)+)\}/g))
    out[row[1]] = [...row[2].matchAll(/"([^"]*)"/g)].map((part) => part[1]).join('')
  if (!out['Content-Security-Policy']) throw new Error('no policy was found in routes.cpp')
  return out
}

const problem = (status, type, detail) => ({ status, body: { type, title: type, status, detail } })

export class DeskDouble {
  static async start(accounts, options) {
    const d = new DeskDouble()
    d.centre = new Centre(options)
    // Copies: a password that is changed is changed for this one alone.
    d.accounts = new Map(accounts.map((a) => [a.user, { ...a }]))
    d.sessions = new Map()
    d.headers = securityHeaders()
    d.streams = new Set()
    /** A bad line: a request takes up to so many milliseconds each way. */
    d.late_ms = 0
    d.dropped = 0
    /**
     * What a test puts in the engine's place: `instead(asked, usual)` is told the `path`,
     * `method`, `body` and whose session it is; `usual()` does what is done otherwise. A browser's
     * own interception lets the first request after it through now and then.
     */
    d.instead = (_asked, usual) => usual()
    d.centre.listeners.add((what) => d.hear(what))
    d.beats = setInterval(() => d.beat(), 1000)
    d.flushes = setInterval(() => d.flush(), 200)
    await d.listen(0)
    return d
  }
  async listen(port) {
    this.server = createServer((ask, answer) => void this.serve(ask, answer))
    await new Promise((done) => this.server.listen(port, '127.0.0.1', done))
    this.port = this.server.address().port
    this.base = `http://127.0.0.1:${this.port}/`
  }
  /** As if the engine were away. */
  async silence() {
    for (const s of this.streams) s.answer.destroy()
    this.streams.clear()
    this.server.closeAllConnections()
    await new Promise((done) => this.server.close(done))
  }
  async speak() {
    await this.listen(this.port)
  }
  async stop() {
    clearInterval(this.beats)
    clearInterval(this.flushes)
    this.centre.close()
    await this.silence()
  }

  /** Something that happens elsewhere in the centre. */
  say(id, type, data) {
    return told(this.centre, { id, type, data })
  }
  hear({ position, subjects }) {
    for (const s of this.streams)
      if (s.path === '/api/desk') {
        s.position = position
        for (const subject of subjects) s.subjects.add(subject)
      }
  }
  send(stream, event, data) {
    stream.answer.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }
  flush() {
    for (const s of this.streams) {
      if (s.path === '/api/events') this.send(s, 'snapshot', this.centre.frame())
      if (s.path !== '/api/desk' || s.subjects.size === 0) continue
      this.send(s, 'changed', { position: s.position, subjects: [...s.subjects] })
      s.subjects.clear()
    }
  }
  beat() {
    for (const s of this.streams) this.send(s, 'beat', {})
  }
  /** Throws a user out, as a supervisor or an administrator would. */
  signOut(user, reason) {
    for (const [token, session] of this.sessions)
      if (session.user === user) this.sessions.delete(token)
    for (const s of this.streams)
      if (s.path === '/api/desk' && s.session.user === user) {
        this.send(s, 'signed_out', { reason })
        s.answer.end()
        this.streams.delete(s)
      }
  }

  sessionOf(ask) {
    const token = /careline=([0-9a-f]+)/.exec(ask.headers.cookie ?? '')?.[1]
    return this.sessions.get(token)
  }
  signIn({ user, password, code, new_password }) {
    const account = this.accounts.get(user)
    if (account?.locked) return problem(403, 'security.locked', 'until 2026-03-02T02:30:00.000Z')
    if (!account || account.password !== password) return problem(401, 'security.sign_in_failed')
    if (account.code && code !== account.code)
      return problem(401, code ? 'security.sign_in_failed' : 'security.code_needed')
    if (new_password !== undefined) {
      // Every double needs a password that the page lets through and the engine does not.
      if (new_password.length < 12 || [password, 'passwordpassword'].includes(new_password))
        return problem(403, 'security.password_weak', 'new_password')
      account.password = new_password
      this.signOut(user, 'security.sign_in_needed')
    }
    const token = randomBytes(16).toString('hex')
    const { agent, roles, sends } = account
    const session = { user, agent, roles, sends, csrf: randomBytes(8).toString('hex') }
    this.sessions.set(token, session)
    const cookie = `careline=${token}; HttpOnly; SameSite=Strict; Path=/`
    return { status: 200, body: session, headers: { 'Set-Cookie': cookie } }
  }

  api(ask, path, body) {
    const session = this.sessionOf(ask)
    if (path === '/api/session' && ask.method === 'POST') return this.signIn(body)
    if (!session) return problem(401, 'security.sign_in_needed')
    if (path === '/api/session' && ask.method === 'GET') return { status: 200, body: session }
    if (path === '/api/query') return asked(this.centre, body)
    if (path === '/api/board') return { status: 200, body: this.centre.frame() }
    if (ask.headers['x-csrf-token'] !== session.csrf) return problem(403, 'security.token_missing')
    if (path === '/api/session') {
      for (const [token, one] of this.sessions) if (one === session) this.sessions.delete(token)
      return { status: 204 }
    }
    if (path !== '/api/command') return problem(404, 'about:blank')
    const may = session.sends.some((w) => w === '*' || w === body.type || body.type.startsWith(w))
    return may ? told(this.centre, body) : problem(403, 'security.not_allowed')
  }

  async serve(ask, answer) {
    const path = new URL(ask.url, this.base).pathname
    for (const [name, value] of Object.entries(this.headers)) answer.setHeader(name, value)
    if (!path.startsWith('/api/')) return this.file(path, answer)
    if (path === '/api/desk' || path === '/api/events') return this.stream(ask, path, answer)
    let text = ''
    for await (const part of ask) text += part
    const body = text ? JSON.parse(text) : {}
    await this.onItsWay()
    const asked = { path, method: ask.method, body, user: this.sessionOf(ask)?.user }
    const said = await this.instead(asked, () => this.api(ask, path, body))
    await this.onItsWay()
    // The answer is lost on the way although it was done.
    if (path === '/api/command' && this.dropped > 0) {
      this.dropped--
      answer.destroy()
      return
    }
    answer.writeHead(said.status, { 'Content-Type': 'application/json', ...said.headers })
    answer.end(said.body ? JSON.stringify(said.body) : undefined)
  }
  onItsWay() {
    return this.late_ms && new Promise((done) => setTimeout(done, Math.random() * this.late_ms))
  }
  stream(ask, path, answer) {
    const session = this.sessionOf(ask)
    if (!session) {
      answer.writeHead(401, { 'Content-Type': 'application/problem+json' })
      answer.end('{}')
      return
    }
    answer.writeHead(200, { 'Content-Type': 'text/event-stream' })
    const stream = { path, answer, session, subjects: new Set(), position: 0 }
    this.streams.add(stream)
    this.counted?.()
    answer.on('close', () => {
      this.streams.delete(stream)
      this.counted?.()
    })
    this.send(stream, 'beat', {})
    this.flush()
  }
  /** Once so many streams are open, no more and no fewer. */
  streamsAre(count) {
    return new Promise((done, fail) => {
      const never = setTimeout(
        () => fail(new Error(`${this.streams.size} streams are open, not ${count}`)),
        30_000,
      )
      this.counted = () => {
        if (this.streams.size !== count) return
        clearTimeout(never)
        done()
      }
      this.counted()
    })
  }
  file(path, answer) {
    const name = join(dist, path === '/' ? 'index.html' : path)
    if (!existsSync(name)) {
      answer.writeHead(404)
      answer.end()
      return
    }
    const type = extname(name) === '.svg' ? 'image/svg+xml' : types[extname(name)]
    answer.writeHead(200, { 'Content-Type': type })
    answer.end(readFileSync(name))
  }
}
