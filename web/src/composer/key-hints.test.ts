import { expect, it } from "vitest"
import { keyHints } from "./key-hints.ts"

const hints = (...[state, waiting]: Parameters<typeof keyHints>) =>
  keyHints(state, waiting).map(({ keys, does }) => `${keys} ${does}`)

it.each([
  ["waiting", "waiting", 0, ["Enter send", "Shift Enter new line"]],
  ["pending", "pending", 0, ["Enter queue", "Ctrl Enter steer", "Esc stop"]],
  ["running", "running.executing", 2, ["Enter queue", "Ctrl Enter steer", "Esc stop"]],
  ["running", "running.interrupting", 0, ["Enter queue"]],
  ["requires_action", "requires_action.approval", 0, ["Enter queue", "Ctrl Enter steer", "Esc cancel what is asked"]],
  ["error", "error", 0, ["Enter send"]],
  ["error", "error", 1, ["Enter queue, and go on with the first that waits"]],
] as const)("tell in %s (%s), with %i that wait, what is true then", (status, activity, waiting, told) => {
  expect(hints({ status, activity }, waiting)).toEqual(told)
})

it("tell of sending while nothing is known of the chat", () => {
  expect(hints(undefined, 0)).toEqual(["Enter send", "Shift Enter new line"])
})
