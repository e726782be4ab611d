// How two agents and a supervisor work through contacts, all by keyboard; told to the double
// (desk_test.mjs) and to a real engine (desk_check.mjs) alike.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { openPage, seriousFindings, shot } from './lib.mjs'

/** "user:password" or "user:password:code". */
export function accountOf(text) {
  const [user, password, code] = String(text).split(':')
  return { user, password, code }
}

function uuid7() {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(Date.now(), 0, 6)
  bytes[6] = (bytes[6] & 0x0f) | 0x70
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** A command with the session of a tab, as another page of the same user would say it. */
export async function command(tab, type, data) {
  const said = await tab.evaluate(
    async ([text]) => {
      const { csrf } = await (await fetch('/api/session')).json()
      const answer = await fetch('/api/command', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf },
        body: text,
      })
      return answer.json()
    },
    [JSON.stringify({ id: uuid7(), type, data })],
  )
  assert.equal(said.outcome, 'accepted', `${type}: ${JSON.stringify(said)}`)
  return said
}

/** Tab until what has the focus matches: what is not reached so cannot be used by keyboard. */
export async function tabTo(tab, selector, most = 60) {
  const there = () => tab.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)
  for (let i = 0; i < most; i++) {
    if (await there()) return
    await tab.keyboard.press('Tab')
  }
  assert.ok(await there(), `${selector} is not reached by ${most} tabs`)
}

/** Chooses in a native list by its letters or arrows, as a keyboard does. */
export async function pick(tab, selector, value) {
  await tab.locator(`${selector} option[value="${value}"]`).waitFor({ state: 'attached' })
  await tabTo(tab, selector)
  const most = await tab.locator(`${selector} option`).count()
  await tab.keyboard.press('Home')
  for (let i = 0; i <= most; i++) {
    if ((await tab.locator(selector).first().inputValue()) === value) return
    await tab.keyboard.press('ArrowDown')
  }
  assert.fail(`${value} is not among the choices of ${selector}`)
}

export async function signIn(tab, { user, password, code }) {
  await tab.locator('input[name=user]').waitFor()
  await tabTo(tab, 'input[name=user]')
  await tab.keyboard.type(user)
  await tab.keyboard.press('Tab')
  await tab.keyboard.type(password)
  await tab.keyboard.press('Enter')
  if (!code) return
  await tab.locator('input[name=code]:focus').waitFor()
  await tab.keyboard.type(code)
  await tab.keyboard.press('Enter')
}

/** An agent at the desk, ready. */
export async function openDesk(browser, base, account, options = {}) {
  const opened = await openPage(browser, base, { ...options, hash: '#/desk' })
  const { tab } = opened
  await signIn(tab, account)
  const start = tab.locator('form.start')
  const state = tab.locator('.my-state')
  await start.or(state).first().waitFor()
  if (await start.isVisible()) {
    await tabTo(tab, 'form.start button[type=submit]')
    await tab.keyboard.press('Enter')
    await state.waitFor()
  }
  if ((await state.getAttribute('data-state')) === 'wrap_up') await tab.keyboard.press('Alt+W')
  if ((await state.getAttribute('data-state')) === 'not_ready') await tab.keyboard.press('Alt+R')
  await tab.locator('.my-state[data-state=ready]').waitFor()
  return opened
}

export async function openFloor(browser, base, account, options = {}) {
  const opened = await openPage(browser, base, { ...options, hash: '#/floor' })
  await signIn(opened.tab, account)
  await opened.tab.locator('.staff-table').waitFor()
  return opened
}

/** Which of the desks a contact rings at. */
export async function deskOf(desks, contact) {
  const found = await Promise.any(
    desks.map(async (desk) => {
      await desk.tab.locator(`[data-place=offer][data-contact="${contact}"]`).waitFor()
      return desk
    }),
  )
  return found
}

export async function accept(tab, contact) {
  await tab.keyboard.press('Alt+A')
  await tab.locator(`[data-place=contact][data-contact="${contact}"]`).waitFor()
}

