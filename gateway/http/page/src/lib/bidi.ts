// Names come from outside and may be written from right to left, or hold marks that turn the text
// around them. In a template a name stands in <bdi>; inside a sentence it is isolated here.

/** Letters of scripts that run from right to left, and the marks that direct text. */
const directed = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]/
const marks = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** The name so that it cannot reorder its sentence; the marks themselves are shown as "\ufffd". */
export function isolated(name: string): string {
  return directed.test(name) ? `\u2068${name.replace(marks, '\ufffd')}\u2069` : name
}
