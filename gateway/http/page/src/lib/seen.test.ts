import { expect, test } from 'vitest'
import { hidden_ms, Seen } from './seen'

function page() {
  const told: string[] = []
  const due = new Map<number, { run: () => void; ms: number }>()
  let isHidden = false
  let last = 0
  const seen = new Seen(
    { left: () => told.push('left'), back: () => told.push('back') },
    {
      isHidden: () => isHidden,
      later: (run, ms) => (due.set(++last, { run, ms }), last),
      forget: (timer) => due.delete(timer),
    },
  )
  const turn = (hidden: boolean) => {
    isHidden = hidden
    seen.look()
  }
  const pass = () => {
    for (const [timer, { run }] of [...due]) if (due.delete(timer)) run()
  }
  return { seen, told, due, turn, pass }
}

test('a page that nobody sees for a while rests, and goes on when it is seen again', () => {
  const { told, due, turn, pass } = page()
  turn(true)
  expect([...due.values()].map((one) => one.ms)).toEqual([hidden_ms])
  expect(told).toEqual([])
  pass()
  turn(true)
  pass()
  expect(told).toEqual(['left'])
  turn(false)
  turn(false)
  expect(told).toEqual(['left', 'back'])
})

test('a glance at another page costs nothing', () => {
  const { told, turn, pass } = page()
  turn(true)
  turn(false)
  pass()
  expect(told).toEqual([])
})

test('what is no longer there is not told that nobody sees it', () => {
  const { seen, told, turn, pass } = page()
  turn(true)
  seen.stop()
  pass()
  expect(told).toEqual([])
})
