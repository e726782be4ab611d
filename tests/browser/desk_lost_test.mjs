// What must not be lost or taken for something else at a desk: a command without an answer, a
// session that did not end, half a sentence, a connection, the time. Against a double of the
// engine's side: desk_lost_test.mjs [--out FOLDER]
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  chen,
  desk,
  double,
  floor,
  gate,
  heard,
  li,
  out,
  page,
  ring,
  take,
  zh,
} from './desk_bench.mjs'
import { accept, command, saidInChat, signIn, tabTo } from './desk_story.mjs'
import { seriousFindings, shot } from './lib.mjs'

const tooLate = {
  status: 504,
  body: { type: 'about:blank', title: 'Gateway timeout', status: 504 },
}

test('what the engine was slow to answer is done once, and not called undone', async () => {
  const { tab } = await desk(chen)
  ring('C-1')
  await tab.locator('[data-place=offer]').waitFor()
  const waits = tab.getByText('The engine has not answered yet.')
  let said = 0
  double.instead = async ({ path }, usual) => {
    if (path !== '/api/command') return usual()
    if (++said > 1) {
      await waits.waitFor()
      return usual()
    }
    usual()
    return tooLate
  }
  await accept(tab, 'C-1')
  await waits.waitFor({ state: 'hidden' })
  assert.equal(said, 2)
  assert.equal(heard('offer.accept').length, 1)
  assert.equal(await tab.getByText('Not done').count(), 0)
})

test('who could not be signed out is told that they still are, and why', async () => {
  const { tab } = await desk(chen)
  const { instead } = double
  double.instead = ({ method }, usual) => (method === 'DELETE' ? tooLate : usual())
  await tab.getByRole('button', { name: 'Sign out' }).click()
  const alert = tab.getByRole('alert').filter({ hasText: 'You are still signed in as chen' })
  await alert.filter({ hasText: 'The engine did not answer.' }).waitFor()
  await tab.locator('.my-state').waitFor()
  await shot(tab, out, 'desk-still-signed-in')
  assert.deepEqual(await seriousFindings(tab), [])
  double.instead = instead
  await tab.getByRole('button', { name: 'Sign out' }).click()
  await tab.locator('input[name=user]').waitFor()
  assert.equal(double.sessions.size, 0)
})

test('a session that another tab has ended is over here too', async () => {
  const { tab } = await desk(chen, zh)
  const second = await tab.context().newPage()
  await second.goto(tab.url())
  await second.locator('.my-state').waitFor()
  await second.getByRole('button', { name: '退出登录' }).click()
  await tab.getByRole('button', { name: '退出登录' }).click()
  await tab.locator('input[name=user]').waitFor()
})

