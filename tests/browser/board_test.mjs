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
    assert.match(tab.url(), /#queue=broadband&list=waiting&contact=C-4711$/)
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

test('a red figure of the centre leads to the queue that makes it so', async () => {
  const frame = frameOf(12, { centre: { ...frameOf(12).centre, sl_late: 0.41 } })
  await onBoard(frame, {}, async (tab) => {
    const dialog = tab.getByRole('dialog')
    await tab.locator('[data-tile=service].act .digits').click()
    await dialog.getByRole('heading', { name: 'Queue number-port' }).waitFor()
    await dialog.getByRole('button', { name: 'C-4500' }).waitFor()
    assert.match(tab.url(), /#queue=number-port&list=recent$/)
    await tab.keyboard.press('Escape')
    await tab.locator('[data-tile=oldest] .digits').focus()
    await tab.keyboard.press('Enter')
    await dialog.getByRole('heading', { name: 'Queue broadband' }).waitFor()
    await dialog.getByRole('button', { name: 'C-4711' }).waitFor()
  })
})

test('who comes in person finds open areas, and the tickets called last', async () => {
  const frame = frameOf(12, {
    areas: {
      hall: { kind: 'counter', queue: 'broadband', open: true },
      upstairs: { kind: 'specialist', queue: 'billing', open: false },
    },
    tickets: {
      A: [
        { ticket: 'A012', counter: '3' },
        { ticket: 'A013', counter: '5' },
      ],
    },
  })
  await onBoard(frame, {}, async (tab) => {
    const areas = tab.locator('[data-place=areas]')
    assert.match(await areas.innerText(), /hall\s+counter\s+open/)
    assert.match(await areas.innerText(), /upstairs\s+specialist\s+✕ closed/)
    assert.match(await tab.locator('[data-place=tickets]').innerText(), /A013\s+at 5\s+A012 at 3/)
    await shot(tab, out, 'wall-areas')
    assert.deepEqual(await seriousFindings(tab), [])
    await areas.getByRole('button', { name: 'broadband' }).focus()
    await tab.keyboard.press('Enter')
    await tab.getByRole('dialog').getByRole('heading', { name: 'Queue broadband' }).waitFor()
  })
})

test('a queue that lost four in ten shows whom it lost, though nobody waits now', async () => {
  const frame = frameOf(3)
  Object.assign(frame.queues.care, { answered: 60, abandoned: 40, abandon_rate: 0.4 })
  await onBoard(frame, {}, async (tab) => {
    fixture.answer('queue.show', { ...waitingIn, waiting: [] })
    await tab.locator('tr[data-queue=care] .c-abandon.act').click()
    const dialog = tab.getByRole('dialog')
    await dialog.getByRole('button', { name: 'C-4500' }).waitFor()
    assert.match(await dialog.innerText(), /gave up[\s\S]*answered late[\s\S]*refused/)
    await shot(tab, out, 'queue-lost')
    assert.deepEqual(await seriousFindings(tab), [])
    await dialog.getByRole('button', { name: 'C-4500' }).click()
    await dialog.getByText('What happened').waitFor()
    await dialog.getByRole('button', { name: 'Back to care' }).click()
    await dialog.getByRole('button', { name: 'C-4500' }).waitFor()
  })
})

test('a contact in progress is reached from the board, with its agent', async () => {
  await onBoard(frameOf(12), {}, async (tab) => {
    await tab.locator('tr[data-queue=broadband] .c-progress').click()
    const line = tab.getByRole('dialog').getByRole('row', { name: 'C-4602' })
    await line.waitFor()
    assert.match(await line.innerText(), /agent-03\s*on hold\s+5:3\d\s+answered late\s+1:11/)
    await shot(tab, out, 'queue-in-progress')
    assert.deepEqual(await seriousFindings(tab), [])
    await line.getByRole('button').click()
    await tab.getByRole('dialog').getByText('What happened').waitFor()
  })
})

test('of an ended contact it is said how it ended, and why nobody was asked', async () => {
  const place = 'external:112'
  const diverted = {
    position: 8,
    type: 'contact.diverted',
    time: new Date(noon).toISOString(),
    data: { contact: 'C-1', to: place, reason: 'safety' },
  }
  await onBoard(frameOf(3), {}, async (tab) => {
    fixture.answer('contact.show', {
      contact: 'C-1',
      state: 'ended',
      ended_as: 'contact.diverted',
      timeline: [diverted],
    })
    fixture.answer('why.contact', { decisions: [] })
    await tab.getByRole('searchbox').fill('C-1')
    await tab.keyboard.press('Enter')
    const dialog = tab.getByRole('dialog')
    await dialog.getByText('ended: sent on').waitFor()
    await dialog.getByText(`Sent on to ${place}: somebody is in danger`).waitFor()
    await dialog.getByText('no agent was chosen').waitFor()
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
    const rows = await tab.locator('tr[data-queue]').count()
    assert.ok(rows >= 15, `only ${rows} queues are seen at once`)
    await tab.getByRole('button', { name: 'Next page' }).click()
    assert.match(
      await tab.locator('.pages').innerText(),
      new RegExp(`${rows + 1}–${2 * rows} of 500`),
    )
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

test('on a wall nobody scrolls, and each queue to act on comes round by itself', async () => {
  const frame = frameOf(42)
  for (const queue of Object.values(frame.queues))
    Object.assign(queue, { waiting: 1 + queue.waiting, oldest_since: noon - 300_000 })
  await onBoard(frame, { locale: 'zh-CN', colorScheme: 'dark' }, async (tab) => {
    const over = () => tab.evaluate(() => document.documentElement.scrollHeight - innerHeight)
    await tab.locator('.chart canvas').waitFor()
    assert.ok((await over()) <= 0, `${await over()} px are out of sight`)
    const rows = await tab.locator('tr[data-queue]').count()
    assert.match(await tab.locator('.hidden-act').innerText(), new RegExp(`${42 - rows} 个告急`))
    await shot(tab, out, 'wall-42-to-act-on')
    assert.deepEqual(await seriousFindings(tab), [])
    // Pages may have turned meanwhile: whichever it is, another one follows by itself.
    const shown = await tab.locator('.pages').innerText()
    const first = await firstQueue(tab)
    await tab.waitForFunction(
      (then) => document.querySelector('tr[data-queue]').dataset.queue !== then,
      first,
    )
    assert.notEqual(await tab.locator('.pages').innerText(), shown)
    await tab.getByRole('button', { name: '停止自动翻页' }).click()
    await tab.getByRole('button', { name: '自动翻页' }).waitFor()
  })
})

test('four times the dots make the text no smaller to the eye', async () => {
  const sizes = []
  for (const viewport of [
    { width: 1920, height: 1080 },
    { width: 3840, height: 2160 },
  ])
    await onBoard(frameOf(42), { viewport, locale: 'zh-CN' }, async (tab) => {
      await tab.locator('.chart canvas').waitFor()
      sizes.push(
        await tab
          .locator('.queues thead th')
          .first()
          .evaluate((e) => parseFloat(getComputedStyle(e).fontSize)),
      )
      await shot(tab, out, `wall-${viewport.width}-zh`)
    })
  assert.ok(sizes[0] >= 16, `a heading of ${sizes[0]} px is too small for a wall`)
  assert.ok(Math.abs(sizes[1] - 2 * sizes[0]) < 0.5, `${sizes[1]} px on twice the width`)
})

test('a name of any length or direction leaves the page as it is', async () => {
  const long = 'm'.repeat(128)
  const turned = 'q\u202e1174'
  const frame = frameOf(3)
  frame.channels[long] = { waiting: 1, in_progress: 1, queued: 9 }
  frame.queues[long] = { ...frame.queues.care, waiting: 9, oldest_since: noon - 300_000 }
  frame.queues[turned] = frame.queues.care
  for (const viewport of [
    { width: 1920, height: 1080 },
    { width: 390, height: 844 },
  ])
    await onBoard(frame, { viewport }, async (tab) => {
      const over = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      assert.ok(over <= 0, `the page is ${over} px too wide`)
      assert.equal(await tab.locator(`tr[data-queue="${turned}"] bdi`).innerText(), turned)
      const name = await tab.locator(`tr[data-queue="${turned}"] button`).getAttribute('aria-label')
      assert.doesNotMatch(name, /\u202e/)
    })
})

test('a wait of hours stands in its own place, on a screen of any width', async () => {
  for (const viewport of [
    { width: 1920, height: 1080 },
    { width: 1366, height: 768 },
    { width: 1200, height: 800 },
    { width: 1024, height: 768 },
    { width: 390, height: 844 },
  ]) {
    const frame = frameOf(12)
    const waits = { broadband: 4274, vip: 43_533, care: 356_400 }
    for (const [queue, wait_s] of Object.entries(waits))
      Object.assign(frame.queues[queue], {
        waiting: 1234,
        oldest_since: noon - wait_s * 1000,
        wait_estimate_s: wait_s,
      })
    frame.centre.oldest_since = frame.queues.vip.oldest_since
    await onBoard(frame, { viewport }, async (tab) => {
      await tab.locator('.chart canvas').waitFor()
      await shot(tab, out, `wall-${viewport.width}-hours`)
      const over = await tab.evaluate(() =>
        [...document.querySelectorAll('tr[data-queue] td, .tile')]
          .filter((e) => e.scrollWidth > e.clientWidth)
          .map((e) => `${e.className}: ${e.innerText}`),
      )
      assert.deepEqual(over, [])
    })
  }
})

test('the heading names the service level, and a row its agents state by state', async () => {
  await onBoard(frameOf(12), {}, async (tab) => {
    assert.match(
      await tab.locator('thead .c-service').innerText(),
      /Service level\s+sl_late · T 15 s/,
    )
    assert.match(await tab.locator('tr[data-queue=vip]').innerText(), /T 10 s/)
    const states = await tab.locator('tr[data-queue=broadband] .state').allInnerTexts()
    assert.deepEqual(
      states.map((text) => Number(text.match(/\d+/)[0])),
      [0, 1, 4, 1, 1],
    )
  })
})

test('no row is called "Watch" beside a red figure', async () => {
  await onBoard(frameOf(42), {}, async (tab) => {
    for (const row of await tab.locator('tr[data-queue]').all())
      if ((await row.locator('td.act').count()) > 0)
        assert.doesNotMatch(await row.locator('.c-level').innerText(), /Watch|Fine/)
  })
})

test('Chinese is drawn in Chinese letters and not in boxes', async () => {
  await onBoard(frameOf(3), { locale: 'zh-CN' }, async (tab) => {
    const drawn = await tab.evaluate(() =>
      ['汉', '字'].map((letter) => {
        const paper = document.createElement('canvas').getContext('2d')
        paper.font = `40px ${getComputedStyle(document.body).fontFamily}`
        paper.fillText(letter, 0, 40)
        return paper.canvas.toDataURL()
      }),
    )
    assert.notEqual(drawn[0], drawn[1], 'no font for Chinese: run tools/install')
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