export async function sayInChat(tab, text) {
  await tab.keyboard.press('Alt+S')
  await tab.locator('.talk textarea:focus').waitFor()
  await tab.keyboard.type(text)
  await tab.keyboard.press('Enter')
  await tab.locator('.lines li.agent', { hasText: text }).waitFor()
}

/** Once the engine has the line, too. */
export async function saidInChat(tab, text) {
  const line = tab.locator('.lines li.agent', { hasText: text, hasNotText: /on its way|发送中/ })
  await line.waitFor()
}

export async function holdAndResume(tab) {
  await tab.keyboard.press('Alt+H')
  await tab.locator('.in-hand .chip').waitFor()
  await tab.keyboard.press('Alt+H')
  await tab.locator('.in-hand .chip').waitFor({ state: 'hidden' })
}

/** Finishes with the disposition so many steps down the list, and ends the wrap-up. */
export async function finish(tab, contact, steps = 0) {
  await tab.keyboard.press('Alt+F')
  await tab.locator('[role=dialog] input[type=radio]:focus').waitFor()
  for (let i = 0; i < steps; i++) await tab.keyboard.press('ArrowDown')
  await tab.keyboard.press('Enter')
  await tab.locator(`[data-place=contact][data-contact="${contact}"]`).waitFor({ state: 'hidden' })
  await tab.locator('.my-state[data-state=wrap_up], .my-state[data-state=ready]').waitFor()
  if (await tab.locator('[data-place=wrapUp]').isVisible()) await tab.keyboard.press('Alt+W')
  await tab.locator('[data-place=wrapUp]').waitFor({ state: 'hidden' })
}

const greetings = { 'zh-CN': '您好，正在为您查询。', 'en-GB': 'Hello, I am looking into it.' }

/**
 * So many contacts, phone and chat in turn, opened by the supervisor's session and served by
 * whomever they ring at. Returns how many each desk served.
 */
export async function workThrough(desks, supervisor, { contacts, queue, out, name }) {
  const served = new Map(desks.map((d) => [d, 0]))
  for (let i = 1; i <= contacts; i++) {
    const contact = `${name}-${i}`
    const channel = i % 2 === 0 ? 'chat' : 'phone'
    await command(supervisor.tab, 'contact.open', { contact, channel, queue })
    const desk = await deskOf(desks, contact)
    if (served.get(desk) === 0) await shot(desk.tab, out, `desk-offer-${desk.locale}`)
    await accept(desk.tab, contact)
    if (channel === 'chat') {
      await command(desk.tab, 'contact.say', { contact, from: 'customer', text: '你好 hello' })
      await desk.tab.locator('.lines li.customer').waitFor()
      await sayInChat(desk.tab, greetings[desk.locale])
    }
    if (i % 3 === 0) await holdAndResume(desk.tab)
    if (served.get(desk) <= 1) {
      await shot(desk.tab, out, `desk-${channel}-${desk.locale}`)
      assert.deepEqual(await seriousFindings(desk.tab), [])
    }
    await finish(desk.tab, contact, i % 5)
    served.set(desk, served.get(desk) + 1)
  }
  return [...served.values()]
}

/** The supervisor sets an agent aside and back, with reasons, by keyboard. */
export async function forceAside(tab, agent) {
  const row = `tr[data-agent="${agent}"]`
  const set = async (state, reason, shown) => {
    await tabTo(tab, `${row} td:last-child button`, 200)
    await tab.keyboard.press('Enter')
    await tab.locator('[role=dialog] select[name=state]:focus').waitFor()
    await pick(tab, 'select[name=state]', state)
    await pick(tab, 'select[name=reason]', reason)
    await tabTo(tab, '[role=dialog] button[type=submit]')
    await tab.keyboard.press('Enter')
    await tab.locator(`${row}[data-state=${shown}]`).waitFor()
  }
  await set('not_ready', 'coaching', 'not_ready')
  await set('ready', 'mistake', 'ready')
}
