// What is of one's own at a desk: the counter, how a queue's contacts end, the password, the way
// from page to page. Against a double of the engine's side: desk_own_test.mjs [--out FOLDER]
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  another,
  chen,
  desk,
  double,
  en,
  floor,
  gate,
  heard,
  li,
  out,
  page,
  ring,
  take,
  wang,
  zh,
} from './desk_bench.mjs'
import { accountOf, finish, pick, signIn, tabTo } from './desk_story.mjs'
import { seriousFindings, shot } from './lib.mjs'

const card = '[data-place=counter]'
const arrive = (contact, queue = 'bills') => ring(contact, { channel: 'kiosk', queue })

async function takeCounter(tab, name) {
  await tab.locator(`${card} input[name=counter]`).waitFor()
  await tabTo(tab, `${card} input[name=counter]`)
  await tab.keyboard.type(name)
  await tab.keyboard.press('Enter')
  await tab.locator(`${card} h2`, { hasText: name }).waitFor()
}

test('numbers are called to a counter, called again and given up, by keyboard', async () => {
  double.centre.define({ queue: 'bills', ticket: 'A', ticket_misses: 2, wrap_up: 'none' })
  const { tab } = await desk(chen)
  await takeCounter(tab, '3')
  await tab.keyboard.press('Alt+X')
  await tab.getByText('Nobody with a ticket waits whom you may have now.').waitFor()
  arrive('K-1')
  arrive('K-2')
  await tab.keyboard.press('Alt+X')
  await tab.locator('[data-place=contact][data-contact=K-1] h2:focus').waitFor()
  await tab.locator(card).getByText('Ticket A001 was called to counter 3.').waitFor()
  assert.equal(await tab.locator(`${card} .number strong`).innerText(), 'A001')
  await tab.keyboard.press('Alt+G')
  await tab.locator(card).getByText('called again 1×').waitFor()
  await shot(tab, out, 'desk-counter-en')
  assert.deepEqual(await seriousFindings(tab), [])
  await tab.keyboard.press('Alt+M')
  await tab.getByText('Ticket A001 goes back into the line, to place 2.').waitFor()
  await tab.locator('[data-action=recall]').waitFor({ state: 'hidden' })
  await tab.keyboard.press('Alt+X')
  await tab.locator('[data-place=contact][data-contact=K-2]').waitFor()
  await finish(tab, 'K-2')
  await tab.keyboard.press('Alt+X')
  await tab.locator('[data-place=contact][data-contact=K-1]').waitFor()
  await tab.locator('[data-action=miss]').waitFor()
  await tab.keyboard.press('Alt+M')
  await tab.getByText('Ticket A001 was called in vain too often and has ended.').waitFor()
  assert.deepEqual(
    heard('agent.call_next').map(({ agent, counter }) => [agent, counter]),
    Array(4).fill(['A-1', '3']),
  )
  assert.deepEqual(heard('ticket.recall'), [{ type: 'ticket.recall', agent: 'A-1' }])
  assert.deepEqual(
    heard('ticket.miss').map((c) => c.contact),
    ['K-1', 'K-1'],
  )
})

test('an answer that comes late says nothing over what was done since', async () => {
  double.centre.define({ queue: 'bills', ticket: 'A', wrap_up: 'none' })
  const { tab } = await desk(chen)
  await takeCounter(tab, '3')
  arrive('K-1')
  await tab.locator(`${card} [role=status]`).evaluate((note) => {
    window.notes = []
    new MutationObserver(() => window.notes.push(note.textContent)).observe(note, {
      characterData: true,
      childList: true,
      subtree: true,
    })
  })
  const gone = tab.getByText('Ticket A001 was called in vain too often and has ended.')
  let isFirst = true
  double.instead = async ({ path }, usual) => {
    const said = usual()
    const waits = isFirst && path === '/api/command'
    if (waits) isFirst = false
    if (waits) await gone.waitFor()
    return said
  }
  await tab.keyboard.press('Alt+X')
  await tab.locator('[data-action=miss]').waitFor()
  await tab.keyboard.press('Alt+M')
  await gone.waitFor()
  // The next call is taken once the late answer was: it is the same key.
  while (heard('agent.call_next').length < 2) await tab.keyboard.press('Alt+X')
  const notes = await tab.evaluate(() => window.notes)
  assert.deepEqual(
    notes.filter((note) => /to counter/.test(note)),
    [],
  )
})

