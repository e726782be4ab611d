// Draws the plots of docs/what-if.md from the data beside it: node docs/plots/plot.mjs
// ECharts comes from the board's page: `npm ci` in gateway/http/page, which the build does too.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const echarts = createRequire(new URL('../../gateway/http/page/', import.meta.url))('echarts')
const here = (file) => new URL(file, import.meta.url)
const read = (name) => JSON.parse(readFileSync(here(`data/${name}.json`), 'utf8'))
const percent = (share) => Math.round(share * 10000) / 100
const font = { fontFamily: 'sans-serif', fontSize: 12, color: '#333333' }
const colours = ['#555555', '#2f6fb2', '#d1731c', '#3f8f57', '#8a4fa3', '#b3423a']

function draw(name, title, options, size = { width: 860, height: 380 }) {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...size })
  chart.setOption({
    animation: false,
    color: colours,
    backgroundColor: '#ffffff',
    textStyle: font,
    title: { text: title, left: 12, top: 8, textStyle: { ...font, fontSize: 14 } },
    grid: { left: 70, right: 70, top: 84, bottom: 52 },
    legend: { top: 36, left: 12, itemGap: 34, textStyle: font },
    ...options,
  })
  writeFileSync(here(`${name}.svg`), chart.renderToSVGString() + '\n')
  chart.dispose()
}

const axis = (name, more = {}) => ({
  type: 'value',
  name,
  nameLocation: 'middle',
  nameGap: 44,
  nameTextStyle: font,
  ...more,
})

/** Bars of a 95 % interval around each point. */
function whiskers(points) {
  return {
    type: 'custom',
    silent: true,
    itemStyle: { color: '#333333' },
    data: points,
    renderItem: (_, api) => {
      const [x, low] = api.coord([api.value(0), api.value(1)])
      const high = api.coord([api.value(0), api.value(2)])[1]
      const line = (x1, y1, x2, y2) => ({
        type: 'line',
        shape: { x1, y1, x2, y2 },
        style: { stroke: '#333333', lineWidth: 1.2 },
      })
      const lines = [[x, low, x, high], [x - 5, low, x + 5, low], [x - 5, high, x + 5, high]]
      return { type: 'group', children: lines.map((ends) => line(...ends)) }
    },
  }
}

function questions() {
  const all = [
    ['two agents more', 'agents-2'],
    ['skills pooled', 'pooled'],
    ['no credit', 'no-credit'],
    ['callback, half say yes', 'callback-50'],
    ['all but the credit', 'two-pooled-callback'],
  ].map(([label, file]) => [label, read(file).metrics])
  const base = all[0][1]
  const bars = (metric, scale) => [
    scale(base[metric].recorded),
    scale(base[metric].played),
    ...all.map(([, m]) => scale(m[metric].other_policy)),
  ]
  const halves = (metric, scale) =>
    [[base[metric].played, base[metric].played_half]]
      .concat(all.map(([, m]) => [m[metric].other_policy, m[metric].other_policy_half]))
      .map(([mean, half], i) => [i + 1, scale(mean - half), scale(mean + half)])
  const names = ['recorded', 'played as it was', ...all.map(([label]) => label)]
  const panel = (metric, title, unit, scale) =>
    draw(
      `what-if-${metric.replaceAll('_', '-')}`,
      title,
      {
        legend: { show: false },
        grid: { left: 70, right: 20, top: 54, bottom: 60 },
        xAxis: { type: 'category', data: names, axisLabel: { interval: 0, ...font, fontSize: 11 } },
        yAxis: axis(unit),
        series: [
          {
            type: 'bar',
            barWidth: '55%',
            data: bars(metric, scale).map((value, i) => ({
              value,
              itemStyle: { color: i === 0 ? '#bbbbbb' : i === 1 ? colours[0] : colours[1] },
              label: { show: true, position: 'insideTop', color: i ? '#ffffff' : '#333333' },
            })),
          },
          whiskers(halves(metric, scale)),
        ],
      },
      { width: 860, height: 320 },
    )
  panel('abandon_rate', 'Gave up, of all calls of the half month', '%', percent)
  panel('wait_p90_s', 'Nine of ten of the answered waited no longer', 's', (s) => Math.round(s))
}

