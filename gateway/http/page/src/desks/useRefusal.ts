import { useI18n } from 'vue-i18n'
import { clock } from '../lib/format'
import { momentIn } from '../lib/session'
import type { Refusal } from '../useSession'
import { zone } from './engine'

/** Why somebody is not let in, or a password not changed, in words; and until when. */
export function useRefusal(keyOf: (code: string) => string) {
  const { t } = useI18n()
  return ({ code, detail }: Refusal): string => {
    const said = t(keyOf(code), { code, reason: detail })
    const until = code === 'security.locked' ? momentIn(detail) : undefined
    if (until === undefined) return said
    return `${said}${t('signIn.until', { time: clock(until, zone.value, false) })}`
  }
}
