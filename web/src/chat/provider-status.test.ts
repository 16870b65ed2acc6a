import { expect, it } from "vitest"
import { statusPageOf } from "./provider-status.ts"

it("the status page is that of a provider we know, and only where it has too much to do", () => {
  expect(statusPageOf({ kind: "overloaded", provider: "anthropic" })?.url).toBe("https://status.claude.com")
  expect(statusPageOf({ kind: "overloaded", provider: "openai" })?.name).toBe("OpenAI")
  expect(statusPageOf({ kind: "auth", provider: "openai" })).toBeUndefined()
  for (const provider of [undefined, "openai-compat", "constructor"]) {
    expect(statusPageOf({ kind: "overloaded", ...(provider !== undefined && { provider }) })).toBeUndefined()
  }
})
