/** 0:45, 12:05, 1:02:03. Whole seconds, cut: a wait of 59.9 s is not yet a minute. */
export function duration(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '–'
  const all = Math.max(0, Math.floor(seconds))
  const two = (n: number) => String(n).padStart(2, '0')
  const [h, m, s] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}

/** A share as a percentage. Never rounded up to 100 % or down to 0 %: all and none are facts. */
export function percent(share: number | undefined, digits = 0): string {
  if (share === undefined || !Number.isFinite(share)) return '–'
  const unit = 10 ** digits
  let shown = Math.round(share * 100 * unit) / unit
  if (shown === 100 && share < 1) shown = 100 - 1 / unit
  if (shown === 0 && share > 0) shown = 1 / unit
  return `${shown.toFixed(digits)}%`
}

/** 12 345. Not by toLocaleString: it costs more than the rest of a row, many times a second. */
export function count(n: number | undefined): string {
  return n === undefined ? '–' : String(n).replace(/\B(?=(\d{3})+$)/g, ' ')
}

/** A moment on the centre's own wall clock, whatever zone the reader's machine is in. */
export function clock(ms: number, offset_minutes: number, seconds = true): string {
  const text = new Date(ms + offset_minutes * 60_000).toISOString()
  return text.slice(11, seconds ? 19 : 16)
}

export function day(ms: number, offset_minutes: number): string {
  return new Date(ms + offset_minutes * 60_000).toISOString().slice(0, 10)
}
