import { onBeforeUnmount, onMounted, ref } from 'vue'
import { lists, type List } from './lib/leads'

export interface Route {
  queue: string
  contact: string
  /** Which of the queue's lists; none: the one that it needs most. */
  list: List | ''
}

/**
 * "#queue=care&list=recent&contact=C-1": what is open stands in the address, so it can be sent to
 * somebody.
 */
export function readRoute(hash: string): Route {
  const given = new URLSearchParams(hash.replace(/^#/, ''))
  const list = lists.find((name) => name === given.get('list')) ?? ''
  return { queue: given.get('queue') ?? '', contact: given.get('contact') ?? '', list }
}

export function writeRoute(route: Route): string {
  const out = new URLSearchParams()
  if (route.queue) out.set('queue', route.queue)
  if (route.queue && route.list) out.set('list', route.list)
  if (route.contact) out.set('contact', route.contact)
  const text = out.toString()
  return text ? `#${text}` : ''
}

export function useRoute() {
  const route = ref<Route>(readRoute(location.hash))
  const read = () => (route.value = readRoute(location.hash))
  onMounted(() => window.addEventListener('popstate', read))
  onBeforeUnmount(() => window.removeEventListener('popstate', read))
  function go(to: Partial<Route>): void {
    route.value = { queue: '', contact: '', list: '', ...to }
    history.pushState(null, '', location.pathname + writeRoute(route.value))
  }
  return { route, go }
}
