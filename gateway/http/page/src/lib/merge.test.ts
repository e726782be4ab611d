import { expect, test } from 'vitest'
import { mergePatch } from './merge'

// The examples of RFC 7396, appendix A.
test.each([
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'd'],
  ],
  [{ a: 'b' }, ['c'], ['c']],
  [{ a: 'foo' }, null, null],
  [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
])('%j patched by %j is %j', (target, patch, then) => {
  expect(mergePatch(target, patch)).toEqual(then)
})

test('what did not change is the same object, and the frame before stays as it was', () => {
  const before = { queues: { care: { waiting: 1 }, fault: { waiting: 2 } } }
  const after = mergePatch<typeof before>(before, { queues: { care: { waiting: 5 } } })
  expect(after.queues.fault).toBe(before.queues.fault)
  expect(before.queues.care.waiting).toBe(1)
})

test('a queue called like a part of every object harms nothing', () => {
  mergePatch({}, JSON.parse('{"__proto__":{"waiting":1}}'))
  expect(({} as any).waiting).toBeUndefined()
})