function agents() {
  const base = read('agents-1').metrics
  const more = [1, 2, 4].map((n) => read(`agents-${n}`).metrics)
  const line = (name, metric, scale, yAxisIndex) => ({
    name,
    type: 'line',
    yAxisIndex,
    symbolSize: 7,
    data: [base[metric].played, ...more.map((m) => m[metric].other_policy)]
      .map((y, i) => [[0, 1, 2, 4][i], scale(y)]),
  })
  draw('what-if-agents', 'Agents more than there were, in the centre’s hours', {
    xAxis: { type: 'value', interval: 1, axisLabel: { formatter: '+{value}' } },
    yAxis: [axis('%', { min: 0, max: 100 }), axis('s', { min: 0, splitLine: { show: false } })],
    series: [
      line('gave up (%)', 'abandon_rate', percent, 0),
      line('answered in 20 s, sl_strict (%)', 'sl_strict', percent, 0),
      line('occupancy (%)', 'occupancy', percent, 0),
      line('mean wait of the answered (s)', 'asa_s', Math.round, 1),
    ],
  })
}

function callbacks() {
  const shares = [25, 50, 100]
  const all = shares.map((n) => read(`callback-${n}`).metrics)
  const base = all[0]
  const line = (name, ys, yAxisIndex) => ({
    name,
    type: 'line',
    yAxisIndex,
    symbolSize: 7,
    data: ys.map((y, i) => [[0, ...shares][i], y]),
  })
  draw('what-if-callback', 'A callback is offered after 60 s of waiting', {
    xAxis: axis('of those to whom it is offered, say yes (%)', { nameGap: 30, interval: 25 }),
    yAxis: [axis('calls'), axis('s', { min: 0, max: 700, splitLine: { show: false } })],
    series: [
      line(
        'gave up',
        [base.abandoned.played, ...all.map((m) => m.abandoned.other_policy)].map(Math.round),
        0,
      ),
      line('called back', [0, ...all.map((m) => Math.round(m.callbacks_answered.other_policy))], 0),
      line(
        'mean wait on the line (s)',
        [base.asa_s.played, ...all.map((m) => m.asa_s.other_policy)].map(Math.round),
        1,
      ),
      line(
        'mean time to the callback (s)',
        // Six hours where all say yes: not on this axis.
        [null, ...all.slice(0, -1).map((m) => Math.round(m.callback_wait_s.other_policy)), null],
        1,
      ),
    ],
  })
}

function days() {
  const sources = [
    ['as it was', 'days-recorded'],
    ['two agents more', 'days-agents-2'],
    ['skills pooled', 'days-pooled'],
    ['callback, half say yes', 'days-callback-50'],
  ]
  const recorded = read('days-recorded').days
  draw('what-if-days', 'Gave up, day by day (one seed)', {
    xAxis: { type: 'category', data: recorded.map((d) => d.day.slice(5)) },
    yAxis: axis('%', { min: 0 }),
    series: [
      {
        name: 'recorded',
        type: 'line',
        lineStyle: { type: 'dashed', color: '#999999' },
        itemStyle: { color: '#999999' },
        data: recorded.map((d) => percent(d.recorded.abandon_rate)),
      },
      ...sources.map(([name, file], i) => ({
        name,
        type: 'line',
        itemStyle: { color: colours[i] },
        data: read(file).days.map((d) =>
          percent(d.simulated.abandoned / d.simulated.offered),
        ),
      })),
    ],
  })
}

function outage() {
  const { rows } = read('outage')
  const until = rows.filter((r) => r.at <= 3000)
  const at = (key) => until.map((r) => [r.at / 60, r[key] ?? 0])
  const line = (name, key, yAxisIndex) => ({
    name,
    type: 'line',
    yAxisIndex,
    showSymbol: false,
    data: at(key),
  })
  draw('outage', 'A city outage over 500 queues, in virtual time', {
    xAxis: axis('minutes', { nameGap: 28, max: 50 }),
    yAxis: [axis('contacts in 10 s'), axis('contacts', { splitLine: { show: false } })],
    series: [
      line('came in 10 s', 'arrivals', 0),
      line('gave up in 10 s', 'gave_up', 0),
      line('waiting', 'waiting', 1),
      line('in talk', 'talking', 1),
    ],
  })
}

function board() {
  const { rows } = read('outage-bus')
  const line = (name, key) => ({
    name,
    type: 'line',
    showSymbol: false,
    data: rows.map((r) => [r.at / 60, r[key]]),
  })
  draw('outage-board', 'How old the board was while it lasted: from an event to its frame', {
    xAxis: axis('minutes', { nameGap: 28 }),
    yAxis: axis('ms', { min: 0 }),
    series: [line('median of 10 s', 'lag_p50_ms'), line('p99 of 10 s', 'lag_p99_ms')],
  })
}

questions()
agents()
callbacks()
days()
if (existsSync(here('data/outage.json'))) outage()
if (existsSync(here('data/outage-bus.json'))) board()