test('the counter is remembered, and calls of one queue where one is chosen', async () => {
  const { tab } = await desk(chen, zh)
  await tab.locator('.keys').waitFor()
  assert.equal(await tab.locator(card).count(), 0, 'no queue gives numbers: there is no counter')
  assert.doesNotMatch(await tab.locator('.keys').innerText(), /Alt\+X/)
  for (const [queue, ticket] of [
    ['bills', 'A'],
    ['sim', 'B'],
  ])
    double.say(`00000000-0000-7000-8000-00000000000${ticket}`, 'queue.define', { queue, ticket })
  await takeCounter(tab, '窗口 3')
  await pick(tab, 'select[name=ticket-queue]', 'sim')
  await tab.reload()
  await tab.locator(`${card} h2`, { hasText: '窗口 3' }).waitFor()
  await shot(tab, out, 'desk-counter-zh')
  assert.deepEqual(await seriousFindings(tab), [])
  arrive('K-1', 'bills')
  arrive('K-2', 'sim')
  await tab.locator('[data-action=callNext]').waitFor()
  await tab.locator('select[name=ticket-queue] option[value=sim]').waitFor({ state: 'attached' })
  await tab.keyboard.press('Alt+X')
  await tab.locator('[data-place=contact][data-contact=K-2]').waitFor()
  assert.equal(heard('agent.call_next')[0].queue, 'sim')
})

test('a contact ends by the list of its queue where that has one', async () => {
  double.centre.define({ queue: 'care', wrap_up: 'manual', dispositions: ['solved', '已转账单组'] })
  const { tab } = await desk(chen)
  await take(tab, 'C-1')
  await tab.keyboard.press('Alt+F')
  await tab.locator('[role=dialog] input[type=radio]:focus').waitFor()
  // A code that has a word is told by it; another as it is.
  const offered = await tab.locator('[role=dialog] .choices label').allInnerTexts()
  assert.deepEqual(
    offered.map((text) => text.trim()),
    ['solved', '已转账单组'],
  )
  await tab.keyboard.press('Escape')
  await tab.locator('[role=dialog]').waitFor({ state: 'hidden' })
  await finish(tab, 'C-1', 1)
  assert.equal(heard('contact.finish')[0].disposition, '已转账单组')
  // The list is changed while the dialogue is open: the engine has the last word.
  await take(tab, 'C-2')
  await tab.keyboard.press('Alt+F')
  await tab.locator('[role=dialog] input[type=radio]:focus').waitFor()
  double.centre.define({ queue: 'care', wrap_up: 'manual', dispositions: ['paid'] })
  await tab.keyboard.press('Enter')
  await tab.getByText('The queue has no such end in its list.').waitFor()
  await tab.locator('[role=dialog]').waitFor({ state: 'hidden' })
  await finish(tab, 'C-2')
  assert.equal(heard('contact.finish')[1].disposition, 'paid')
})

async function typePassword(tab, old, wanted, again = wanted) {
  for (const [name, text] of Object.entries({ old, wanted, again })) {
    await tabTo(tab, `[role=dialog] input[name=${name}]`)
    await tab.keyboard.press('Control+a')
    await tab.keyboard.type(text)
  }
  await tab.keyboard.press('Enter')
}

test('one’s own password is changed, and the desk goes on while other sessions end', async () => {
  const other = await page('#/desk')
  await signIn(other, chen)
  await other.locator('form.start').waitFor()
  const { tab } = await desk(chen)
  await tab.getByRole('button', { name: 'Change password' }).focus()
  await tab.keyboard.press('Enter')
  await tab.locator('[role=dialog] input[name=old]:focus').waitFor()
  await typePassword(tab, 'p1', 'short')
  await tab.getByText('The new password needs 12 characters or more.').waitFor()
  await typePassword(tab, 'p1', 'four words are long', 'four words are longer')
  await tab.getByText('The new password is not the same both times.').waitFor()
  await typePassword(tab, 'wrong', 'four words are long')
  await tab.getByText('The password until now is not right').waitFor()
  await shot(tab, out, 'desk-password-en')
  assert.deepEqual(await seriousFindings(tab), [])
  await typePassword(tab, 'p1', 'passwordpassword')
  await tab.getByText('The engine does not take this password').waitFor()
  await typePassword(tab, 'p1', 'four words are long')
  await tab.getByText('Your password is changed.').waitFor()
  await tab.locator('[role=dialog] button:focus').waitFor()
  await tab.keyboard.press('Enter')
  await tab.locator('.switches button:focus').waitFor()
  await other.getByText('Your session is over. Sign in again.').waitFor()
  // The page hears of what comes, and may do something about it.
  await take(tab, 'C-1')
  assert.equal(heard('offer.accept').length, 1)
  await signIn(other, accountOf('chen:four words are long'))
  await other.locator('.my-state').waitFor()
})

async function changePassword(tab) {
  await tab.getByRole('button', { name: 'Change password' }).click()
  await tab.locator('[role=dialog] input[name=old]:focus').waitFor()
  await typePassword(tab, 'p1', 'four words are long')
  await tab.getByText('Your password is changed.').waitFor()
}

