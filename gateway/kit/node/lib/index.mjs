// A gateway to the Careline engine in JavaScript: say, be answered, follow, never miss one.
// Start with docs/gateway.md; the bytes are in docs/wire.md.
export { Client, Desk, Gateway } from './client.mjs'
export { Follow } from './follow.mjs'
export {
  Closed,
  Event,
  NoReply,
  NotAccepted,
  Reply,
  TooLarge,
  Unreadable,
  newId,
} from './wire.mjs'
