// What the tests of the desks stand on: a browser, a double of the engine's side for each test, and
// accounts at it. No page may complain in any of them. With --late MS each request and each answer
// is on its way for up to so long.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, afterEach, before, beforeEach } from 'node:test'
import { DeskDouble, dist } from './desk_double.mjs'
import { accept, accountOf, openDesk, openFloor } from './desk_story.mjs'
import { flags, needBrowser, openBrowser, openPage, skipped, wrongIn } from './lib.mjs'

needBrowser()
if (!existsSync(dist)) {
  console.log('skipped: the page has not been built')
  process.exit(skipped)
}
export const { out, late } = flags()
/** What an agent's role lets one send, as far as the desk does: nothing of the board. */
const agents = [
  ...['agent.sign_in', 'agent.set_state', 'agent.sign_out', 'agent.finish_wrap_up', 'agent.show'],
  ...['agent.list', 'agent.call_next', 'offer.', 'contact.', 'ticket.', 'queue.show'],
  ...['queue.list', 'why.', 'engine.status', 'customer.', 'promise.'],
]
const accounts = [
  { user: 'chen', password: 'p1', agent: 'A-1', roles: ['agents'], sends: ['*'] },
  { user: 'li', password: 'p2', code: '123456', agent: 'A-2', roles: ['agents'], sends: agents },
  { user: 'wang', password: 'p3', roles: ['supervisor'], sends: ['*'] },
  { user: 'zhao', password: 'p4', roles: ['agents'], sends: ['contact.', 'offer.'] },
  { user: 'sun', password: 'p5', locked: true, roles: [], sends: [] },
]
export const [chen, li, wang] = ['chen:p1', 'li:p2:123456', 'wang:p3'].map(accountOf)
export const en = { locale: 'en-GB' }
export const zh = { locale: 'zh-CN', colorScheme: 'dark' }
export let double
let chrome
let opened = []

before(async () => {
  chrome = await openBrowser()
})
after(() => chrome.close())
beforeEach(async () => {
  double = await DeskDouble.start(accounts, { ring_s: 15 })
  double.late_ms = Number(late ?? 0)
})
/** No page may have complained: of its policy neither. */
afterEach(async () => {
  for (const { wrong, close } of opened) {
    assert.deepEqual(wrong, [])
    await close()
  }
  opened = []
  await double.stop()
})

export async function desk(account, options = en) {
  const one = await openDesk(chrome.browser, double.base, account, options)
  opened.push(one)
  return { ...one, locale: options.locale }
}
export async function floor(options = en) {
  const one = await openFloor(chrome.browser, double.base, wang, options)
  opened.push(one)
  return one
}
export async function page(hash, options = en) {
  const one = await openPage(chrome.browser, double.base, { ...options, hash })
  opened.push(one)
  return one.tab
}
/** Another tab of the same browser; `asked` counts there how often it asks who is there. */
export async function another(tab) {
  const second = await tab.context().newPage()
  opened.push({ wrong: wrongIn(second), close: () => second.close() })
  await second.goto(tab.url())
  await second.locator('.my-state').waitFor()
  await second.evaluate(() => {
    window.asked = 0
    const look = () => (window.asked += document.querySelectorAll('.sign-in').length)
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true })
  })
  return second
}
/** Somebody comes. */
export function ring(contact, more = {}) {
  const id = `00000000-0000-7000-8000-${String(double.centre.position).padStart(12, '0')}`
  double.say(id, 'contact.open', { contact, channel: 'phone', queue: 'care', ...more })
}
/** Somebody comes, rings at this desk and is taken. */
export async function take(tab, contact, more = {}) {
  ring(contact, more)
  await tab.locator(`[data-place=offer][data-contact="${contact}"]`).waitFor()
  await accept(tab, contact)
}
export const heard = (type) => double.centre.heard.filter((c) => c.type === type)

/** What is waited for until the test lets go. */
export function gate() {
  let open
  const opened = new Promise((is) => (open = is))
  return { open, opened }
}
