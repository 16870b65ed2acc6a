import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { ToolPolicyConfig } from "../../src/contract/tool-policy.ts"
import { useChatServer } from "../support/chat-server.ts"
import { chatsOf } from "../support/server-chats.ts"

/** The rules for the tools of one chat, over HTTP. Who may set them: `test/process/chat-access.test.ts`. */

const server = useChatServer({ TROUPE_SWEEP_MS: "50" })
const UNKNOWN = "00000000-0000-4000-8000-000000000000"

const { idle } = chatsOf(server)

const patch = (chat: string, body: object) => server.client.call("PATCH", `/chats/${chat}`, { body })

describe("the rules of a chat", () => {
  it("are set by its owner, read back as they are, and not of an archived one", async () => {
    const chat = await idle()
    const path = `/chats/${chat}/tool-policy`
    const rules = () => server.client.expect(Schema.Struct(ToolPolicyConfig.fields), 200, "GET", path)
    expect(await rules()).toEqual({ rules: [] })
    const tool_policy = [
      { pattern: "execute", args: { command_prefix: ["npm", "test"] }, action: "auto" },
      { pattern: "*", args: null, action: "ask" },
    ]
    expect((await patch(chat, { title: "ruled", tool_policy })).status).toBe(204)
    expect(await rules()).toEqual({ rules: [tool_policy[0], { pattern: "*", action: "ask" }] })
    expect((await patch(chat, { tool_policy: [] })).status).toBe(204)
    expect(await rules()).toEqual({ rules: [] })
    await patch(chat, { archived: true })
    expect((await patch(chat, { tool_policy })).status).toBe(400)
    expect((await server.client.call("GET", `/chats/${UNKNOWN}/tool-policy`)).status).toBe(404)
  })

  it.each([
    [{ tool_policy: {} }, "tool_policy"],
    [{ tool_policy: [{ pattern: "a b", action: "ask" }] }, "tool_policy[0].pattern"],
    [{ tool_policy: [{ pattern: "*", action: "maybe" }] }, "tool_policy[0].action"],
    [
      { tool_policy: [{ pattern: "*", action: "ask", args: { command_prefix: [] } }] },
      "tool_policy[0].args.command_prefix",
    ],
    [
      { tool_policy: [{ pattern: "*", action: "ask", args: { command_prefix: ["npm", "te\u200bst"] } }] },
      "tool_policy[0].args.command_prefix[1]",
    ],
    [{ tool_policy: [{ pattern: "*", action: "ask", args: {} }] }, "tool_policy[0].args.command_prefix"],
    [{ tool_policy: Array.from({ length: 101 }, () => ({ pattern: "*", action: "ask" })) }, "tool_policy"],
  ])("are refused where they are none, and the answer names the field: %#", async (body, field) => {
    const reply = await patch(await idle(), body)
    expect(reply).toMatchObject({ status: 400, body: { validations: [{ field }] } })
  })
})
