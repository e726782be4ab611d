// The board in a real browser: board_test.mjs --fixture PROGRAM [--out FOLDER]
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { contactShown, contactWhy, frameOf, noon, waitingIn } from './frames.mjs'
import {
  Fixture,
  flags,
  needBrowser,
  openBrowser,
  openPage,
  seriousFindings,
  shot,
} from './lib.mjs'

needBrowser()
const { fixture: program, out } = flags()
let fixture
let chrome

before(async () => {
  fixture = await Fixture.start(program)
  chrome = await openBrowser()
})
after(async () => {
  await chrome.close()
  await fixture.stop()
})

/** A board of so many queues, in a page; the page must not have complained when it is done. */
async function onBoard(frame, options, look) {
  fixture.whole(frame)
  fixture.answer('queue.show', waitingIn)
  fixture.answer('contact.show', contactShown)
  fixture.answer('why.contact', contactWhy)
  const { tab, wrong, close } = await openPage(chrome.browser, fixture.base, options)
  await tab.locator('[data-tile=waiting] .digits').filter({ hasText: /\d/ }).waitFor()
  await look(tab)
  assert.deepEqual(wrong, [])
  await close()
}

const digits = (tab, tile) => tab.locator(`[data-tile=${tile}] .digits`).innerText()
const firstQueue = (tab) => tab.locator('tr[data-queue]').first().getAttribute('data-queue')

test('a wall screen shows the centre, and who needs somebody stands first', async () => {
  await onBoard(frameOf(12), {}, async (tab) => {
    assert.equal(await digits(tab, 'waiting'), '24')
    assert.equal(await firstQueue(tab), 'broadband')
    const row = tab.locator('tr[data-queue=broadband]')
    assert.match(await row.innerText(), /Act now/)
    assert.match(await tab.locator('[data-tile=service]').innerText(), /sl_late/)
    assert.equal(await tab.locator('.chart canvas').count(), 1)
    const size = await tab
      .locator('[data-tile=waiting] .digits')
      .evaluate((e) => parseFloat(getComputedStyle(e).fontSize))
    assert.ok(size >= 48, `digits of ${size} px are too small for a wall`)
    await tab.locator('.chart canvas').waitFor()
    await shot(tab, out, 'wall-en-light')
    assert.deepEqual(await seriousFindings(tab), [])
  })
})

test('the board is in the language of the browser, and remembers another choice', async () => {
  await onBoard(
    frameOf(12, { simulated: true, speed: 60 }),
    { locale: 'zh-CN', colorScheme: 'dark' },
    async (tab) => {
      assert.match(await tab.locator('.simulated').innerText(), /模拟日/)
      assert.match(await tab.locator('[data-tile=waiting]').innerText(), /排队中/)
      assert.equal(await tab.locator('html').getAttribute('lang'), 'zh-CN')
      await shot(tab, out, 'wall-zh-dark')
      assert.deepEqual(await seriousFindings(tab), [])
      await tab.getByRole('button', { name: 'Switch to English' }).click()
      await tab.reload()
      await tab.getByText('Longest wait now').waitFor()
    },
  )
})

test('a change is shown as it comes, and a contact that arrives lights up its queue', async () => {
  const frame = frameOf(12)
  await onBoard(frame, {}, async (tab) => {
    const care = frame.queues.care
    const changed = {
      waiting: care.waiting + 1,
      queued: care.queued + 1,
      oldest_since: noon,
    }
    fixture.delta(
      { centre: { waiting: 25 }, queues: { care: changed } },
      { ...frame, queues: { ...frame.queues, care: { ...care, ...changed } } },
    )
    await tab.locator('tr[data-queue=care].lit').waitFor()
    assert.equal(await digits(tab, 'waiting'), '25')
    await tab.locator('tr[data-queue=care]:not(.lit)').waitFor()
  })
})

test('the longest wait counts on by itself between two frames', async () => {
  await onBoard(frameOf(12), {}, async (tab) => {
    const shown = await digits(tab, 'oldest')
    await tab.waitForFunction(
      (then) => document.querySelector('[data-tile=oldest] .digits').textContent !== then,
      shown,
    )
  })
})

test('without a sign from the engine the board turns grey, says so, and comes back', async () => {
  await onBoard(frameOf(12), {}, async (tab) => {
    fixture.silence()
    await tab.locator('.board.stale').waitFor()
    assert.match(await tab.locator('.banner').innerText(), /Nothing was heard/)
    await shot(tab, out, 'connection-lost')
    assert.deepEqual(await seriousFindings(tab), [])
    await fixture.speak()
    fixture.whole(frameOf(12, { centre: { waiting: 77 } }))
    await tab.locator('[data-tile=waiting] .digits', { hasText: '77' }).waitFor()
    await tab.locator('.board:not(.stale)').waitFor()
  })
})

