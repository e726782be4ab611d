// The AsyncAPI document that the program prints: valid by AsyncAPI's own schema, without a loose
// end, and true: what the scenarios say and what comes of it fits it.
//   node asyncapi_check.mjs CARELINE PAGE_FOLDER SCENARIO...
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [careline, page, ...scenarios] = process.argv.slice(2)
const require = createRequire(join(page, 'package.json'))
const Ajv = require('ajv').default
const addFormats = require('ajv-formats').default
const { schemasWithoutId: schemas } = require('@asyncapi/specs')

const failures = []
const run = (...words) =>
  execFileSync(careline, words, { encoding: 'utf8', maxBuffer: 1 << 28 })
const makeAjv = () => {
  const ajv = new Ajv({ strict: false, allErrors: true })
  addFormats(ajv)
  // Names that AsyncAPI's schema uses beyond those of the library.
  for (const format of ['uri-reference', 'idn-email', 'media-type']) ajv.addFormat(format, true)
  return ajv
}
const expect = (ok, what) => {
  if (!ok) failures.push(what)
}

const text = run('catalogue', '--asyncapi')
const document = JSON.parse(text)
const valid = makeAjv().compile(schemas['3.0.0'])
expect(valid(document), `not AsyncAPI 3.0.0: ${JSON.stringify(valid.errors?.slice(0, 3))}`)

// Each reference leads somewhere.
const at = (pointer) =>
  pointer
    .slice(2)
    .split('/')
    .reduce((place, key) => place?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], document)
let references = 0
const walk = (node) => {
  if (node === null || typeof node !== 'object') return
  if (typeof node.$ref === 'string') {
    ++references
    expect(at(node.$ref) !== undefined, `${node.$ref} leads nowhere`)
  }
  Object.values(node).forEach(walk)
}
walk(document)

// Each word has its message, and its data is as the program reads and writes it.
const messages = document.components.messages
const ajv = makeAjv()
const checks = new Map()
const check = (name, data) => {
  const schema = messages[name]?.payload?.properties?.data
  if (!schema) return expect(false, `${name} has no message`)
  if (!checks.has(name)) checks.set(name, ajv.compile(schema))
  const fits = checks.get(name)
  expect(fits(data), `${name} ${JSON.stringify(data)}: ${JSON.stringify(fits.errors?.[0])}`)
}
for (const name of Object.keys(messages)) ajv.compile(messages[name].payload)

let commands = 0
let events = 0
for (const scenario of scenarios) {
  for (const line of readFileSync(scenario, 'utf8').split('\n')) {
    if (!line.trim() || line.startsWith('//')) continue
    const { type, data } = JSON.parse(line)
    if (!type || type === 'end') continue
    ++commands
    check(type, data ?? {})
  }
  for (const line of run('simulate', scenario).split('\n')) {
    if (!line) continue
    const { type, data } = JSON.parse(line)
    if (!type) continue
    ++events
    check(`event.${type}`, data)
  }
}
expect(commands > 20 && events > 50, `only ${commands} commands and ${events} events were seen`)
expect(document.operations['receive.contact.open'], 'contact.open is not received')
expect(document.channels['event.contact.queued']?.address === 'contact.queued', 'no topic')

for (const failure of failures) console.error(failure)
console.log(
  `${Object.keys(messages).length} messages, ${references} references, ` +
    `${commands} commands and ${events} events fit`,
)
process.exit(failures.length === 0 ? 0 : 1)
