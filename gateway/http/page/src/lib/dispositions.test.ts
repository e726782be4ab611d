import { expect, test } from 'vitest'
import { dispositions } from './codes'
import { dispositionsOf } from './dispositions'

test('a queue with a list of its own is finished by that list, in its order', () => {
  expect(dispositionsOf({ dispositions: ['paid', '已缴费'] })).toEqual(['paid', '已缴费'])
})

test('where a queue has none, or is not known, the desks have theirs', () => {
  for (const queue of [{}, { dispositions: [] }, { dispositions: null }, null, undefined])
    expect(dispositionsOf(queue)).toEqual(dispositions)
})
