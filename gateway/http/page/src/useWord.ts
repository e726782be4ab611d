import { useI18n } from 'vue-i18n'

/** A word of the wire in the reader's language, or as it is when there is none. */
export function useWord() {
  const { t, te } = useI18n()
  return (word: string) => (te(`word.${word}`) ? t(`word.${word}`) : word)
}
