import { isNoAnswer, patience } from './patience'
import type { Reply } from './types'

export class QueryError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

/** Asks the engine one question; throws a QueryError with its code when the answer is no. */
export async function ask<T = any>(type: string, data: Record<string, unknown>): Promise<T> {
  let response: Response
  try {
    response = await fetch('/api/query', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ type, data }),
      signal: patience(),
    })
  } catch {
    throw new QueryError('offline', 'offline')
  }
  const read = (await response.json().catch(() => null)) as (Partial<Reply> & any) | null
  if (isNoAnswer(response.status) || (response.ok && !read))
    throw new QueryError('offline', 'offline')
  const said = read ?? {}
  if (response.ok && said.outcome === 'accepted') return (said.data ?? {}) as T
  const why = said.problem ?? said
  throw new QueryError(
    String(why.type ?? response.status),
    String(why.title ?? response.statusText),
  )
}
