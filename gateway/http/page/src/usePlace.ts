import { onBeforeUnmount, onMounted, ref } from 'vue'

export type Place = 'board' | 'desk' | 'floor'

/** "#/desk" is the agent's desk, "#/floor" the supervisor's; all else is of the board. */
export function placeOf(hash: string): Place {
  const name = hash.match(/^#\/(\w+)/)?.[1]
  return name === 'desk' || name === 'floor' ? name : 'board'
}

export function usePlace() {
  const place = ref<Place>(placeOf(location.hash))
  const read = () => (place.value = placeOf(location.hash))
  const events = ['popstate', 'hashchange']
  onMounted(() => events.forEach((name) => window.addEventListener(name, read)))
  onBeforeUnmount(() => events.forEach((name) => window.removeEventListener(name, read)))
  return place
}
