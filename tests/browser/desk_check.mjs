// Works at the desks of a running engine as people would, and leaves pictures of it:
//   desk_check.mjs http://127.0.0.1:5580 --agent USER:PASSWORD --agent USER:PASSWORD
//     --supervisor USER:PASSWORD [--contacts 20] [--queue desk-check] [--out FOLDER]
// A second factor is given as USER:PASSWORD:CODE. The accounts of the agents must be bound to an
// agent each; the supervisor's roles must let it open contacts and define queues. Best on an engine
// with nothing else to do: whatever else rings at these agents is in the way.
import assert from 'node:assert/strict'
import {
  accept,
  accountOf,
  command,
  deskOf,
  finish,
  forceAside,
  openDesk,
  openFloor,
  pick,
  tabTo,
  workThrough,
} from './desk_story.mjs'
import { flags, needBrowser, openBrowser, seriousFindings, shot } from './lib.mjs'

needBrowser()
const args = process.argv.slice(2)
const {
  _: [address],
  out,
  supervisor,
  contacts = '20',
  queue = 'desk-check',
} = flags(args)
const agents = args.flatMap((arg, i) => (args[i - 1] === '--agent' ? [accountOf(arg)] : []))
if (!address || agents.length !== 2 || !supervisor) {
  console.error(
    'usage: desk_check.mjs BASE_URL --agent USER:PASSWORD --agent USER:PASSWORD ' +
      '--supervisor USER:PASSWORD [--contacts N] [--queue NAME] [--out FOLDER]',
  )
  process.exit(2)
}
const base = address.endsWith('/') ? address : `${address}/`
const said = (text) => console.log(`ok: ${text}`)
const name = `desk-${Date.now().toString(36)}`
const chrome = await openBrowser()

/** A contact that the supervisor opens, at the desk where it rings. */
async function ringing(desks, boss, contact, channel = 'phone') {
  await command(boss.tab, 'contact.open', { contact, channel, queue })
  return deskOf(desks, contact)
}

/** In the panel of a contact: what is done, with its reason. */
async function useTool(tab, contact, tool, reason) {
  await tab.goto(`${base}#/floor?contact=${encodeURIComponent(contact)}`)
  await pick(tab, 'select[name=tool]', tool)
  await pick(tab, 'select[name=reason]', reason)
  await tabTo(tab, '[data-contact-tools] button[type=submit]')
  await tab.keyboard.press('Enter')
  await tab.locator('[data-contact-tools] [role=status]').waitFor()
  await tab.keyboard.press('Escape')
}

try {
  const boss = await openFloor(chrome.browser, base, accountOf(supervisor), { locale: 'zh-CN' })
  await command(boss.tab, 'queue.define', { queue, wrap_up: 'manual', ring_s: 20 })
  const desks = []
  for (const [i, locale] of ['zh-CN', 'en-GB'].entries()) {
    const opened = await openDesk(chrome.browser, base, agents[i], { locale })
    desks.push({ ...opened, locale })
  }
  said('two agents and a supervisor have signed in')

  const n = Number(contacts)
  const served = await workThrough(desks, boss, { contacts: n, queue, out, name })
  assert.ok(Math.min(...served) > 0, 'one desk had all of them')
  said(`${n} contacts were served by keyboard: ${served.join(' and ')}`)

  const agent = await desks[1].tab.evaluate(
    async () => (await (await fetch('/api/session')).json()).agent,
  )
  await forceAside(boss.tab, agent)
  said(`${agent} was set aside and back`)

  const back = await ringing(desks, boss, `${name}-back`)
  await useTool(boss.tab, `${name}-back`, 'pullBack', 'mistake')
  await back.tab
    .locator(`[data-place=offer][data-contact="${name}-back"]`)
    .waitFor({ state: 'hidden' })
  const second = await deskOf(desks, `${name}-back`)
  assert.notEqual(second, back)
  await accept(second.tab, `${name}-back`)
  await useTool(boss.tab, `${name}-back`, 'monitor', 'coaching')
  await second.tab.locator('.in-hand .note').first().waitFor()
  said('an offer was taken back and went to the other agent; its talk is listened to')
  await finish(second.tab, `${name}-back`)

  await tabTo(boss.tab, `tr[data-queue="${queue}"] td:last-child button`, 400)
  await boss.tab.keyboard.press('Enter')
  const field = '[role=dialog] [data-limit=weight] input'
  await boss.tab.waitForFunction((s) => document.querySelector(s)?.value === '1', field)
  await tabTo(boss.tab, field)
  await boss.tab.keyboard.press('Control+a')
  await boss.tab.keyboard.type('2')
  await pick(boss.tab, '[role=dialog] select[name=reason]', 'overload')
  await tabTo(boss.tab, '[role=dialog] button[type=submit]')
  await boss.tab.keyboard.press('Enter')
  await boss.tab.locator('.deeds li', { hasText: queue }).waitFor()
  said('a limit was changed')

  await shot(boss.tab, out, 'desk-check-floor-zh')
  assert.deepEqual(await seriousFindings(boss.tab), [])
  await boss.tab.getByRole('button', { name: 'Switch to English' }).click()
  await boss.tab.getByRole('heading', { name: 'Agents' }).waitFor()
  await shot(boss.tab, out, 'desk-check-floor-en')
  assert.deepEqual(await seriousFindings(boss.tab), [])
  for (const { wrong } of [boss, ...desks]) assert.deepEqual(wrong, [])
  said('both languages, nothing serious found, no error in the pages')
} finally {
  await chrome.close()
}
