import { Effect, Exit } from "effect"
import { describe, expect, it } from "vitest"
import { requestTo, user } from "../../test/support/provider-call.ts"
import { ProviderError } from "./errors.ts"
import type { Generate, GenerateRequest, PromptMessage } from "./provider.ts"
import { withReasoningFallback } from "./reasoning-fallback.ts"

const connection = { type: "openai-compat", displayName: "X", baseUrl: "http://x", apiKey: "k", headers: {} } as const

const refusal = (more: Partial<ProviderError>): ProviderError =>
  new ProviderError({
    operation: "test",
    kind: "config",
    message: "no",
    retryable: false,
    provider: "openai-compat",
    ...more,
  })

const REFUSED = refusal({ refusedReasoning: true })
const MISSED = refusal({ detail: "The `reasoning_content` in the thinking mode must be passed back to the API." })
const OTHER = refusal({ detail: "no such model" })

type Answer = "answer" | ProviderError

/** An adapter with these answers in turn, and the requests it was given. */
const scripted = (...answers: ReadonlyArray<Answer>) => {
  const asked: Array<GenerateRequest> = []
  const left = [...answers]
  const adapter: Generate = (request) => {
    asked.push(request)
    const answer = left.shift()
    return answer instanceof ProviderError
      ? Effect.fail(answer)
      : Effect.succeed({ parts: [], finishReason: "stop", usage: {} })
  }
  return { asked, adapter: withReasoningFallback(adapter) }
}

const reasoned: PromptMessage = { role: "assistant", parts: [{ type: "reasoning", text: "so" }] }
const request = (more: Partial<GenerateRequest> = {}) =>
  requestTo(connection, [user("go"), reasoned, user("on")], { origin: "endpoint/me", ...more })

const run = async (adapter: Generate, given: GenerateRequest = request()) =>
  Exit.isSuccess(await Effect.runPromiseExit(adapter(given, () => undefined)))

const ways = (asked: ReadonlyArray<GenerateRequest>) => asked.map(({ reasoning }) => reasoning)

describe("a refusal that names reasoning", () => {
  it("is answered by one request without any, which goes on from no response that is kept", async () => {
    const { adapter, asked } = scripted(REFUSED, "answer")
    const chain = { previousResponseId: "r", messages: [user("on")] }
    expect(await run(adapter, request({ chain }))).toBe(true)
    expect(ways(asked)).toEqual([undefined, "omit"])
    expect(asked[1]?.chain).toBeUndefined()
  })

  it("stands when that one is refused as well, or when there was none", async () => {
    const twice = scripted(REFUSED, REFUSED, "answer")
    expect(await run(twice.adapter)).toBe(false)
    expect(twice.asked).toHaveLength(2)
    const none = scripted(REFUSED, "answer")
    expect(await run(none.adapter, request({ messages: [user("go")] }))).toBe(false)
  })

  it("is answered so without any to leave out, where thinking itself is what cannot be", async () => {
    const expected = refusal({
      refusedReasoning: true,
      detail: "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`.",
    })
    const { adapter, asked } = scripted(expected, "answer")
    expect(await run(adapter, request({ messages: [user("go")] }))).toBe(true)
    expect(ways(asked)).toEqual([undefined, "omit"])
  })

  it("that is missed is answered by one with an empty field, then with a blank, and the endpoint is known from then on", async () => {
    const { adapter, asked } = scripted(MISSED, MISSED, "answer", "answer", "answer")
    expect(await run(adapter)).toBe(true)
    expect(await run(adapter)).toBe(true)
    expect(await run(adapter, request({ origin: "other/me" }))).toBe(true)
    expect(ways(asked)).toEqual([undefined, "fill", "pad", "pad", undefined])
  })

  it("that is wanted, and then is not, goes without", async () => {
    const { adapter, asked } = scripted(MISSED, REFUSED, "answer")
    expect(await run(adapter)).toBe(true)
    expect(ways(asked)).toEqual([undefined, "fill", "omit"])
  })
})

it("any other refusal stands, and so does one in the middle of an answer", async () => {
  const { adapter, asked } = scripted(OTHER, "answer")
  expect(await run(adapter)).toBe(false)
  expect(asked).toHaveLength(1)
  let calls = 0
  const late = withReasoningFallback((_, onEvent) => {
    calls++
    onEvent({ type: "text", text: "so" })
    return Effect.fail(REFUSED)
  })
  expect(await run(late)).toBe(false)
  expect(calls).toBe(1)
})
