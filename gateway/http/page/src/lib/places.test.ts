import { expect, test } from 'vitest'
import { placesFor } from './places'
import type { Session } from './session'

const session = (sends: string[], agent?: string): Session => ({
  user: 'u',
  roles: [],
  sends,
  csrf: '',
  ...(agent ? { agent } : {}),
})

test('an agent is led to the desk, a supervisor to the floor and the board', () => {
  expect(placesFor(session(['offer.'], 'A-1'), 'desk')).toEqual(['desk'])
  expect(placesFor(session(['board.', 'agent.']), 'board')).toEqual(['board', 'floor'])
  expect(placesFor(session(['board.', 'agent.'], 'A-1'), 'floor')).toEqual([
    'board',
    'desk',
    'floor',
  ])
})

test('who is somewhere stays there, and whom nobody knows yet may go anywhere', () => {
  expect(placesFor(session(['board.show']), 'floor')).toEqual(['board', 'floor'])
  expect(placesFor(null, 'desk')).toEqual(['board', 'desk', 'floor'])
})
