// A newcomer's first ten minutes, by the README:
//   first_minutes_test.mjs --build PRESET [--out FOLDER]
// tools/run, the live board, a contact of one's own, its reason, kill -9, and all is still there.
// A picture of each step is left in FOLDER.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { flags, needBrowser, openBrowser, openPage, shot } from './lib.mjs'

needBrowser()
const { build, out } = flags()
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const data = mkdtempSync(join(tmpdir(), 'careline-first-'))
const patienceMs = 180_000
let chrome
let run

before(async () => {
  chrome = await openBrowser()
})
after(async () => {
  await run?.end('SIGINT')
  await chrome.close()
  rmSync(data, { recursive: true, force: true })
})

/** tools/run in a terminal: what it says, as it says it. */
class Terminal {
  constructor(...words) {
    this.said = `$ tools/run\n`
    this.waiting = []
    this.process = spawn(
      join(root, 'tools/run'),
      ['--build', build, '--port', '0', '--data', data, ...words],
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    for (const pipe of [this.process.stdout, this.process.stderr])
      pipe.on('data', (text) => this.take(String(text)))
    this.ended = new Promise((done) => this.process.once('exit', done))
    this.ended.then(() => this.take(''))
  }
  take(text) {
    this.said += text
    const isOver = this.process.exitCode !== null
    this.waiting = this.waiting.filter(({ what, done, failed }) => {
      const found = this.said.match(what)
      if (found) done(found)
      else if (isOver) failed(new Error(`tools/run ended without ${what}:\n${this.said}`))
      return !found && !isOver
    })
  }
  /** Waits until it has said so. */
  says(what) {
    return new Promise((done, failed) => {
      this.waiting.push({ what, done, failed })
      this.take('')
      setTimeout(() => failed(new Error(`not said: ${what}\n${this.said}`)), patienceMs).unref()
    })
  }
  async end(signal) {
    this.process.kill(signal)
    await this.ended
  }
}

/** A line as it is pasted into a shell in the project's folder. */
const paste = (line) =>
  new Promise((done) =>
    execFile('sh', ['-c', line], { cwd: root }, (wrong, stdout, stderr) =>
      done({ code: wrong?.code ?? 0, text: stdout + stderr }),
    ),
  )

async function picture(name, text) {
  const { tab, close } = await openPage(chrome.browser, 'about:blank')
  await tab.setContent('<pre style="font:18px/1.4 monospace;background:#111;color:#ddd"></pre>')
  await tab.locator('pre').evaluate((pre, words) => (pre.textContent = words), text)
  await shot(tab, out, name, true)
  await close()
}

/** Follows events until the first that `wanted` takes. */
function event(types, events, commands, wanted) {
  const follower = spawn(
    join(root, 'build', build, 'careline'),
    ['tail', ...types, '--from-start', '--events', events, '--commands', commands],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  return new Promise((done, failed) => {
    let rest = ''
    follower.stdout.on('data', (text) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop()
      const found = lines.map((line) => JSON.parse(line)).find(wanted)
      if (!found) return
      follower.kill()
      done(found)
    })
    follower.once('exit', () => failed(new Error(`no ${types} came`)))
    setTimeout(() => follower.kill(), patienceMs).unref()
  })
}

const printed = async (what) => (await run.says(new RegExp(`^${what}: +(.*)$`, 'm')))[1]

test('the first ten minutes', async (t) => {
  await t.test('tools/run says how far it is, and where the board is', async () => {
    run = new Terminal()
    await run.says(/1\/3 packages[^]*2\/3 build[^]*3\/3 start/)
    await run.says(/Ctrl-C stops/)
    await picture('first-1-run', run.said)
  })

  await t.test('the board lives in the reader’s language and says it is simulated', async () => {
    const board = await printed('The board')
    for (const [locale, words] of [
      ['zh-CN', /模拟日/],
      ['en-GB', /simulated day/i],
    ]) {
      const { tab, wrong, close } = await openPage(chrome.browser, board, { locale })
      await tab.locator('.freshness.live').waitFor()
      await tab.locator('tr[data-queue]').first().waitFor()
      assert.match(await tab.locator('.simulated').innerText(), words)
      const position = await tab.locator('.freshness').getAttribute('title')
      await tab.waitForFunction(
        (then) => document.querySelector('.freshness').title !== then,
        position,
      )
      await tab.locator('.chart canvas').waitFor()
      await shot(tab, out, `first-2-board-${locale}`)
      assert.deepEqual(wrong, [])
      await close()
    }
  })

  await t.test('a line to paste opens a contact, and it lights up on the board', async () => {
    const board = await printed('The board')
    const line = await printed('Open your own contact')
    const { tab, wrong, close } = await openPage(chrome.browser, board)
    await tab.locator('tr[data-queue]').first().waitFor()
    const lit = tab.locator('tr.lit').first().waitFor()
    const opened = await paste(line)
    assert.equal(opened.code, 0, opened.text)
    assert.match(opened.text, /"contact":"mine"/)
    await lit
    await shot(tab, out, 'first-3-lit')
    await tab.goto(`${board}#contact=mine`)
    await tab.reload()
    await tab.getByRole('dialog').locator('.timeline li').first().waitFor()
    await shot(tab, out, 'first-3-mine')
    assert.deepEqual(wrong, [])
    await close()
    await picture('first-3-paste', `$ ${line}\n${opened.text}`)
  })

  await t.test('careline why names its agent and the reason', async () => {
    const line = await printed('See why it went there')
    const events = (await printed('Follow all events')).match(/--events (\S+)/)[1]
    const commands = line.match(/--commands (\S+)/)[1]
    const offer = await event(['offer.made'], events, commands, (e) => e.data.contact === 'mine')
    const why = await paste(line)
    assert.equal(why.code, 0, why.text)
    assert.match(why.text, new RegExp(`Offer 1 to ${offer.data.agent}`))
    assert.match(why.text, /Why: /)
    const followed = await paste(`${await printed('Follow all events')} --from-start --count 1`)
    assert.equal(followed.code, 0, followed.text)
    assert.equal(JSON.parse(followed.text).position, 1)
    await picture('first-4-why', `$ ${line}\n${why.text}`)
  })

  await t.test('after kill -9 each contact is at its place, and the terminal says so', async () => {
    const open = await printed('Open your own contact')
    const last = open.replace('--contact mine', '--contact last')
    assert.equal((await paste(`${last} --skills nobody-has-it --urgency 9`)).code, 0)
    const place = async () => {
      const commands = (await printed('See why it went there')).match(/--commands (\S+)/)[1]
      const shown = await paste(
        `build/${build}/careline show contact last --json --commands ${commands}`,
      )
      assert.equal(shown.code, 0, shown.text)
      const { state, queue, queue_position } = JSON.parse(shown.text)
      return { state, queue, queue_position }
    }
    const before = await place()
    assert.equal(before.state, 'waiting')
    const [, pid] = await run.says(/kill -9 (\d+)/)
    process.kill(Number(pid), 'SIGKILL')
    await run.says(/The engine ended/)
    await run.ended
    run = new Terminal()
    await run.says(/Went on from/)
    await run.says(/recovered: \d+ contacts waiting, each at its place/)
    await run.says(/Ctrl-C stops/)
    assert.deepEqual(await place(), before)
    await picture('first-5-restart', run.said)
  })

  await t.test('Ctrl-C ends all of it', async () => {
    await run.end('SIGINT')
    await run.says(/all that was acknowledged is in/)
    assert.equal(run.process.exitCode, 0)
  })
})
