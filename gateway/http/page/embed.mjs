// Writes the built page as C++ source: node embed.mjs DIST OUT.cpp
// The bytes themselves stay in files that the assembler takes in, so that compiling costs nothing.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { extname, join, relative, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'

const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesIn(path) : [path]
  })
}

const [dist, out] = process.argv.slice(2).map((path) => resolve(path))
const blobs = `${out}.blobs`
rmSync(blobs, { recursive: true, force: true })
mkdirSync(blobs, { recursive: true })

let labels = ''
let symbols = ''
let rows = ''
let count = 0

// A label of the bytes of a file and one behind them; nothing for no bytes.
function embed(bytes) {
  const name = `careline_page_${count++}`
  const file = join(blobs, name)
  writeFileSync(file, bytes)
  labels += `    ".global ${name}\\n${name}:\\n.incbin \\"${file}\\"\\n"\n`
  labels += `    ".global ${name}_end\\n${name}_end:\\n.byte 0\\n"\n`
  symbols += `extern const char ${name}[];\nextern const char ${name}_end[];\n`
  return `between(${name}, ${name}_end)`
}

for (const file of filesIn(dist).sort()) {
  const type = types[extname(file)]
  if (!type) throw new Error(`${file}: no media type is known for it; add it to embed.mjs`)
  const bytes = readFileSync(file)
  const packed = gzipSync(bytes, { level: 9 })
  const path = '/' + relative(dist, file).replaceAll('\\', '/')
  const etag = createHash('sha256').update(bytes).digest('hex').slice(0, 20)
  const immutable = path.startsWith('/assets/')
  const gains = packed.length < bytes.length * 0.9
  rows += `      static_file{"${path}", "${type}", "\\"${etag}\\"", ${immutable},\n`
  rows += `                  ${embed(bytes)},\n`
  rows += `                  ${gains ? embed(packed) : '{}'}},\n`
}

writeFileSync(
  out,
  `// Made by gateway/http/page/embed.mjs.
#include "gateway/http/static_files.hpp"

asm(".section .rodata\\n"
${labels}    ".text\\n");

extern "C" {
${symbols}}

namespace careline::gateway::http {

namespace {

std::string_view between(const char* from, const char* to) {
  return {from, static_cast<std::size_t>(to - from)};
}

} // namespace

std::span<const static_file> static_files() noexcept {
  static const static_file all[] = {
${rows}  };
  return all;
}

} // namespace careline::gateway::http
`,
)
