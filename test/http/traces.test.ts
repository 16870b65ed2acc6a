import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { TraceHead, TracePage } from "../../src/contract/trace.ts"
import { useChatServer } from "../support/chat-server.ts"
import { chatsOf } from "../support/server-chats.ts"

/** What of a chat's whole life is told to be kept, and what is not. */

const server = useChatServer({ TROUPE_SWEEP_MS: "50" })
const UNKNOWN = "00000000-0000-4000-8000-000000000000"
const { create, until } = chatsOf(server)

const CALLER_PROMPT = "Speak like a harbour master."

describe("the whole life of a chat", () => {
  it("has its messages and tries, and neither prompts of the system, nor what providers sealed, nor keys", async () => {
    server.provider.script(
      { items: [{ text: "half a rep" }, { cut: "reset" }] },
      { items: [{ reasoning: "I wonder." }, { text: "Hello!" }] },
    )
    const { id } = await create({ system_prompt: CALLER_PROMPT })
    await until(id, "waiting")
    const head = await server.client.expect(TraceHead, 200, "GET", `/chats/${id}/trace`)
    const page = await server.client.expect(TracePage, 200, "GET", `/chats/${id}/trace/${head.version}`)
    expect([page.until, page.has_more, head.machine.version, head.steps.last_version]).toEqual([
      head.version,
      false,
      head.version,
      head.version,
    ])
    expect(page.messages.map(({ role }) => role)).toEqual(["user", "assistant"])
    expect(page.transitions.map(({ version }) => version)).toEqual(
      Array.from({ length: head.version }, (_, index) => index + 1),
    )
    expect(page.transitions.every(({ context, mode }) => context !== undefined && mode === "normal")).toBe(true)
    const all = JSON.stringify([
      Schema.encodeSync(TraceHead)(head),
      await server.client.call("GET", `/chats/${id}/trace/${head.version}`),
    ])
    expect(all).toContain("half a rep")
    expect(all).toContain("I wonder.")
    for (const secret of [
      CALLER_PROMPT,
      "You are a coding agent",
      "provider_metadata",
      "provider_origin",
      server.provider.apiKey,
    ]) {
      expect(all).not.toContain(secret)
    }
  })

  it("is refused for no such chat, a version to come, and pages of no size", async () => {
    const { id } = await create()
    const status = async (path: string) => (await server.client.call("GET", path)).status
    expect(await status(`/chats/${UNKNOWN}/trace`)).toBe(404)
    expect(await status(`/chats/${UNKNOWN}/trace/1`)).toBe(404)
    expect(await status(`/chats/${id}/trace/999999`)).toBe(404)
    expect(await status(`/chats/${id}/trace/0`)).toBe(400)
    expect(await status(`/chats/${id}/trace/1?limit=1001`)).toBe(400)
    expect(await status(`/chats/${id}/trace/1?after=x`)).toBe(400)
  })
})
