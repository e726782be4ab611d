// A small centre in memory, as far as the desks see one: it answers with the fields of the engine's
// own answers (actors/routing/show.cpp, actors/registration/show.cpp). What it decides is simple on
// purpose; how the engine decides is tested elsewhere.

const rfc = (ms) => new Date(ms).toISOString()

export class Centre {
  constructor({ ring_s = 15, wrap_up_s = 0 } = {}) {
    this.position = 100
    this.offset_minutes = 480
    this.policy = { ring_s, wrap_up_s }
    this.agents = new Map()
    this.contacts = new Map()
    this.queues = new Map()
    this.promises = new Map()
    this.parties = new Map()
    this.done = new Map() // id of a command -> its reply
    this.heard = []
    this.listeners = new Set()
    this.define({ queue: 'care', wrap_up: 'manual' })
    this.define({ queue: 'vip', service_level_s: 10, wrap_up: 'none' })
    this.timer = setInterval(() => this.settle(), 100)
  }
  close() {
    clearInterval(this.timer)
  }
  now() {
    return Date.now()
  }
  define(policy) {
    this.queues.set(policy.queue, {
      strategy: 'longest_idle',
      weight: 1,
      service_level_s: 15,
      ...this.policy,
      ...policy,
    })
  }

  /** Tells who listens that something about these subjects is new. */
  changed(...subjects) {
    this.position++
    for (const hear of this.listeners) hear({ position: this.position, subjects })
  }
  event(contact, type, data = {}) {
    const c = this.contacts.get(contact)
    c.timeline.push({
      position: ++this.position,
      type,
      time: rfc(this.now()),
      data: { contact, ...data },
    })
  }

  // --- what is decided ---------------------------------------------------------------------
  settle() {
    for (const c of this.contacts.values())
      if (c.state === 'offered' && this.now() >= c.expires) this.takeBack(c, 'offer.expired', true)
    for (const c of this.contacts.values()) {
      if (c.state !== 'waiting') continue
      const free = [...this.agents.values()].filter(
        (a) =>
          this.stateOf(a) !== 'signed_out' &&
          a.ready &&
          !a.wraps &&
          !c.missed.has(a.agent) &&
          (!c.to_agent || c.to_agent === a.agent) &&
          (a.channels[c.channel] ?? 0) > this.on(a).filter((x) => x.channel === c.channel).length &&
          (c.channel === 'chat' || this.on(a).length === 0) &&
          !this.on(a).some((x) => x.state === 'offered'),
      )
      free.sort((a, b) => a.idle_since - b.idle_since)
      if (free.length > 0) this.offer(c, free[0])
    }
  }
  offer(c, a) {
    Object.assign(c, { state: 'offered', agent: a.agent })
    c.expires = this.now() + this.queues.get(c.queue).ring_s * 1000
    c.offers++
    this.event(c.contact, 'offer.made', { agent: a.agent, queue: c.queue, expires: rfc(c.expires) })
    this.changed(`contact/${c.contact}`, `agent/${a.agent}`)
  }
  takeBack(c, type, isMiss, more = {}) {
    const a = this.agents.get(c.agent)
    c.missed.add(c.agent)
    this.event(c.contact, type, { agent: c.agent, ...more })
    Object.assign(c, { state: 'waiting', agent: undefined })
    if (isMiss && a)
      Object.assign(a, { ready: false, reason: 'missed_offers', misses: a.misses + 1 })
    this.changed(`contact/${c.contact}`, `agent/${a?.agent}`)
  }
  /** A number for who comes to a queue that gives them; all queues count together here. */
  giveTicket(c) {
    const { ticket } = this.queues.get(c.queue)
    if (!ticket) return
    const n = 1 + [...this.contacts.values()].filter((one) => one.ticket).length
    Object.assign(c, { ticket: `${ticket}${String(n).padStart(3, '0')}`, place: n, misses: 0 })
  }
  call(c) {
    const { ticket, agent, queue, counter, again } = c
    this.event(c.contact, 'ticket.called', { ticket, agent, queue, counter, again })
  }
  /** Behind all others; which place that is. */
  putLast(c) {
    const waits = [...this.contacts.values()].filter((one) => one.ticket && one.state === 'waiting')
    const place = 1 + Math.max(c.place, ...waits.map((one) => one.place))
    Object.assign(c, { state: 'waiting', agent: undefined, counter: undefined, place })
    return waits.length + 1
  }
  end(c, type, more = {}) {
    this.event(c.contact, type, more)
    Object.assign(c, { state: 'ended', ended_as: type })
  }
  on(a) {
    return [...this.contacts.values()].filter(
      (c) => c.agent === a.agent && ['offered', 'connected', 'held'].includes(c.state),
    )
  }
  stateOf(a) {
    if (!a.signed_in) return 'signed_out'
    if (a.wraps) return 'wrap_up'
    if (!a.ready && this.on(a).length === 0) return 'not_ready'
    if (this.on(a).some((c) => c.state === 'offered')) return 'offered'
    if (this.on(a).length > 0) return 'busy'
    return a.ready ? 'ready' : 'not_ready'
  }

