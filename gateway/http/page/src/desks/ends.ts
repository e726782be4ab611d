import { dispositionsOf } from '../lib/dispositions'
import { question } from './engine'

/** How a contact may end, by the queue that it is of. */
export async function endsOf(contact: string, queue: string | undefined): Promise<string[]> {
  const of = queue ?? (await question('contact.show', { contact }).catch(() => null))?.queue
  if (!of) return dispositionsOf(null)
  return dispositionsOf(await question('queue.show', { queue: of, limit: 1 }).catch(() => null))
}
