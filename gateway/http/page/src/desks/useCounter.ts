import { computed, onBeforeUnmount, ref, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { remember, remembered } from '../i18n'
import {
  callData,
  calledSentence,
  counterKey,
  keptCounter,
  missedSentence,
  ticketQueues,
  type Counter,
} from '../lib/counter'
import { calledIn, type Desk } from '../lib/deskState'
import type { Sentence } from '../lib/sentences'
import { may } from '../lib/session'
import type { Reply } from '../lib/types'
import { session } from '../useSession'
import { wholeList } from './engine'

type Tell = (type: string, data: Record<string, unknown>) => Promise<Reply | null>

const apart_ms = 3000

/** The agent's counter, kept on this machine, and what is said to the hall from it. */
export function useCounter(agent: string, desk: Ref<Desk>, tell: Tell) {
  const { t } = useI18n()
  const mayCall = computed(() => may(session.value, 'agent.call_next'))
  const at = ref<Counter>(keptCounter(remembered(counterKey(agent))))
  /** Undefined until they are known. */
  const known = ref<string[]>()
  const queues = computed(() => known.value ?? [])
  /** What came of the last call, until its ticket is no longer in hand. */
  const said = ref('')
  let begins = 0

  const held = computed(() => calledIn(desk.value))
  watch(held, (now) => {
    if (!now) said.value = ''
  })
  /** As `possible` of lib/deskState.ts has it. */
  const name = computed(() => (mayCall.value ? at.value.name : null))
  /** A centre without tickets has no counters either. */
  const isShown = computed(
    () => mayCall.value && (queues.value.length > 0 || at.value.name !== '' || Boolean(held.value)),
  )

  let asked: Promise<void> | null = null
  let askedAt = -apart_ms
  let again = 0
  async function readNow(): Promise<void> {
    askedAt = performance.now()
    const all = await wholeList<{ queue: string; ticket?: string }>('queue.list', 'queues').catch(
      () => null,
    )
    if (all) known.value = ticketQueues(all)
    asked = null
    if (!all) readQueues()
  }
  /** One reading at a time, and the next a while after: changes come five times a second. */
  function readQueues(): void {
    if (!mayCall.value || again) return
    const wait = asked ? apart_ms : Math.max(0, apart_ms - (performance.now() - askedAt))
    again = window.setTimeout(() => {
      again = 0
      if (asked) readQueues()
      else asked = readNow()
    }, wait)
  }
  onBeforeUnmount(() => window.clearTimeout(again))
  function keep(counter: Counter): void {
    at.value = counter
    remember(counterKey(agent), JSON.stringify(counter))
  }
  /** What to say it with when it is done: nothing over what was begun since. */
  function begun(): (sentence: Sentence) => void {
    const mine = ++begins
    said.value = ''
    return (sentence) => {
      if (mine === begins) said.value = t(sentence.key, sentence.values)
    }
  }

  async function callNext(): Promise<void> {
    const say = begun()
    // A ticket that rings is taken, of whatever queue it is.
    const isOffered = desk.value.offers.some((c) => c.ticket)
    const from = isOffered ? { ...at.value, queue: '' } : at.value
    const reply = await tell('agent.call_next', callData(agent, from, known.value))
    if (reply) say(calledSentence(reply.data, at.value.name))
  }
  async function recall(): Promise<void> {
    const say = begun()
    const reply = await tell('ticket.recall', { agent })
    const ticket = String(reply?.data?.ticket ?? '')
    if (reply) say({ key: 'counter.recalled', values: { ticket } })
  }
  async function miss(): Promise<void> {
    const say = begun()
    const reply = await tell('ticket.miss', { agent, contact: held.value?.contact })
    if (reply) say(missedSentence(reply.data))
  }
  return { at, queues, said, held, name, isShown, readQueues, keep, callNext, recall, miss }
}