  // --- what is asked -----------------------------------------------------------------------
  showAgent(a) {
    return {
      agent: a.agent,
      skills: a.skills,
      channels: a.channels,
      state: this.stateOf(a),
      ready: a.ready,
      ...(a.ready || !a.reason ? {} : { reason: a.reason }),
      contacts: this.on(a).map((c) => ({
        contact: c.contact,
        channel: c.channel,
        offered: c.state === 'offered',
        ...(c.ticket ? { ticket: c.ticket } : {}),
      })),
      finished: a.finished,
      misses: a.misses,
      idle_since: rfc(a.idle_since),
    }
  }
  showContact(c) {
    return {
      contact: c.contact,
      state: c.state,
      ...(c.ended_as ? { ended_as: c.ended_as } : {}),
      channel: c.channel,
      queue: c.queue,
      ...(c.agent ? { agent: c.agent } : {}),
      opened: rfc(c.opened),
      urgency: c.urgency,
      offers: c.offers,
      ...(c.ticket ? { ticket: c.ticket } : {}),
      ...(c.state === 'offered'
        ? { offered_to: [{ agent: c.agent, expires: rfc(c.expires) }] }
        : {}),
      ...(c.supervisors.length > 0 ? { supervisors: c.supervisors } : {}),
      timeline: c.timeline,
    }
  }
  showQueue(q) {
    const all = [...this.contacts.values()].filter((c) => c.queue === q.queue)
    const waiting = all.filter((c) => c.state === 'waiting' || c.state === 'offered')
    return {
      ...q,
      length: waiting.length,
      agents: this.agents.size,
      waiting: waiting.map((c, i) => ({
        contact: c.contact,
        queue_position: i + 1,
        age_s: (this.now() - c.opened) / 1000,
        urgency: c.urgency,
        channel: c.channel,
        state: c.state,
      })),
      in_progress: all
        .filter((c) => c.state === 'connected' || c.state === 'held')
        .map((c) => ({
          contact: c.contact,
          agent: c.agent,
          since: rfc(c.connected),
          state: c.state,
          channel: c.channel,
          wait_s: (c.connected - c.opened) / 1000,
        })),
      recent: [],
    }
  }
  whyOf(c) {
    const last = c.timeline.filter((e) => e.type === 'offer.made').at(-1)
    if (!last) return { decisions: [] }
    const decision = {
      strategy: 'longest_idle',
      signed_in: this.agents.size,
      eligible: this.agents.size,
      ready: 1,
      tie_break: this.agents.size > 1 ? 'strategy' : 'only',
      best: [last.data.agent, ...this.agents.keys()]
        .filter((agent, i, all) => all.indexOf(agent) === i)
        .map((agent) => ({ agent, tier: 0 })),
    }
    const { position, time, data } = last
    return { decisions: [{ position, time, number: c.offers, ...data, decision }] }
  }
  frame() {
    const oldest = (waiting) => Math.min(...waiting.map((c) => c.opened))
    const figures = (of) => {
      const waiting = of.filter((c) => c.state === 'waiting' || c.state === 'offered')
      return {
        waiting: waiting.length,
        in_progress: of.filter((c) => c.state === 'connected' || c.state === 'held').length,
        queued: of.length,
        ...(waiting.length > 0 ? { oldest_since: oldest(waiting) } : {}),
      }
    }
    const states = {}
    for (const a of this.agents.values())
      states[this.stateOf(a)] = (states[this.stateOf(a)] ?? 0) + 1
    const all = [...this.contacts.values()]
    const queues = {}
    for (const q of this.queues.values())
      queues[q.queue] = {
        ...figures(all.filter((c) => c.queue === q.queue)),
        agents: states,
        service_level_s: q.service_level_s,
        weight: q.weight,
      }
    const broken = [...this.promises.values()].filter(
      (p) => p.state !== 'kept' && Date.parse(p.due) < this.now(),
    ).length
    return {
      position: this.position,
      time: rfc(this.now()),
      offset_minutes: this.offset_minutes,
      speed: 1,
      centre: figures(all),
      agents: states,
      queues,
      sites: this.sites ?? {},
      promises: { open: this.promises.size, broken },
      history: [],
    }
  }
}