/** The second tab works on, and nobody was asked who they are. */
async function goesOn(second) {
  await take(second, 'C-1')
  assert.equal(heard('offer.accept').length, 1)
  assert.equal(await second.evaluate(() => window.asked), 0)
}

test('a second tab of the browser goes on when the first has changed the password', async () => {
  const { tab } = await desk(chen)
  const second = await another(tab)
  await changePassword(tab)
  await goesOn(second)
})

test('a second tab that was busy meanwhile goes on as well', async () => {
  const { tab } = await desk(chen)
  const second = await another(tab)
  // Its thread stands still until it is answered: it hears of all that happened at once.
  const [asked, answer] = [gate(), gate()]
  double.instead = async ({ path }, usual) => {
    if (path !== '/api/stands-still') return usual()
    asked.open()
    await answer.opened
    return { status: 204 }
  }
  const stands = second.evaluate(() => {
    const still = new XMLHttpRequest()
    still.open('GET', '/api/stands-still', false)
    still.send()
  })
  await asked.opened
  await changePassword(tab)
  answer.open()
  await stands
  await goesOn(second)
})

test('a second tab waits while the first has no answer to its new password', async () => {
  const { tab } = await desk(chen)
  const second = await another(tab)
  const answer = gate()
  double.instead = async ({ path, method }, usual) => {
    const said = usual()
    if (path === '/api/session' && method === 'POST') await answer.opened
    return said
  }
  const changed = changePassword(tab)
  // Its session is over by now, and the next one known to nobody.
  await second.getByText('Not connected').first().waitFor()
  answer.open()
  await changed
  await goesOn(second)
})

test('what one wanted is not said in the name of who signed in at another tab', async () => {
  const { tab } = await desk(chen)
  const second = await another(tab)
  await take(tab, 'C-1')
  // What the first asks while nobody is signed in is not answered: it would find its session over.
  const answer = gate()
  double.instead = async ({ path, user }, usual) => {
    if (path === '/api/query' && !user) await answer.opened
    return usual()
  }
  await second.getByRole('button', { name: 'Sign out' }).click()
  await signIn(second, li)
  await second.locator('form.start').waitFor()
  await tab.keyboard.press('Alt+H')
  answer.open()
  await tab.locator('.who', { hasText: 'A-2' }).waitFor()
  assert.deepEqual(heard('contact.hold'), [])
})

test('a second factor is asked for before a password is changed', async () => {
  const { tab } = await desk(li, zh)
  await tab.getByRole('button', { name: '修改密码' }).click()
  await tab.locator('[role=dialog] input[name=old]:focus').waitFor()
  await typePassword(tab, 'p2', '一个足够长的新的密码短语')
  await tab.locator('[role=dialog] input[name=code]:focus').waitFor()
  await shot(tab, out, 'desk-password-zh')
  assert.deepEqual(await seriousFindings(tab), [])
  await tab.keyboard.type('123456')
  await tab.keyboard.press('Enter')
  await tab.getByText('密码已修改。').waitFor()
})

test('a supervisor’s floor goes on as well, and everybody is led where they may go', async () => {
  const { tab } = await floor()
  await tab.getByRole('button', { name: 'Change password' }).click()
  await tab.locator('[role=dialog] input[name=old]:focus').waitFor()
  await typePassword(tab, wang.password, 'a floor of its own')
  await tab.getByText('Your password is changed.').waitFor()
  await tab.keyboard.press('Escape')
  await tab.locator('[role=dialog]').waitFor({ state: 'hidden' })
  ring('C-1')
  await tab.locator('[data-alarm="nobody:care"]').waitFor()
  const led = async (at) => (await at.locator('.places a').allInnerTexts()).map((s) => s.trim())
  assert.deepEqual(await led(tab), ['Board', 'Supervisor’s floor'])
  await tab.getByRole('link', { name: 'Board' }).click()
  await tab.locator('tr[data-queue=care]').waitFor()
  await tab.reload()
  await tab.getByRole('link', { name: 'Supervisor’s floor' }).waitFor()
  assert.deepEqual(await led(tab), ['Board', 'Supervisor’s floor'])
  await shot(tab, out, 'board-signed-in')
  assert.deepEqual(await seriousFindings(tab), [])
  await tab.getByRole('link', { name: 'Supervisor’s floor' }).click()
  await tab.locator('.staff-table').waitFor()
  // Who may see nothing but the desk is led nowhere.
  double.centre.contacts.get('C-1').state = 'ended'
  const { tab: agent } = await desk(li, en)
  assert.deepEqual(await led(agent), [])
})
