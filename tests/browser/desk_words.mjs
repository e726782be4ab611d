// What the small centre (desk_centre.mjs) does when it is told or asked something.

class Refused extends Error {
  constructor(code, title = code) {
    super(title)
    this.code = code
  }
}
const rfc = (ms) => new Date(ms).toISOString()

function agentOf(centre, name) {
  const a = centre.agents.get(name)
  if (!a) throw new Refused('routing.unknown_agent', 'There is no agent of this id.')
  return a
}
function contactOf(centre, name, agent, ...states) {
  const c = centre.contacts.get(name)
  if (!c) throw new Refused('routing.unknown_contact', 'There is no contact of this id.')
  if (states.length > 0 && (!states.includes(c.state) || (agent && c.agent !== agent)))
    throw new Refused(states[0] === 'offered' ? 'routing.no_offer' : 'routing.not_connected')
  return c
}
const talks = ['connected', 'held']

/** Where a queue has a list of its own, a contact of it ends with one of these. */
function checkEnd(centre, c, disposition) {
  const own = centre.queues.get(c.queue).dispositions ?? []
  if (own.length > 0 && !own.includes(disposition)) throw new Refused('routing.unknown_disposition')
}
/** Whom the agent is with and has called. */
function calledBy(centre, agent) {
  const c = centre.on(agentOf(centre, agent)).find((one) => one.counter)
  if (!c) throw new Refused('routing.no_ticket')
  return c
}

function leg(centre, c, wraps) {
  const a = centre.agents.get(c.agent)
  a.finished++
  a.idle_since = centre.now()
  if (wraps && centre.on(a).length === 1) a.wraps = true
  return a
}

