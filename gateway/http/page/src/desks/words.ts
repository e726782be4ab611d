import { useI18n } from 'vue-i18n'
import { i18n } from '../i18n'
import en from '../i18n/desks.en'
import zh from '../i18n/desks.zh'
import { CommandError } from '../lib/command'
import { QueryError } from '../lib/query'
import { sentenceOf, type Lookup } from '../lib/sentences'
import type { TimelineEvent } from '../lib/types'

/** The desks bring their own words. */
i18n.global.mergeLocaleMessage('en', en)
i18n.global.mergeLocaleMessage('zh', zh)

/** Why something was not done, in the reader's language where there is a word for it. */
export function useProblem() {
  const { t, te } = useI18n()
  return (e: unknown): string => {
    if (!(e instanceof CommandError || e instanceof QueryError)) return String(e)
    // Of a question nobody wonders whether it was done.
    if (e instanceof QueryError && e.code === 'offline') return t('signIn.offline')
    const key = `problem.${e.code}`
    if (te(key)) return t(key)
    return t('problem.other', { title: e.message || e.code })
  }
}

export function useSentence() {
  const { t, te } = useI18n()
  const look: Lookup = (key, values) => (te(key) ? t(key, values ?? {}) : undefined)
  return (event: TimelineEvent): string => {
    const { key, values } = sentenceOf(event, look)
    return t(key, values)
  }
}
