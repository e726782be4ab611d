// Everything at the desk is done by keyboard too: Alt and a letter, whatever has the focus.

export type Action =
  | 'ready'
  | 'notReady'
  | 'accept'
  | 'decline'
  | 'hold'
  | 'transfer'
  | 'finish'
  | 'wrapUp'
  | 'say'
  | 'customer'
  | 'promise'
  | 'callNext'
  | 'recall'
  | 'miss'

export const shortcuts: Record<Action, string> = {
  ready: 'r',
  notReady: 'n',
  accept: 'a',
  decline: 'd',
  hold: 'h',
  transfer: 't',
  finish: 'f',
  wrapUp: 'w',
  say: 's',
  customer: 'c',
  promise: 'p',
  callNext: 'x',
  recall: 'g',
  miss: 'm',
}

/** Of use only to who calls numbers to a counter. */
export const counterActions: readonly Action[] = ['callNext', 'recall', 'miss']

export interface Pressed {
  altKey: boolean
  ctrlKey: boolean
  metaKey: boolean
  key: string
  code?: string
  repeat?: boolean
}

/** On some keyboards Alt turns a letter into a sign: the key's place says which it was. */
export function actionOf(pressed: Pressed): Action | undefined {
  if (!pressed.altKey || pressed.ctrlKey || pressed.metaKey || pressed.repeat) return undefined
  const letter =
    pressed.code?.match(/^Key([A-Z])$/)?.[1]?.toLowerCase() ?? pressed.key.toLowerCase()
  return (Object.keys(shortcuts) as Action[]).find((action) => shortcuts[action] === letter)
}

/** As it is shown and told to screen readers: "Alt+R". */
export function keysOf(action: Action): string {
  return `Alt+${shortcuts[action].toUpperCase()}`
}
