// The desks' words: the same keys in both languages, and a word for all that can be chosen or said.
import { expect, test } from 'vitest'
import problems from '../../../../../messages/problems.cpp?raw'
import {
  dispositions,
  notReadyReasons,
  promiseKinds,
  revealPurposes,
  supervisorReasons,
} from '../lib/codes'
import { shortcuts } from '../lib/shortcuts'
import desksEn from './desks.en'
import desksZh from './desks.zh'
import en from './en'
import zh from './zh'

type Words = { [key: string]: string | Words }

function keysIn(words: Words, before = ''): string[] {
  return Object.entries(words).flatMap(([key, item]) =>
    typeof item === 'string' ? [before + key] : keysIn(item, `${before}${key}.`),
  )
}
const textAt = (words: Words, key: string) =>
  key.split('.').reduce<any>((at, part) => at?.[part], words) as string
const namesIn = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort()

test('each text is there in both languages, with the same names to fill in', () => {
  expect(keysIn(desksZh).sort()).toEqual(keysIn(desksEn).sort())
  for (const key of keysIn(desksEn))
    expect([key, namesIn(textAt(desksZh, key))]).toEqual([key, namesIn(textAt(desksEn, key))])
})

test('no text of the desks is one of the board’s: the board stays as it is', () => {
  const board = new Set(keysIn(en))
  expect(keysIn(desksEn).filter((key) => board.has(key))).toEqual([])
})

test('what can be chosen has a word in both languages', () => {
  const chosen = [...notReadyReasons, ...dispositions, ...promiseKinds, ...supervisorReasons]
  for (const word of chosen)
    for (const words of [en, zh]) expect([word, word in words.word]).toEqual([word, true])
  for (const [purpose, fields] of Object.entries(revealPurposes))
    for (const words of [desksEn, desksZh]) {
      expect([purpose, purpose in words.customer.purposes]).toEqual([purpose, true])
      for (const field of fields)
        expect([field, field in words.customer.field]).toEqual([field, true])
    }
  for (const action of Object.keys(shortcuts)) expect(action in desksEn.key).toBe(true)
})

test('a code word is one that the engine takes', () => {
  for (const word of [...notReadyReasons, ...dispositions, ...promiseKinds, ...supervisorReasons])
    expect(word).toMatch(/^[\w.:-]{1,64}$/)
})

test('a refusal that has a sentence is one of the engine’s', () => {
  for (const key of keysIn(desksEn.problem).filter((k) => k.includes('.')))
    // Sessions are told of over HTTP alone.
    if (key !== 'security.sign_in_needed')
      expect([key, problems.includes(`"${key}"`)]).toEqual([key, true])
})
