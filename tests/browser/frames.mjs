// Frames as actors/board makes them, for a centre of any size at one fixed moment.

export const noon = Date.parse('2026-03-02T02:30:00.000Z') // 10:30 at +08:00

const names = [
  'care',
  'fault-report',
  'billing',
  'complaint',
  'broadband',
  'new-business',
  'vip',
  'overseas',
  'password',
  'number-port',
  '宽带报障',
  '投诉受理',
]

// Always the same numbers for the same place: nothing here is drawn by chance.
const some = (i, of) => (i * 7919 + 104729) % of

function queue(i, name) {
  const waiting = [0, 3, 1, 0, 12, 0, 2, 0, 0, 5, 1, 0][i % 12]
  const answered = 40 + some(i, 300)
  const abandoned = some(i, 9) + (waiting > 4 ? 30 : 0)
  const within = answered - some(i, 12) - (waiting > 4 ? 60 : 0)
  const staff = 4 + some(i, 12)
  const free = waiting > 0 ? 0 : 1 + some(i, 3)
  const out = {
    waiting,
    in_progress: staff - free - 1,
    queued: answered + abandoned + waiting,
    answered,
    abandoned,
    refused: 0,
    timed_out: 0,
    abandon_rate: abandoned / (answered + abandoned + waiting),
    longest_wait_s: 40 + some(i, 200),
    wait_estimate_s: waiting * 21,
    asa_s: 9 + some(i, 20),
    aht_s: 160 + some(i, 90),
    occupancy: 0.8,
    sl_late: Math.max(0, within) / (answered + abandoned),
    agents: {
      ready: free,
      offered: waiting > 0 ? 1 : 0,
      busy: staff - free - 1,
      wrap_up: 1,
      not_ready: some(i, 3),
    },
    service_level_s: name === 'vip' ? 10 : 15,
    weight: 1,
    name: undefined,
  }
  if (waiting > 0)
    out.oldest_since = noon - [0, 34, 12, 0, 148, 0, 9, 0, 0, 71, 5, 0][i % 12] * 1000
  return out
}

export function frameOf(queues, more = {}) {
  const all = {}
  for (let i = 0; i < queues; i++)
    all[i < names.length ? names[i] : `queue-${String(i).padStart(3, '0')}`] = queue(
      i,
      names[i] ?? '',
    )
  const sum = (of) => Object.values(all).reduce((n, q) => n + of(q), 0)
  const answered = sum((q) => q.answered)
  const abandoned = sum((q) => q.abandoned)
  const queued = sum((q) => q.queued)
  const oldest = Math.min(...Object.values(all).map((q) => q.oldest_since ?? Infinity))
  return {
    time: new Date(noon).toISOString(),
    offset_minutes: 480,
    speed: 1,
    simulated: false,
    centre: {
      waiting: sum((q) => q.waiting),
      in_progress: sum((q) => q.in_progress),
      queued,
      answered,
      abandoned,
      refused: 3,
      timed_out: 1,
      abandon_rate: abandoned / queued,
      longest_wait_s: 312,
      wait_estimate_s: 24,
      asa_s: 14.2,
      aht_s: 205.4,
      occupancy: 0.83,
      sl_late: sum((q) => q.sl_late * (q.answered + q.abandoned)) / (answered + abandoned),
      ...(oldest < Infinity ? { oldest_since: oldest } : {}),
    },
    channels: {
      phone: { waiting: 17, in_progress: 61, queued: 1900 },
      chat: { waiting: 5, in_progress: 22, queued: 640 },
      kiosk: { waiting: 2, in_progress: 4, queued: 121 },
    },
    agents: { ready: 9, offered: 3, busy: 87, wrap_up: 12, not_ready: 14 },
    queues: all,
    history: Array.from({ length: 60 }, (_, i) => ({
      t: noon - (59 - i) * 60_000,
      waiting: Math.round(14 + 9 * Math.sin(i / 7)),
      offered: 30 + (i % 7),
      answered: 26 + ((i * 5) % 9),
      abandoned: (i * 3) % 5,
      sl: 0.86 - 0.16 * Math.max(0, Math.sin(i / 7)),
    })),
    intervals: [],
    ...more,
  }
}

const at = (s) => new Date(noon - s * 1000).toISOString()

export const waitingIn = {
  waiting: Array.from({ length: 12 }, (_, i) => ({
    contact: `C-${4711 + i}`,
    queue_position: i + 1,
    age_s: 148 - i * 11,
    urgency: i === 0 ? 5 : 0,
  })),
  in_progress: Array.from({ length: 7 }, (_, i) => ({
    contact: `C-${4600 + i}`,
    agent: `agent-0${i + 1}`,
    since: at(410 - i * 40),
    state: i === 2 ? 'held' : 'connected',
    channel: i % 3 === 1 ? 'chat' : 'phone',
    wait_s: [4, 9, 71, 3, 12, 2, 38][i],
  })),
  recent: Array.from({ length: 9 }, (_, i) => ({
    contact: `C-${4500 - i}`,
    ended_as: ['abandoned', 'finished', 'abandoned', 'timed_out', 'refused'].map(
      (how) => `contact.${how}`,
    )[i % 5],
    at: at(60 + i * 95),
    wait_s: i % 5 === 4 ? 0 : 95 - i * 4,
    channel: 'phone',
  })),
}

export const contactShown = {
  contact: 'C-4711',
  state: 'waiting',
  queue: 'broadband',
  channel: 'phone',
  timeline: [
    {
      position: 61,
      type: 'contact.opened',
      time: at(148),
      data: { contact: 'C-4711', channel: 'phone', queue: 'broadband' },
    },
    {
      position: 62,
      type: 'contact.queued',
      time: at(148),
      data: {
        contact: 'C-4711',
        queue: 'broadband',
        queue_position: 4,
        wait_s: 45,
      },
    },
    {
      position: 77,
      type: 'offer.made',
      time: at(90),
      data: { contact: 'C-4711', agent: 'agent-07', queue: 'broadband' },
    },
    {
      position: 83,
      type: 'offer.expired',
      time: at(75),
      data: { contact: 'C-4711', agent: 'agent-07' },
    },
    { position: 84, type: 'news.of_a_later_version', time: at(74), data: {} },
  ],
}

export const contactWhy = {
  decisions: [
    {
      position: 77,
      time: at(90),
      agent: 'agent-07',
      queue: 'broadband',
      number: 1,
      decision: {
        strategy: 'longest_idle',
        signed_in: 14,
        eligible: 9,
        ready: 3,
        tie_break: 'strategy',
        best: [
          { agent: 'agent-07', tier: 0, score: noon - 400_000 },
          { agent: 'agent-02', tier: 0, score: noon - 320_000 },
          { agent: 'agent-11', tier: 1, missed: true, score: noon - 500_000 },
        ],
      },
    },
  ],
}
