import { onBeforeUnmount, onMounted, ref } from 'vue'

export interface Route {
  queue: string
  contact: string
}

/** "#queue=care&contact=C-1": what is open stands in the address, so it can be sent to somebody. */
export function readRoute(hash: string): Route {
  const given = new URLSearchParams(hash.replace(/^#/, ''))
  return { queue: given.get('queue') ?? '', contact: given.get('contact') ?? '' }
}

export function writeRoute(route: Route): string {
  const out = new URLSearchParams()
  if (route.queue) out.set('queue', route.queue)
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
    route.value = { queue: '', contact: '', ...to }
    history.pushState(null, '', location.pathname + writeRoute(route.value))
  }
  return { route, go }
}
