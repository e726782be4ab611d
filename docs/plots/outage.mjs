// What became of a load: reads the events that `careline simulate` or `careline log read` prints
// (JSON lines), says whether each contact that was opened ended exactly once, and what happened in
// each ten seconds since the first contact. With the frames that a page got (frames.mjs) also how
// old the board was: from an event to the first frame that has it. With seconds both only so long.
//   careline simulate outage.jsonl | node docs/plots/outage.mjs >docs/plots/data/outage.json
//   careline log read | node docs/plots/outage.mjs frames.csv 1500 >docs/plots/data/outage-bus.json

import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const step = 10
const rows = new Map()
const open = new Map() // contact -> {at, safety, phase}
const over = new Set()
const queues = new Set()
const signedIn = new Set()
const counts = { opened: 0, for_help: 0, answered: 0, refused: 0 }
const ends = {} // by the type of their event
const wrong = []
const channels = {}
let agentsMax = 0
let events = 0
let safetyMax = 0
let last = 0

const frames = process.argv[2]
  ? readFileSync(process.argv[2], 'utf8').trim().split('\n').map((l) => l.split(',').map(Number))
  : []
const lagUntil = Number(process.argv[3] ?? Infinity)
let shown = 0
const lags = []

/** How long after its time an event was on the page; nothing before the page was there. */
function lagOf(line) {
  if (frames.length === 0 || line.position <= frames[0][1]) return undefined
  while (shown < frames.length && frames[shown][1] < line.position) ++shown
  return shown < frames.length ? frames[shown][0] - Date.parse(line.time) : undefined
}

function shareOf(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}

let begin
function secondsOf(line) {
  const at = line.at ?? Date.parse(line.time) / 1000
  if (begin === undefined && line.type === 'contact.opened') begin = at
  return at - (begin ?? at)
}

function row(at) {
  const begins = Math.floor(at / step) * step
  if (!rows.has(begins)) rows.set(begins, { at: begins, arrivals: 0, answered: 0, gave_up: 0 })
  return rows.get(begins)
}

let waiting = 0
let talking = 0
function end(contact, type) {
  ends[type] = (ends[type] ?? 0) + 1
  if (over.has(contact)) wrong.push(`${contact} ends twice`)
  const was = open.get(contact)
  if (!was) wrong.push(`${contact} ends and was not open`)
  else if (was.phase === 'waiting') --waiting
  else if (was.phase === 'talk') --talking
  open.delete(contact)
  over.add(contact)
}

const on = {
  'queue.defined': (d) => queues.add(d.queue),
  'agent.signed_in': (d) => signedIn.add(d.agent),
  'agent.signed_out': (d) => signedIn.delete(d.agent),
  'contact.opened': (d, at) => {
    if (open.has(d.contact) || over.has(d.contact)) wrong.push(`${d.contact} opens twice`)
    open.set(d.contact, { at, safety: d.safety === true, phase: 'came' })
    ++counts.opened
    if (d.safety) ++counts.for_help
    ++row(at).arrivals
    channels[d.channel] = (channels[d.channel] ?? 0) + 1
  },
  'contact.queued': (d) => {
    const c = open.get(d.contact)
    if (c.phase === 'talk') --talking
    if (c.phase !== 'waiting') ++waiting
    c.phase = 'waiting'
  },
  'contact.connected': (d, at) => {
    const c = open.get(d.contact)
    if (c.phase === 'waiting') --waiting
    ++talking
    c.phase = 'talk'
    ++counts.answered
    ++row(at).answered
  },
  'contact.abandoned': (d, at) => {
    ++row(at).gave_up
    end(d.contact, 'abandoned')
  },
  'contact.finished': (d) => end(d.contact, 'finished'),
  'contact.timed_out': (d) => end(d.contact, 'timed_out'),
  'contact.refused': (d) => end(d.contact, 'refused'),
  'contact.diverted': (d, at) => {
    if (!d.to.startsWith('external:')) return
    const c = open.get(d.contact)
    if (c?.safety) safetyMax = Math.max(safetyMax, at - c.at)
    end(d.contact, 'put_through')
  },
}

for await (const text of createInterface({ input: process.stdin })) {
  const line = JSON.parse(text)
  if (line.refused) {
    ++counts.refused
    continue
  }
  if (!line.type) continue
  ++events
  const at = secondsOf(line)
  const lag = lagOf(line)
  if (lag !== undefined && begin !== undefined && at < lagUntil) {
    lags.push(lag)
    ;(row(at).lags ??= []).push(lag)
  }
  if (Math.floor(at / step) > Math.floor(last / step))
    Object.assign(row(last), { waiting, talking })
  last = at
  on[line.type]?.(line.data, at)
  agentsMax = Math.max(agentsMax, signedIn.size)
}
Object.assign(row(last), { waiting, talking })

for (const r of rows.values()) {
  const sorted = r.lags?.sort((a, b) => a - b)
  delete r.lags
  if (!sorted) continue
  r.lag_p50_ms = shareOf(sorted, 0.5)
  r.lag_p99_ms = shareOf(sorted, 0.99)
}
lags.sort((a, b) => a - b)

const said = {
  events,
  ...counts,
  ends,
  still_open: open.size,
  wrong: wrong.length,
  first_wrong: wrong[0],
  safety_longest_s: safetyMax,
  channels,
  queues: queues.size,
  agents_most: agentsMax,
  ...(lags.length && {
    board: {
      frames: frames.length,
      lag_p50_ms: shareOf(lags, 0.5),
      lag_p99_ms: shareOf(lags, 0.99),
      lag_max_ms: lags.at(-1),
    },
  }),
  rows: [...rows.values()].filter((r) => r.at < lagUntil).sort((a, b) => a.at - b.at),
}
console.log(JSON.stringify(said))