test('a red number leads to its contacts, a contact to its why, all by keyboard', async () => {
  await onBoard(frameOf(12), {}, async (tab) => {
    await tab.locator('tr[data-queue=broadband] button').focus()
    await tab.keyboard.press('Enter')
    await tab.getByRole('dialog').getByText('C-4711').waitFor()
    await shot(tab, out, 'queue-panel')
    assert.deepEqual(await seriousFindings(tab), [])
    await tab.getByRole('button', { name: 'C-4711' }).focus()
    await tab.keyboard.press('Enter')
    const dialog = tab.getByRole('dialog')
    await dialog.getByText('Joined broadband at place 4, was told about 45 s').waitFor()
    await dialog.getByText('This queue takes the agent who has been idle longest.').waitFor()
    await dialog.getByText('That order decided over agent-02, who came next.').waitFor()
    assert.match(await dialog.innerText(), /news\.of_a_later_version/)
    assert.match(tab.url(), /#queue=broadband&contact=C-4711$/)
    await shot(tab, out, 'contact-panel')
    assert.deepEqual(await seriousFindings(tab), [])
    await tab.goBack()
    await dialog.getByText('Waiting contacts').waitFor()
    await tab.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    const focused = await tab.evaluate(() => document.activeElement.closest('tr')?.dataset.queue)
    assert.equal(focused, 'broadband')
  })
})

test('a link opens the contact that it names; an unknown one is said to be unknown', async () => {
  await onBoard(frameOf(3), { hash: '#contact=C-4711' }, async (tab) => {
    await tab.getByRole('dialog').getByText('What happened').waitFor()
  })
  fixture.refuse('contact.show', 'routing.unknown_contact')
  const { tab, close } = await openPage(chrome.browser, fixture.base, {
    hash: '#contact=C-0',
  })
  await tab.getByText('There is no contact or queue of this name.').waitFor()
  await close()
})

test('five hundred queues are one page to look at and the rest to turn or search', async () => {
  const frame = frameOf(500)
  await onBoard(frame, {}, async (tab) => {
    assert.equal(await tab.locator('tr[data-queue]').count(), 20)
    await tab.getByRole('button', { name: 'Next page' }).click()
    assert.match(await tab.locator('.pages').innerText(), /21–40/)
    await tab.getByRole('searchbox').fill('queue-499')
    await tab.locator('tr[data-queue=queue-499]').waitFor()
    assert.equal(await tab.locator('tr[data-queue]').count(), 1)
    await tab.keyboard.press('Enter')
    await tab.getByRole('dialog').waitFor()
    await tab.keyboard.press('Escape')
    await tab.getByRole('searchbox').fill('')
    await shot(tab, out, 'queues-500')
    // Every queue changes in one frame: the page takes it without falling behind.
    const queues = Object.fromEntries(
      Object.keys(frame.queues).map((id) => [id, { in_progress: 1 }]),
    )
    const all = Object.fromEntries(
      Object.entries(frame.queues).map(([id, q]) => [id, { ...q, in_progress: 1 }]),
    )
    for (let i = 1; i <= 20; i++)
      fixture.delta(
        { queues, centre: { waiting: 900 + i } },
        {
          ...frame,
          queues: all,
          centre: { ...frame.centre, waiting: 900 + i },
        },
      )
    await tab.locator('[data-tile=waiting] .digits', { hasText: '920' }).waitFor()
  })
})

test('a phone shows the same, without scrolling sideways', async () => {
  await onBoard(
    frameOf(12),
    { viewport: { width: 390, height: 844 }, locale: 'zh-CN' },
    async (tab) => {
      const over = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      assert.ok(over <= 0, `the page is ${over} px too wide`)
      await tab.locator('.chart canvas').waitFor()
      await shot(tab, out, 'phone-zh', true)
      assert.deepEqual(await seriousFindings(tab), [])
    },
  )
})

test('an engine without queues is no error', async () => {
  await onBoard(
    {
      time: new Date(noon).toISOString(),
      offset_minutes: 480,
      speed: 1,
      simulated: false,
      centre: { waiting: 0 },
      queues: {},
      history: [],
    },
    {},
    async (tab) => {
      await tab.getByText('No queue is defined yet.').waitFor()
      await shot(tab, out, 'empty')
    },
  )
})
