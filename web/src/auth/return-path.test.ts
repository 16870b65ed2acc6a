import { expect, it } from "vitest"
import { returnPathIn } from "./return-path.ts"

it.each([
  ["/agents", "/agents"],
  ["/agents/6f0d9a3e?x=1#y", "/agents/6f0d9a3e?x=1#y"],
  ["/agents/6f0d9a3e@41", "/agents/6f0d9a3e@41"],
  ["/a/../settings", "/settings"],
  ["/agents?to=//evil.example", "/agents?to=//evil.example"],
  ["/%2Fevil.example", "/%2Fevil.example"],
])("%j leads to %j", (value, path) => {
  expect(returnPathIn(value)).toBe(path)
})

it.each([
  "//evil.example",
  "///evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "/\r\n\\evil.example",
  "\t//evil.example",
  "/.//evil.example",
  "/agents/..//evil.example",
  "/%2e//evil.example",
  "https://evil.example",
  "HTTPS:evil.example",
  "javascript:alert(1)",
  "java\nscript:alert(1)",
  " javascript:alert(1)",
  "data:text/html,x",
  "agents",
  "",
  undefined,
  7,
  ["/agents"],
])("%j leads nowhere", (value) => {
  expect(returnPathIn(value)).toBeUndefined()
})
