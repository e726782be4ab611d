import { expect, test } from 'vitest'
import policy from '../../../../../messages/routing_policy.hpp?raw'
import { changedLimits, definitionWith, limitsOf, policyFields } from './limits'

const shown = {
  queue: 'care',
  skills: ['zh'],
  weight: 2,
  length_max: 40,
  service_level_s: 20,
  rules: [{ after_s: 30, do: [{ tier_max: 2 }] }],
  length: 7,
  agents: 3,
  waiting: [],
  site_closed: true,
}

test('every field of a queue’s policy is said again, and nothing that is no policy', () => {
  const body = policy.split('struct queue_policy')[1]?.split('\n};')[0] ?? ''
  const fields = [...body.matchAll(/v\.(?:may|must)\("(\w+)"/g)].map((m) => m[1])
  expect([...policyFields].sort()).toEqual(fields.sort())
})

test('a changed limit leaves the rest of the policy as it is', () => {
  const before = limitsOf(shown)
  expect(before).toEqual({ length_max: 40, wait_s_max: null, service_level_s: 20, weight: 2 })
  const after = { ...before, length_max: null, wait_s_max: 600 }
  expect(changedLimits(before, after)).toEqual(['length_max', 'wait_s_max'])
  expect(definitionWith(shown, after, { by: 'S', reason: 'overload' })).toEqual({
    queue: 'care',
    skills: ['zh'],
    weight: 2,
    wait_s_max: 600,
    service_level_s: 20,
    rules: shown.rules,
    by: 'S',
    reason: 'overload',
  })
})