const commands = {
  'agent.sign_in': (centre, d) => {
    const before = centre.agents.get(d.agent)
    centre.agents.set(d.agent, {
      finished: 0,
      misses: 0,
      skills: {},
      ...before,
      ...d,
      channels: d.channels ?? { phone: 1 },
      ready: d.ready ?? true,
      signed_in: true,
      wraps: false,
      idle_since: centre.now(),
    })
    return [`agent/${d.agent}`]
  },
  'agent.sign_out': (centre, d) => {
    agentOf(centre, d.agent).signed_in = false
    return [`agent/${d.agent}`]
  },
  'agent.set_state': (centre, d) => {
    Object.assign(agentOf(centre, d.agent), { ready: d.state === 'ready', reason: d.reason })
    return [`agent/${d.agent}`]
  },
  'agent.force_state': (centre, d) => {
    const a = agentOf(centre, d.agent)
    if (d.state === 'signed_out') a.signed_in = false
    else Object.assign(a, { ready: d.state === 'ready', reason: d.reason })
    if (d.state === 'ready') a.wraps = false
    return [`agent/${d.agent}`]
  },
  'agent.finish_wrap_up': (centre, d) => {
    Object.assign(agentOf(centre, d.agent), { wraps: false, idle_since: centre.now() })
    return [`agent/${d.agent}`]
  },
  'contact.open': (centre, d) => {
    const contact = d.contact ?? `C-${centre.contacts.size + 1}`
    centre.contacts.set(contact, {
      urgency: 0,
      ...d,
      contact,
      queue: d.queue ?? 'care',
      state: 'waiting',
      opened: centre.now(),
      offers: 0,
      missed: new Set(),
      supervisors: [],
      lines: [],
      timeline: [],
    })
    const { channel, queue } = centre.contacts.get(contact)
    centre.giveTicket(centre.contacts.get(contact))
    centre.event(contact, 'contact.opened', { channel, queue })
    centre.event(contact, 'contact.triaged', { queue, duty: 'consult', method: 'given' })
    centre.event(contact, 'contact.queued', { queue, queue_position: 1 })
    return [`contact/${contact}`]
  },
  'contact.change': (centre, d) => {
    const c = contactOf(centre, d.contact, '', 'waiting', 'offered')
    if (c.state === 'offered') centre.takeBack(c, 'offer.rescinded', false, { reason: 'changed' })
    if (d.queue) c.queue = d.queue
    centre.event(c.contact, 'contact.changed', { queue: d.queue, by: d.by, reason: d.reason })
    return [`contact/${c.contact}`]
  },
  'offer.accept': (centre, d) => {
    const c = contactOf(centre, d.contact, d.agent, 'offered')
    Object.assign(c, { state: 'connected', connected: centre.now() })
    centre.event(c.contact, 'offer.accepted', { agent: d.agent })
    centre.event(c.contact, 'contact.connected', { agent: d.agent })
    return [`contact/${c.contact}`, `agent/${d.agent}`]
  },
  'offer.decline': (centre, d) => {
    const c = contactOf(centre, d.contact, d.agent, 'offered')
    centre.takeBack(c, 'offer.declined', false, { reason: d.reason })
    return [`contact/${c.contact}`, `agent/${d.agent}`]
  },
  'offer.pull_back': (centre, d) => {
    const c = contactOf(centre, d.contact, d.agent, 'offered')
    centre.event(c.contact, 'offer.pulled_back', { agent: d.agent, by: d.by, reason: d.reason })
    centre.takeBack(c, 'offer.rescinded', false, { reason: 'pulled_back' })
    return [`contact/${c.contact}`, `agent/${d.agent}`]
  },
  'contact.hold': (centre, d) => {
    contactOf(centre, d.contact, d.agent, ...talks).state = 'held'
    centre.event(d.contact, 'contact.held', { agent: d.agent })
    return [`contact/${d.contact}`]
  },
  'contact.resume': (centre, d) => {
    contactOf(centre, d.contact, d.agent, ...talks).state = 'connected'
    centre.event(d.contact, 'contact.resumed', { agent: d.agent })
    return [`contact/${d.contact}`]
  },
  'contact.transfer': (centre, d) => {
    const c = contactOf(centre, d.contact, d.agent, ...talks)
    const to = d.to_queue ? { to_queue: d.to_queue } : { to_agent: d.to_agent }
    leg(centre, c, centre.queues.get(c.queue).wrap_up !== 'none')
    const why = { by: d.by, reason: d.reason }
    centre.event(c.contact, 'contact.transferred', { agent: d.agent, ...to, ...why })
    Object.assign(c, { state: 'waiting', agent: undefined, ...to, queue: d.to_queue || c.queue })
    return [`contact/${c.contact}`, `agent/${d.agent}`]
  },
  'contact.finish': (centre, d) => {
    const c = contactOf(centre, d.contact, d.agent, ...talks)
    checkEnd(centre, c, d.disposition)
    leg(centre, c, centre.queues.get(c.queue).wrap_up !== 'none')
    const { agent, disposition, by } = d
    centre.end(c, 'contact.finished', { agent, disposition, by })
    return [`contact/${c.contact}`, `agent/${d.agent}`]
  },
  'contact.say': (centre, d) => {
    const c = contactOf(centre, d.contact)
    const line = d.line ?? 1 + c.lines.filter((l) => l.from === d.from).length
    if (!c.lines.some((l) => l.from === d.from && l.line === line)) {
      c.lines.push({ from: d.from, line, text: d.text, time: rfc(centre.now()) })
      centre.event(c.contact, 'contact.said', { from: d.from, line })
    }
    return [`contact/${c.contact}`]
  },
  'contact.supervise': (centre, d) => {
    const c = contactOf(centre, d.contact, '', ...talks)
    c.supervisors = c.supervisors.filter((s) => s.by !== d.by)
    if (d.mode !== 'end') c.supervisors.push({ by: d.by, mode: d.mode })
    centre.event(c.contact, 'contact.supervised', { by: d.by, mode: d.mode, agent: c.agent })
    return [`contact/${c.contact}`]
  },
  'agent.call_next': (centre, d) => {
    const a = agentOf(centre, d.agent)
    if (centre.on(a).length > 0) throw new Refused('routing.agent_on_contact')
    const waits = (c) => c.state === 'waiting' && c.ticket && (!d.queue || c.queue === d.queue)
    const c = [...centre.contacts.values()].filter(waits).sort((x, y) => x.place - y.place)[0]
    if (!c) return { subjects: [], data: { waiting: 0 } }
    Object.assign(a, { ready: true, wraps: false })
    Object.assign(c, { state: 'connected', agent: a.agent, connected: centre.now() })
    Object.assign(c, { counter: d.counter, again: 0 })
    centre.event(c.contact, 'contact.connected', { agent: a.agent })
    centre.call(c)
    const data = { contact: c.contact, ticket: c.ticket }
    return { subjects: [`contact/${c.contact}`, `agent/${a.agent}`], data }
  },
  'ticket.recall': (centre, d) => {
    const c = calledBy(centre, d.agent)
    c.again++
    centre.call(c)
    const data = { contact: c.contact, ticket: c.ticket }
    return { subjects: [`contact/${c.contact}`], data }
  },
  'ticket.miss': (centre, d) => {
    const c = calledBy(centre, d.agent)
    const { ticket, queue } = c
    const isOver = ++c.misses >= (centre.queues.get(queue).ticket_misses ?? 1)
    leg(centre, c, centre.queues.get(queue).wrap_up !== 'none')
    const { agent, counter, misses } = c
    centre.event(c.contact, 'ticket.missed', { ticket, agent, counter, queue, misses })
    const data = { contact: c.contact, ticket, state: isOver ? 'ended' : 'waiting' }
    if (isOver) centre.end(c, 'contact.timed_out', { reason: 'no_show' })
    else data.queue_position = centre.putLast(c)
    return { subjects: [`contact/${c.contact}`, `agent/${d.agent}`], data }
  },
  'queue.define': (centre, d) => {
    // Who does it and why is on record, and no part of the policy.
    const { by, reason, ...policy } = d
    centre.define(policy)
    return [`queue/${d.queue}`]
  },
  'promise.make': (centre, d) => {
    const promise = `P-${centre.promises.size + 1}`
    const due = rfc(centre.now() + d.in_s * 1000)
    centre.promises.set(promise, { promise, state: 'open', due, ...d })
    return [`promise/${promise}`]
  },
  'promise.keep': (centre, d) => {
    centre.promises.get(d.promise).state = 'kept'
    return [`promise/${d.promise}`]
  },
  'customer.find': (centre, d) => {
    const parties = [...centre.parties].filter(([, p]) => p.clear.phone === d.phone).map(([n]) => n)
    return { subjects: [], data: { found: parties.length, parties } }
  },
  'customer.link': (centre, d) => {
    contactOf(centre, d.contact).party = d.party
    return [`contact/${d.contact}`]
  },
  'customer.reveal': (centre, d) => {
    const party = centre.parties.get(d.party)
    if (!party) throw new Refused('registration.unknown_party')
    const values = Object.fromEntries(d.fields.map((field) => [field, party.clear[field]]))
    return { subjects: [`party/${d.party}`], data: { party: d.party, values } }
  },
}

