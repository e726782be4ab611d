import { ref } from 'vue'
import { remember, remembered } from './i18n'

export type Theme = 'auto' | 'light' | 'dark'
const all: Theme[] = ['auto', 'light', 'dark']
const key = 'careline.theme'

export const theme = ref<Theme>('auto')
/** Counts each change of colours, also by the system: what paints by itself paints anew. */
export const painted = ref(0)

const dark = matchMedia('(prefers-color-scheme: dark)')

function show(): void {
  const shown = theme.value === 'auto' ? (dark.matches ? 'dark' : 'light') : theme.value
  document.documentElement.dataset.theme = shown
  painted.value++
}

export function startTheme(): void {
  const before = remembered(key) as Theme | null
  if (before && all.includes(before)) theme.value = before
  dark.addEventListener('change', show)
  show()
}

export function nextTheme(): void {
  theme.value = all[(all.indexOf(theme.value) + 1) % all.length] as Theme
  remember(key, theme.value)
  show()
}

/** A colour of styles/base.css, as it is now. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}
