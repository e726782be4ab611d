// Which of the pages somebody is led to: those where they would not be turned away.

import type { Place } from '../usePlace'
import { may, type Session } from './session'

const all: Place[] = ['board', 'desk', 'floor']

/** Whether a page is for who is signed in. */
export const isFor: Record<Place, (session: Session) => boolean> = {
  board: (session) => may(session, 'board.show'),
  desk: (session) => Boolean(session.agent),
  floor: (session) => may(session, 'agent.force_state'),
}

/** Where one is stands among them. Who has not said who they are may be anybody. */
export function placesFor(session: Session | null | undefined, here: Place): Place[] {
  return all.filter((place) => !session || place === here || isFor[place](session))
}