const queries = {
  'engine.status': (centre) => ({
    head: centre.position,
    time: rfc(centre.now()),
    speed: 1,
    offset_minutes: centre.offset_minutes,
  }),
  'agent.show': (centre, d) => centre.showAgent(agentOf(centre, d.agent)),
  'agent.list': (centre) => ({
    agents: [...centre.agents.values()].map((a) => centre.showAgent(a)),
  }),
  'contact.show': (centre, d) => centre.showContact(contactOf(centre, d.contact)),
  // Two at a time, so that a page has to read on.
  'contact.read': (centre, d) => {
    const c = contactOf(centre, d.contact, d.agent, ...talks)
    const lines = c.lines.slice(d.after ?? 0, (d.after ?? 0) + 2)
    return { lines, next: (d.after ?? 0) + lines.length, said: c.lines.length }
  },
  'why.contact': (centre, d) => centre.whyOf(contactOf(centre, d.contact)),
  'queue.show': (centre, d) => {
    const q = centre.queues.get(d.queue)
    if (!q) throw new Refused('routing.unknown_queue')
    return centre.showQueue(q)
  },
  'queue.list': (centre) => ({
    queues: [...centre.queues.values()].map((q) => centre.showQueue(q)),
  }),
  'promise.list': (centre, d) => ({
    promises: [...centre.promises.values()].filter(
      (p) => p.state !== 'kept' && (!d.owner || p.owner === d.owner),
    ),
  }),
  'customer.show': (centre, d) => {
    const name = d.party ?? centre.contacts.get(d.contact)?.party
    const party = centre.parties.get(name)
    if (!party) throw new Refused('registration.unknown_party')
    return { party: name, contacts: 3, fields: party.masked, verified_level: 0 }
  },
  'customer.timeline': (centre, d) => ({
    party: d.party,
    timeline: [...centre.contacts.values()]
      .filter((c) => c.party === d.party)
      .flatMap((c) => c.timeline),
  }),
}

function answered(centre, table, { type, data }) {
  const does = table[type]
  if (!does)
    return { outcome: 'invalid', problem: { type: 'command.type_unknown', title: 'Unknown.' } }
  try {
    return does(centre, data ?? {})
  } catch (e) {
    if (!(e instanceof Refused)) throw e
    return { outcome: 'refused', problem: { type: e.code, title: e.message } }
  }
}
const statusOf = (outcome, code = '') =>
  outcome === 'invalid' ? 400 : outcome === 'refused' ? (/unknown_/.test(code) ? 404 : 409) : 200

/** A command under an id that was heard before is answered as then, and done once. */
export function told(centre, said) {
  const before = centre.done.get(said.id)
  if (before) return before
  const did = answered(centre, commands, said)
  const reply = did.outcome
    ? { status: statusOf(did.outcome, did.problem.type), body: { id: said.id, ...did } }
    : { status: 200, body: { id: said.id, outcome: 'accepted', data: did.data } }
  if (!did.outcome) {
    centre.heard.push({ type: said.type, ...said.data })
    centre.changed(...(did.subjects ?? did))
    centre.settle()
    reply.body.position = centre.position
  }
  centre.done.set(said.id, reply)
  return reply
}

export function asked(centre, said) {
  if (centre.unknown?.has(said.type)) said = { ...said, type: '' }
  const did = answered(centre, queries, said)
  return did.outcome && did.problem
    ? { status: statusOf(did.outcome, did.problem.type), body: did }
    : { status: 200, body: { outcome: 'accepted', position: centre.position, data: did } }
}
