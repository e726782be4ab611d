import { computed, onBeforeUnmount, onMounted, ref } from 'vue'

/** A page is read so long before the next one comes. */
export const turn_ms = 10_000
/** Whoever turned a page by hand reads on in peace. */
const held_ms = 60_000

/**
 * Which page of a table is shown. On a wall nobody turns pages: those with something to act on come
 * round by themselves, and a page that somebody left open goes back to the first.
 */
export function useTurning(pages: () => number, urgentPages: () => number, free: () => boolean) {
  const page = ref(0)
  const paused = ref(false)
  let heldUntil = 0
  let timer = 0
  const at = computed(() => Math.min(page.value, pages() - 1))

  function turnTo(to: number): void {
    page.value = to
    heldUntil = performance.now() + held_ms
  }
  function reset(): void {
    page.value = 0
    heldUntil = 0
  }
  function turn(): void {
    if (paused.value || !free() || performance.now() < heldUntil) return
    page.value = (at.value + 1) % Math.max(1, Math.min(pages(), urgentPages()))
  }

  onMounted(() => (timer = window.setInterval(turn, turn_ms)))
  onBeforeUnmount(() => window.clearInterval(timer))
  return { at, paused, turnTo, reset }
}
