import { onBeforeUnmount, ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { QueryError } from './lib/query'

/** Asks at once and again each `every_ms`, one question at a time; keeps the last good answer. */
export function useQuestion<T>(question: () => Promise<T>, every_ms: number) {
  const { t } = useI18n()
  const answer = shallowRef<T>()
  const failure = ref('')
  let timer = 0
  let left = false

  async function ask(): Promise<void> {
    window.clearTimeout(timer)
    try {
      answer.value = await question()
      failure.value = ''
    } catch (e) {
      failure.value = textOf(e)
    }
    if (!left) timer = window.setTimeout(ask, every_ms)
  }

  function textOf(e: unknown): string {
    if (!(e instanceof QueryError)) return String(e)
    if (e.code.includes('.unknown_')) return t('panel.unknown')
    return t('panel.failed', { why: e.code === 'offline' ? t('panel.offline') : e.message })
  }

  void ask()
  onBeforeUnmount(() => {
    left = true
    window.clearTimeout(timer)
  })
  return { answer, failure, ask }
}
