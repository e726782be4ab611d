import { computed, ref, watch, type Ref } from 'vue'
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

/** The agent's counter, kept on this machine, and what is said to the hall from it. */
export function useCounter(agent: string, desk: Ref<Desk>, tell: Tell) {
  const { t } = useI18n()
  const mayCall = computed(() => may(session.value, 'agent.call_next'))
  const at = ref<Counter>(keptCounter(remembered(counterKey(agent))))
  const queues = ref<string[]>([])
  /** What came of the last call, until its ticket is no longer in hand. */
  const said = ref('')

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

  async function readQueues(): Promise<void> {
    if (!mayCall.value) return
    const all = await wholeList<{ queue: string; ticket?: string }>('queue.list', 'queues').catch(
      () => null,
    )
    if (all) queues.value = ticketQueues(all)
  }
  function keep(counter: Counter): void {
    at.value = counter
    remember(counterKey(agent), JSON.stringify(counter))
  }
  function show(sentence: Sentence): void {
    said.value = t(sentence.key, sentence.values)
  }

  async function callNext(): Promise<void> {
    said.value = ''
    const reply = await tell('agent.call_next', callData(agent, at.value, queues.value))
    if (reply) show(calledSentence(reply.data, at.value.name))
  }
  async function recall(): Promise<void> {
    said.value = ''
    const reply = await tell('ticket.recall', { agent })
    const ticket = String(reply?.data?.ticket ?? '')
    if (reply) show({ key: 'counter.recalled', values: { ticket } })
  }
  async function miss(): Promise<void> {
    said.value = ''
    const reply = await tell('ticket.miss', { agent, contact: held.value?.contact })
    if (reply) show(missedSentence(reply.data))
  }
  return { at, queues, said, held, name, isShown, readQueues, keep, callNext, recall, miss }
}
