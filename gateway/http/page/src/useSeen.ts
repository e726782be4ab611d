import { onBeforeUnmount, onMounted } from 'vue'
import { Seen, type SeenListener } from './lib/seen'

/** Tells when nobody has seen the page for a while, and when somebody does again. */
export function useSeen(on: SeenListener): void {
  const seen = new Seen(on, {
    isHidden: () => document.hidden,
    later: (run, ms) => window.setTimeout(run, ms),
    forget: (timer) => window.clearTimeout(timer),
  })
  const look = () => seen.look()
  onMounted(() => {
    document.addEventListener('visibilitychange', look)
    look()
  })
  onBeforeUnmount(() => {
    document.removeEventListener('visibilitychange', look)
    seen.stop()
  })
}
