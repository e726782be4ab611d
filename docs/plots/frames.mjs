// When each frame of the live board came to a page: a line a frame, milliseconds since 1970 and the
// position of the last event in it.
//   node docs/plots/frames.mjs http://127.0.0.1:8080 SECONDS >frames.csv

const [url, seconds] = process.argv.slice(2)
const stop = new AbortController()
setTimeout(() => stop.abort(), Number(seconds) * 1000)
try {
  const page = await fetch(`${url}/api/events`, { signal: stop.signal })
  let rest = ''
  const text = new TextDecoder()
  for await (const bytes of page.body) {
    const now = Date.now()
    const lines = (rest + text.decode(bytes, { stream: true })).split('\n')
    rest = lines.pop()
    for (const line of lines) if (line.startsWith('id: ')) console.log(`${now},${line.slice(4)}`)
  }
} catch (why) {
  if (why.name !== 'AbortError') throw why
}
