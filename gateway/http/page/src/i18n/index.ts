import { createI18n } from 'vue-i18n'
import en from './en'
import zh from './zh'

export type Language = 'zh' | 'en'
const key = 'careline.language'

/** What the reader chose before, else what their browser prefers. */
export function firstLanguage(remembered: string | null, preferred: readonly string[]): Language {
  if (remembered === 'zh' || remembered === 'en') return remembered
  for (const tag of preferred) {
    if (tag.toLowerCase().startsWith('zh')) return 'zh'
    if (tag.toLowerCase().startsWith('en')) return 'en'
  }
  return 'en'
}

export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return null // storage may be closed to us; the board works all the same
  }
}

export function remember(name: string, text: string): void {
  try {
    localStorage.setItem(name, text)
  } catch {
    return
  }
}

export const i18n = createI18n({
  legacy: false,
  locale: 'en' as Language,
  fallbackLocale: 'en',
  messages: { en, zh },
})

export function setLanguage(to: Language): void {
  i18n.global.locale.value = to
  document.documentElement.lang = to === 'zh' ? 'zh-CN' : 'en'
  remember(key, to)
}

export function startLanguage(): void {
  const first = firstLanguage(remembered(key), navigator.languages ?? [navigator.language])
  i18n.global.locale.value = first
  document.documentElement.lang = first === 'zh' ? 'zh-CN' : 'en'
}
