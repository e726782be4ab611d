import { onBeforeUnmount, onMounted, ref, shallowRef } from 'vue'
import type { Acknowledgements } from '../lib/alarms'
import { kept, noted, type Deed } from '../lib/journal'
import { byAttention, relevelled, staffAfter, type StaffAnswer, type StaffRow } from '../lib/staff'
import { command, engineNow, wholeList } from './engine'
import { useStream } from './useStream'
import { useProblem } from './words'

const anew_ms = 5000
/** Changes come five times a second; a list is asked for so often at most. */
const apart_ms = 700
const deedsKey = 'careline.floor.deeds'
const acksKey = 'careline.floor.acks'

function stored(name: string): string | null {
  try {
    return sessionStorage.getItem(name)
  } catch {
    return null
  }
}
function store(name: string, what: unknown): void {
  try {
    sessionStorage.setItem(name, JSON.stringify(what))
  } catch {
    return // storage may be closed to us: what was done is then shown until the page is left
  }
}

/** The floor: who is on it, what was done from here, and by whom what is seen to. */
export function useFloor(by: string) {
  const problem = useProblem()
  const staff = shallowRef<StaffRow[]>([])
  const known = ref(false)
  const now = ref(engineNow())
  const failure = ref('')
  const deeds = ref<Deed[]>(kept<Deed[]>(stored(deedsKey), []))
  const acks = ref<Acknowledgements>(kept<Acknowledgements>(stored(acksKey), {}))
  let rows: StaffRow[] | null = null
  let askedAt = -apart_ms
  let due = 0
  let asking = false

  async function read(): Promise<void> {
    if (asking) return
    asking = true
    askedAt = performance.now()
    try {
      const agents = await wholeList<StaffAnswer>('agent.list', 'agents')
      rows = staffAfter(rows, agents, engineNow())
      staff.value = [...rows].sort(byAttention)
      known.value = true
    } catch (e) {
      if (!known.value) failure.value = problem(e)
    } finally {
      asking = false
    }
  }
  function readSoon(): void {
    if (due) return
    const wait = Math.max(0, apart_ms - (performance.now() - askedAt))
    due = window.setTimeout(() => {
      due = 0
      void read()
    }, wait)
  }

  /** Says a command, notes what was done and why; false: it was not done, and why is told. */
  async function act(
    what: { type: string; data: Record<string, unknown> },
    deed: Pick<Deed, 'key' | 'values' | 'reason'>,
  ): Promise<boolean> {
    failure.value = ''
    try {
      await command(what.type, what.data)
      deeds.value = noted(deeds.value, { ...deed, by, at: engineNow() })
      store(deedsKey, deeds.value)
      readSoon()
      return true
    } catch (e) {
      failure.value = problem(e)
      return false
    }
  }
  function keepAcks(now: Acknowledgements): void {
    if (now === acks.value) return
    acks.value = now
    store(acksKey, now)
  }

  const { link, silence_s } = useStream({
    changed: ({ subjects }) => {
      if (subjects.some((s) => s === '*' || s.startsWith('agent/'))) readSoon()
    },
    resumed: readSoon,
    tick: () => (now.value = engineNow()),
    rests: true,
  })
  let timer = 0
  let levels = 0
  onMounted(() => {
    void read()
    timer = window.setInterval(readSoon, anew_ms)
    levels = window.setInterval(() => {
      if (!rows) return
      rows = relevelled(rows, engineNow())
      staff.value = [...rows].sort(byAttention)
    }, 1000)
  })
  onBeforeUnmount(() => {
    window.clearInterval(timer)
    window.clearInterval(levels)
    window.clearTimeout(due)
  })
  return { staff, known, now, failure, deeds, acks, link, silence_s, act, keepAcks }
}
export type FloorWork = ReturnType<typeof useFloor>
