import { onBeforeUnmount, onMounted, ref } from 'vue'
import { lists, type List } from './lib/leads'

export interface Route {
  queue: string
  contact: string
  /** Which of the queue's lists; none: the one that it needs most. */
  list: List | ''
}

/** Before what is open: "#/floor?queue=care" is the same queue on the supervisor's floor. */
const placed = /^#?(?:\/\w*\??)?/

/**
 * "#queue=care&list=recent&contact=C-1": what is open stands in the address, so it can be sent to
 * somebody.
 */
export function readRoute(hash: string): Route {
  const given = new URLSearchParams(hash.replace(placed, ''))
  const list = lists.find((name) => name === given.get('list')) ?? ''
  return { queue: given.get('queue') ?? '', contact: given.get('contact') ?? '', list }
}

export function writeRoute(route: Route, place = ''): string {
  const out = new URLSearchParams()
  if (route.queue) out.set('queue', route.queue)
  if (route.queue && route.list) out.set('list', route.list)
  if (route.contact) out.set('contact', route.contact)
  const text = out.toString()
  if (place) return text ? `#/${place}?${text}` : `#/${place}`
  return text ? `#${text}` : ''
}

export function useRoute(place = '') {
  const route = ref<Route>(readRoute(location.hash))
  const read = () => (route.value = readRoute(location.hash))
  onMounted(() => window.addEventListener('popstate', read))
  onBeforeUnmount(() => window.removeEventListener('popstate', read))
  function go(to: Partial<Route>): void {
    route.value = { queue: '', contact: '', list: '', ...to }
    history.pushState(null, '', location.pathname + writeRoute(route.value, place))
  }
  return { route, go }
}
