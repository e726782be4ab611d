import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

/** From this width the board is one screen that nobody scrolls; styles/screens.css has the same. */
const wall = matchMedia('(min-width: 1360px)')
const perPageElsewhere = 20
const rowsMin = 6
/** The height of a row, in the root's font size. */
const row = { least: 1.9, most: 4.2 }
/** What stands below the last row: the card's and the page's own margins. */
const below = 2.05

/**
 * How many rows of a table have room down to the bottom of the screen, and how high they are then:
 * few queues stand large, many stand close.
 */
export function useFit(card: Ref<HTMLElement | null>, total: () => number) {
  const perPage = ref(perPageElsewhere)
  const rowHeight = ref('')
  let size: ResizeObserver | undefined

  function fit(): void {
    const body = card.value?.querySelector('tbody')
    if (!wall.matches || !body) {
      perPage.value = perPageElsewhere
      rowHeight.value = ''
      return
    }
    const root = parseFloat(getComputedStyle(document.documentElement).fontSize)
    const top = body.getBoundingClientRect().top + scrollY
    const room = innerHeight - top - below * root
    perPage.value = Math.max(rowsMin, Math.floor(room / (row.least * root)))
    const rows = Math.max(1, Math.min(total(), perPage.value))
    rowHeight.value = `${Math.floor(Math.min(room / rows, row.most * root))}px`
  }

  onMounted(() => {
    size = new ResizeObserver(fit)
    if (card.value) size.observe(card.value)
    window.addEventListener('resize', fit)
  })
  onBeforeUnmount(() => {
    size?.disconnect()
    window.removeEventListener('resize', fit)
  })
  return { perPage, rowHeight, fit }
}
