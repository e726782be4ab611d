// Looks at the board of a running engine as a person would, and leaves pictures of it:
//   engine_check.mjs http://127.0.0.1:5580 [--out FOLDER] [--contact ID]
// The board must move by itself, in both languages; a queue must show its contacts and a contact
// its way. --contact opens that one instead of the first that waits.
import assert from 'node:assert/strict'
import { flags, needBrowser, openBrowser, openPage, seriousFindings, shot } from './lib.mjs'

needBrowser()
const {
  _: [base],
  out,
  contact,
} = flags()
if (!base) {
  console.error('usage: engine_check.mjs BASE_URL [--out FOLDER] [--contact ID]')
  process.exit(2)
}
const said = (text) => console.log(`ok: ${text}`)
const ask = async (type, data) =>
  (
    await (
      await fetch(`${base}/api/query`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ type, data }),
      })
    ).json()
  ).data

const chrome = await openBrowser()
try {
  const { tab, wrong } = await openPage(chrome.browser, base, {
    locale: 'zh-CN',
  })
  await tab.locator('.freshness.live').waitFor()
  await tab.locator('tr[data-queue]').first().waitFor()
  const position = () => tab.locator('.freshness').getAttribute('title')
  const before = await position()
  await tab.waitForFunction((then) => document.querySelector('.freshness').title !== then, before)
  said(`the board moves: ${before} -> ${await position()}`)
  await tab.locator('.chart canvas').waitFor()
  await shot(tab, out, 'engine-board-zh')
  assert.deepEqual(await seriousFindings(tab), [])
  await tab.getByRole('button', { name: 'Switch to English' }).click()
  await tab.getByText('Longest wait now').waitFor()
  await shot(tab, out, 'engine-board-en')
  said('both languages')

  await tab.locator('tr[data-queue] button').first().click()
  const dialog = tab.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Waiting' }).click()
  await dialog.getByRole('heading', { name: 'Waiting contacts' }).waitFor()
  await dialog.locator('table, .empty').first().waitFor()
  await shot(tab, out, 'engine-queue')
  said('a queue shows who waits')
  await tab.keyboard.press('Escape')

  const id = contact ?? (await someContact())
  if (id) {
    await tab.goto(`${base}/#contact=${encodeURIComponent(id)}`)
    await tab.reload()
    await dialog.locator('.timeline li').first().waitFor()
    await shot(tab, out, 'engine-contact')
    said(
      `contact ${id} shows ${await dialog.locator('.timeline li').count()} events and ` +
        `${await dialog.locator('.why').count()} decisions`,
    )
  } else {
    said('nobody waits now; no contact was opened')
  }
  assert.deepEqual(wrong, [])
  said('no error in the page')
} finally {
  await chrome.close()
}

async function someContact() {
  const board = await (await fetch(`${base}/api/board`)).json()
  const busiest = Object.entries(board.queues ?? {}).sort(
    (a, b) => (b[1].waiting ?? 0) - (a[1].waiting ?? 0),
  )
  for (const [queue] of busiest.slice(0, 3)) {
    const waiting = (await ask('queue.show', { queue, limit: 1 }))?.waiting ?? []
    if (waiting.length > 0) return waiting[0].contact
  }
  return undefined
}
