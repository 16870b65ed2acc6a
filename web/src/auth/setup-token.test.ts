import { expect, it } from "vitest"
import { setupTokenIn } from "./setup-token.ts"

it.each([
  ["#setup=1a2b3c4d.x-y_z", "1a2b3c4d.x-y_z"],
  ["http://127.0.0.1:7080/#setup=1a2b3c4d.x-y_z", "1a2b3c4d.x-y_z"],
  [" Troupe is ready: https://troupe.example/#setup=token\n", "token"],
  ["  1a2b3c4d.x-y_z\n", "1a2b3c4d.x-y_z"],
  ["", ""],
])("finds the token in what was pasted: %j", (text, token) => {
  expect(setupTokenIn(text)).toBe(token)
})
