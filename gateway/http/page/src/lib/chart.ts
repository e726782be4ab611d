import { clock, percent } from './format'
import type { Minute } from './types'

export interface ChartWords {
  waiting: string
  answered: string
  abandoned: string
  service: string
}

/** Counts as bars, what stands at a minute's end as a line, the share on an axis of its own. */
export function chartOptions(
  history: Minute[],
  offset: number,
  words: ChartWords,
  colour: (name: string) => string,
  fontSize: number,
) {
  const text = { color: colour('muted'), fontSize }
  const of = (key: 'waiting' | 'answered' | 'abandoned') => history.map((m) => m[key] ?? 0)
  const grid = { lineStyle: { color: colour('line') } }
  return {
    // Figures that come five times a second must not dance.
    animation: false,
    textStyle: { fontFamily: colour('font') },
    grid: { left: 4, right: 4, top: fontSize * 3.4, bottom: 2, containLabel: true },
    legend: {
      top: 0,
      left: 0,
      itemWidth: fontSize * 1.4,
      itemHeight: fontSize * 0.8,
      textStyle: { ...text, color: colour('ink') },
      data: [words.answered, words.abandoned, words.waiting, words.service],
    },
    tooltip: {
      trigger: 'axis',
      // Drawn on the canvas: markup with styles in it is against the page's policy.
      renderMode: 'richText',
      backgroundColor: colour('card'),
      borderColor: colour('line'),
      textStyle: { color: colour('ink'), fontSize },
    },
    xAxis: {
      type: 'category',
      data: history.map((m) => clock(m.t, offset, false)),
      // Named by the quarter of an hour, as a clock on the wall is read.
      axisLabel: {
        ...text,
        alignMaxLabel: 'right',
        interval: (i: number) => ((history[i]?.t ?? 1) / 60_000) % 15 === 0,
      },
      axisTick: { show: false },
      axisLine: grid,
    },
    yAxis: [
      { type: 'value', minInterval: 1, axisLabel: text, splitLine: grid },
      {
        type: 'value',
        min: 0,
        max: 1,
        interval: 0.5,
        axisLabel: { ...text, formatter: (x: number) => percent(x) },
        splitLine: { show: false },
      },
    ],
    series: [
      {
        name: words.answered,
        type: 'bar',
        stack: 'left',
        data: of('answered'),
        itemStyle: { color: colour('series-answered') },
      },
      {
        name: words.abandoned,
        type: 'bar',
        stack: 'left',
        data: of('abandoned'),
        itemStyle: {
          color: colour('series-abandoned'),
          decal: {
            symbol: 'rect',
            dashArrayX: [1, 0],
            dashArrayY: [2, 3],
            rotation: -0.785,
            color: colour('card'),
          },
        },
      },
      {
        name: words.waiting,
        type: 'line',
        step: 'end',
        symbol: 'none',
        data: of('waiting'),
        lineStyle: { width: 2.5 },
        itemStyle: { color: colour('series-waiting') },
      },
      {
        name: words.service,
        type: 'line',
        yAxisIndex: 1,
        connectNulls: true,
        showSymbol: false,
        symbol: 'diamond',
        data: history.map((m) => m.sl ?? null),
        lineStyle: { width: 2, type: 'dashed' },
        itemStyle: { color: colour('series-service') },
        tooltip: { valueFormatter: (x: unknown) => percent(typeof x === 'number' ? x : undefined) },
      },
    ],
  }
}