/** Somebody looks at another page for long; or comes back. */
function look(tab, isHidden) {
  return tab.evaluate((hidden) => {
    const wait = (window.waited ??= window.setTimeout.bind(window))
    // Twenty seconds pass at once.
    window.setTimeout = (run, ms) => wait(run, ms === 20_000 ? 0 : ms)
    Object.defineProperty(document, 'hidden', { get: () => hidden, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, isHidden)
}

test('floors that nobody sees leave the browser its connections, and go on when seen', async () => {
  const { tab } = await floor()
  const others = []
  await double.streamsAre(2)
  await look(tab, true)
  for (let i = 0; i < 4; i++) {
    await double.streamsAre(0)
    const other = await tab.context().newPage()
    await other.goto(tab.url())
    await other.locator('.staff-table').waitFor()
    await double.streamsAre(2)
    await look(other, true)
    others.push(other)
  }
  await double.streamsAre(0)
  ring('C-1')
  assert.match(await tab.title(), /^\? /)
  await look(tab, false)
  await tab.locator('[data-alarm="nobody:care"]').waitFor()
  await tab.locator('.freshness.live').waitFor()
  await double.streamsAre(2)
  await tab.waitForFunction(() => document.title.startsWith('(1) '))
})

test('the board rests as well, and is whole when it is seen again', async () => {
  const tab = await page('')
  await signIn(tab, chen)
  await tab.locator('tr[data-queue=care]').waitFor()
  await double.streamsAre(1)
  await look(tab, true)
  await double.streamsAre(0)
  ring('C-1')
  await look(tab, false)
  await tab.locator('[data-tile=waiting] .digits', { hasText: '1' }).waitFor()
})

test('a contact rings at a desk that nobody sees', async () => {
  const { tab } = await desk(chen)
  await look(tab, true)
  ring('C-1')
  await tab.waitForFunction(() => document.title.startsWith('● '))
  assert.deepEqual(
    [...double.streams].map((stream) => stream.path),
    ['/api/desk'],
  )
})

/** What is asked of this contact waits until the test lets go; `since`: once that is done. */
function lateAnswersOf(contact, since) {
  const answer = gate()
  let isLate = !since
  double.instead = async ({ body }, usual) => {
    if (body.type === since) isLate = true
    if (isLate && body.type === 'contact.show' && body.data.contact === contact) await answer.opened
    return usual()
  }
  return answer
}

test('who rings next is taken while what came of the one before is still on its way', async () => {
  const { tab } = await desk(chen)
  ring('C-1', { channel: 'chat' })
  await tab.locator('[data-place=offer][data-contact=C-1]').waitFor()
  const answer = lateAnswersOf('C-1', 'offer.accept')
  await accept(tab, 'C-1')
  await take(tab, 'C-2', { channel: 'chat' })
  assert.deepEqual(
    heard('offer.accept').map((c) => c.contact),
    ['C-1', 'C-2'],
  )
  answer.open()
})

test('who takes a chat may type at once; nothing is said until its lines are known', async () => {
  const { tab } = await desk(chen)
  const answer = lateAnswersOf('C-1')
  await take(tab, 'C-1', { channel: 'chat' })
  await tab.locator('.talk textarea:focus').waitFor()
  await tab.keyboard.type('Good morning')
  await tab.keyboard.press('Enter')
  assert.equal(await tab.locator('.talk textarea').inputValue(), 'Good morning')
  assert.equal(await tab.locator('.lines li').count(), 0)
  answer.open()
  await tab.locator('.lines li', { hasText: 'Nothing has been said yet.' }).waitFor()
  await tab.keyboard.press('Enter')
  await saidInChat(tab, 'Good morning')
  assert.equal(heard('contact.say').length, 1)
})

test('half a sentence waits in its chat while another contact is worked on', async () => {
  const { tab } = await desk(chen)
  const open = (contact) => tab.getByRole('button', { name: `Work on ${contact}` }).click()
  const typed = (text) =>
    tab.waitForFunction((t) => document.querySelector('.talk textarea')?.value === t, text)
  await take(tab, 'C-1', { channel: 'chat' })
  await tab.locator('.talk textarea:focus').waitFor()
  await tab.keyboard.type('Your bill is')
  await take(tab, 'C-2', { channel: 'chat' })
  await typed('')
  await tab.locator('.talk textarea:focus').waitFor()
  await tab.keyboard.type('Good morning')
  // What is on its way stands there as well, and comes back where it could not be said.
  let refuse
  const refused = new Promise((done) => (refuse = done))
  double.instead = async ({ body }, usual) => {
    if (body.type !== 'contact.say') return usual()
    await refused
    const problem = { type: 'routing.line_taken', title: 'Taken.' }
    return { status: 409, body: { outcome: 'refused', problem } }
  }
  await tab.keyboard.press('Enter')
  await tab.locator('.lines li', { hasText: 'on its way' }).waitFor()
  await open('C-1')
  await typed('Your bill is')
  await open('C-2')
  await tab.locator('.lines li', { hasText: 'on its way' }).waitFor()
  await open('C-1')
  refuse()
  await tab.getByText('Somebody said something at the same moment.').waitFor()
  await open('C-2')
  await typed('Good morning')
  await shot(tab, out, 'desk-half-sentence')
  await command(tab, 'contact.finish', { contact: 'C-2', agent: 'A-1', disposition: 'resolved' })
  await tab.locator('[data-place=contact][data-contact=C-1]').waitFor()
  await typed('Your bill is')
})

test('the clock at an agent’s desk is the centre’s, wherever that is', async () => {
  double.centre.offset_minutes = -300
  // Who may see nothing but the desk, at a machine that was set up elsewhere.
  const { tab } = await desk(li, { locale: 'en-GB', timezoneId: 'Asia/Shanghai' })
  await take(tab, 'C-1')
  const time = tab.locator('.timeline time').first()
  const moment = Date.parse(await time.getAttribute('datetime'))
  const there = new Date(moment - 300 * 60_000).toISOString().slice(11, 19)
  await tab.locator('.timeline time', { hasText: there }).first().waitFor()
})

test('whose contact it is not is taken back, and another is picked', async () => {
  for (const [party, name] of [
    ['party-8', '李**'],
    ['party-9', '王**'],
  ])
    double.centre.parties.set(party, {
      masked: { name, phone: '139****0000' },
      clear: { name: `${party} in clear`, phone: '13900000000' },
    })
  const { tab } = await desk(chen)
  await take(tab, 'C-1')
  await tab.keyboard.press('Alt+C')
  await tab.locator('input[name=party]:focus').waitFor()
  await tab.keyboard.type('13900000000')
  await tab.keyboard.press('Enter')
  const pick = (party) => tab.locator('.customer .picks').getByRole('button', { name: party })
  await pick('party-8').click()
  await tab.locator('[data-field=name]', { hasText: '李**' }).waitFor()
  // What is shown in clear of one is not shown of the next.
  await tab.keyboard.press('Alt+C')
  await tab.locator('[role=dialog] select:focus').waitFor()
  await tabTo(tab, '[role=dialog] input[value=phone]')
  await tab.keyboard.press('Space')
  await tabTo(tab, '[role=dialog] button[type=submit]')
  await tab.keyboard.press('Enter')
  await tab.locator('[data-field=phone].clear').waitFor()
  await pick('party-9').click()
  await tab.locator('[data-field=name]', { hasText: '王**' }).waitFor()
  assert.equal(await tab.locator('.clear').count(), 0)
  await shot(tab, out, 'desk-customer-picked')
  assert.deepEqual(await seriousFindings(tab), [])
  await tab.getByRole('button', { name: 'Look for another' }).click()
  await tab.locator('input[name=party]:focus').waitFor()
  await pick('party-9').click()
  await tab.getByRole('button', { name: 'It is this customer’s' }).click()
  await tab.getByRole('button', { name: 'Look for another' }).waitFor({ state: 'hidden' })
  assert.equal(heard('customer.link')[0].party, 'party-9')
  assert.equal(await tab.locator('.customer .picks').count(), 0)
})
