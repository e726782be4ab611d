// What the browser tests share: the browser, the fixture, frames, waiting for something to be true.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const page = resolve(here, '../../gateway/http/page')
const require = createRequire(join(page, 'package.json'))

export const skipped = 77

/** Flags of the command line: "--out DIR" gives {out: "DIR"}, the rest in `_`. */
export function flags(argv = process.argv.slice(2)) {
  const given = { _: [] }
  for (let i = 0; i < argv.length; i++)
    if (argv[i].startsWith('--')) given[argv[i].slice(2)] = argv[++i]
    else given._.push(argv[i])
  return given
}

function chromiumPath() {
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    existsSync,
  )
}

/** Leaves with 77 where there is nothing to test with. */
export function needBrowser() {
  if (chromiumPath() && existsSync(join(page, 'node_modules/playwright-core'))) return
  console.log("skipped: chromium or the page's node_modules are not there")
  process.exit(skipped)
}

export async function openBrowser() {
  const { chromium } = require('playwright-core')
  const profile = mkdtempSync(join(tmpdir(), 'careline-browser-'))
  const args = [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--disable-default-apps',
    '--disable-dev-shm-usage',
  ]
  if (process.getuid?.() === 0) args.push('--no-sandbox')
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    headless: true,
    args,
    env: { ...process.env, HOME: profile },
  })
  return {
    browser,
    async close() {
      await browser.close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}

/** All that goes wrong in a page from now on. */
export function wrongIn(tab) {
  const wrong = []
  tab.on('pageerror', (e) => wrong.push(String(e)))
  tab.on('console', (m) => {
    // A refused question or a server that is away is logged by the browser itself.
    if (m.type() === 'error' && !/Failed to load resource|ERR_/.test(m.text())) wrong.push(m.text())
  })
  return wrong
}

/** A page that remembers whatever went wrong in it. */
export async function openPage(browser, base, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1920, height: 1080 },
    locale: 'en-GB',
    colorScheme: 'light',
    ...options,
  })
  const tab = await context.newPage()
  const wrong = wrongIn(tab)
  await tab.goto(base + (options.hash ?? ''))
  return { tab, wrong, close: () => context.close() }
}

export async function seriousFindings(tab) {
  // The page's policy lets no other script in; evaluating one is the test's own right.
  await tab.evaluate(readFileSync(require.resolve('axe-core'), 'utf8'))
  const found = await tab.evaluate(() => window.axe.run(document))
  return found.violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map(
      (v) =>
        `${v.id}: ${v.nodes
          .map((n) => n.target.join(' '))
          .slice(0, 4)
          .join(' | ')}`,
    )
}

export async function shot(tab, out, name, fullPage = false) {
  if (!out) return
  mkdirSync(out, { recursive: true })
  await tab.screenshot({ path: join(out, `${name}.png`), fullPage })
}

/** The real HTTP server, told what to show. */
export class Fixture {
  static async start(program) {
    const f = new Fixture()
    f.process = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
    f.lines = createInterface({ input: f.process.stdout })[Symbol.asyncIterator]()
    f.base = (await f.lines.next()).value
    f.position = 100
    return f
  }
  say(line) {
    this.process.stdin.write(`${line}\n`)
  }
  /** Shows a whole frame to everybody. */
  whole(frame) {
    this.frame = frame
    this.say(`whole ${++this.position} ${JSON.stringify({ ...frame, position: this.position })}`)
  }
  /** Shows a change; `frame` is what the whole board is after it. */
  delta(patch, frame) {
    this.frame = frame
    const at = ++this.position
    this.say(`keep ${at} ${JSON.stringify({ ...frame, position: at })}`)
    this.say(`delta ${at} ${JSON.stringify({ ...patch, position: at })}`)
  }
  answer(type, data) {
    this.say(`answer ${type} ${JSON.stringify(data)}`)
  }
  refuse(type, code) {
    this.say(`refuse ${type} ${code}`)
  }
  silence() {
    this.say('silence')
  }
  async speak() {
    this.say('speak')
    await this.lines.next()
  }
  async stop() {
    this.process.stdin.end()
    await new Promise((done) => this.process.once('exit', done))
  }
}
