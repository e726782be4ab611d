import { onMounted, ref, shallowRef } from 'vue'
import {
  emptyDesk,
  focusAfter,
  reduce,
  touched,
  type AgentAnswer,
  type ContactAnswer,
  type Desk,
  type News,
  type Place,
} from '../lib/deskState'
import { QueryError } from '../lib/query'
import type { Reply } from '../lib/types'
import { command, engineNow, question } from './engine'
import { useStream } from './useStream'
import { useProblem } from './words'

/** Asked again now and then, whatever was heard. */
const anew_ms = 15_000

interface Told {
  moved(to: Place): void
  changed(before: Desk, after: Desk): void
  /** A queue was defined, changed or removed. */
  queuesChanged?(): void
}

/** An agent's desk: what the engine says of it, kept up to date, and what is done at it. */
export function useDesk(agent: string, told: Told) {
  const problem = useProblem()
  const desk = shallowRef<Desk>(emptyDesk)
  const now = ref(engineNow())
  const failure = ref('')
  let asked = 0
  let shown = 0
  let dueAt = 0

  function apply(news: News): void {
    const before = desk.value
    const after = reduce(before, news)
    if (after === before) return
    desk.value = after
    told.changed(before, after)
    const place = focusAfter(before, after)
    if (place) told.moved(place)
  }

  async function readContact(contact: string, position = 0): Promise<void> {
    const answer = await question<ContactAnswer>('contact.show', { contact }, position).catch(
      () => null,
    )
    if (answer) apply({ is: 'contact', answer })
  }

  /** An answer to an older question than the one shown is thrown away. */
  async function readAgent(position = 0): Promise<void> {
    const number = ++asked
    dueAt = performance.now() + anew_ms
    try {
      const answer = await question<AgentAnswer>('agent.show', { agent }, position)
      if (number < shown) return
      shown = number
      apply({ is: 'agent', answer, now: engineNow() })
      const all = [...desk.value.offers, ...desk.value.inHand]
      await Promise.all(all.map((c) => readContact(c.contact, position)))
    } catch (e) {
      if (e instanceof QueryError && e.code === 'routing.unknown_agent') apply({ is: 'unknown' })
      else if (!(e instanceof QueryError && e.code === 'offline')) failure.value = problem(e)
    }
  }

  /** Says a command and shows what came of it; null: it was not done, and why is told. */
  async function tell(type: string, data: Record<string, unknown>): Promise<Reply | null> {
    failure.value = ''
    try {
      const reply = await command(type, data)
      await readAgent(reply.position ?? 0)
      return reply
    } catch (e) {
      failure.value = problem(e)
      void readAgent()
      return null
    }
  }
  const act = async (type: string, data: Record<string, unknown>) =>
    (await tell(type, data)) !== null

  const { link, silence_s } = useStream({
    changed: ({ position, subjects }) => {
      const what = touched(desk.value, agent, subjects)
      if (what.agent) void readAgent(position)
      else for (const contact of what.contacts) void readContact(contact, position)
      if (what.queues) told.queuesChanged?.()
    },
    resumed: () => {
      void readAgent()
      told.queuesChanged?.()
    },
    tick: () => {
      now.value = engineNow()
      if (performance.now() > dueAt && link.value === 'live') void readAgent()
    },
  })
  onMounted(() => void readAgent())

  return { desk, now, failure, link, silence_s, act, tell, apply, readAgent }
}
export type DeskWork = ReturnType<typeof useDesk>
