// Every word that the engine may send as a phase, an end or a reason is told in both languages.
import { expect, test } from 'vitest'
import en from './en'
import zh from './zh'

const sources = import.meta.glob<string>(
  [
    '../../../../../actors/routing/**/*.{cpp,hpp}',
    '../../../../../actors/reception/*.cpp',
    '../../../../../messages/routing_*.hpp',
  ],
  { query: '?raw', import: 'default', eager: true },
)
const text = Object.values(sources).join('\n')

/** What the groups of these patterns catch in the engine's sources. */
function caught(...patterns: RegExp[]): string[] {
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map((m) => m[1] as string))
}

/** The words in the function that begins with this. */
function wordsIn(start: string): string[] {
  const body = text.split(start)[1]?.split('\n}')[0] ?? ''
  return [...body.matchAll(/"(\w+)"/g)].map((m) => m[1] as string)
}

/** The words of an enumeration. */
const wordsOf = (name: string) => wordsIn(`constexpr auto names(${name})`)

const phases = wordsOf('phase')
const reasons = [
  ...wordsIn('routing_model::limit_of('),
  ...caught(
    /\b(?:rescind|leave|ends)\([^;"]*"(\w+)"/g,
    /\b(?:contact_(?:timed_out|refused|finished|diverted)|offer_rescinded)\{[^;"]*"(\w+)"/g,
    /\breason = "(\w+)"/g,
    /\bconstexpr std::string_view \w+ = "(\w+)"/g,
  ),
]
const ends = caught(/\bend\([^;]*\bcontact_(\w+)::type/g)
const said = ['decline_reason', 'speaker', 'dial_result', 'supervision_mode'].flatMap(wordsOf)
const strategies = wordsOf('strategy')
const tieBreaks = wordsIn('std::string_view tie_break(')

test('the words are found where the engine writes them', () => {
  expect(phases).toEqual(['waiting', 'offered', 'dialing', 'connected', 'held', 'ended'])
  expect(reasons).toEqual(
    expect.arrayContaining([
      ...['queue_full', 'nobody_there', 'wait_too_long', 'wait_s_max', 'gateway_lost'],
      ...['talk_s_max', 'callback_failed', 'answered_elsewhere', 'signed_out', 'not_ready'],
      ...['abandoned', 'timed_out', 'diverted', 'changed', 'rule', 'safety', 'customer_left'],
    ]),
  )
  expect(ends).toEqual(expect.arrayContaining(['finished', 'abandoned', 'refused', 'diverted']))
  expect(said).toContain('no_answer')
  expect(strategies).toContain('weighted_random')
  expect(tieBreaks).toEqual(['only', 'tier', 'room', 'missed', 'strategy', 'sign_in'])
})

test('no reader is shown a code: each phase, end and reason has a word in both languages', () => {
  for (const word of new Set([...phases, ...reasons, ...ends, ...said])) {
    expect([word, word in en.word]).toEqual([word, true])
    expect([word, word in zh.word]).toEqual([word, true])
  }
})

test('why an agent was chosen is told for each strategy and whatever decided', () => {
  const keys = [...strategies.map((s) => `strategy_${s}`), ...tieBreaks.map((by) => `tie_${by}`)]
  for (const key of keys) {
    expect([key, key in en.why]).toEqual([key, true])
    expect([key, key in zh.why]).toEqual([key, true])
  }
})
