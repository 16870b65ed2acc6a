import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { once } from "node:events"
import { describe, expect, it } from "vitest"
import { createMachine } from "xstate"
import { type Chat, MessagesResponse, SendMessageResponse } from "../../src/contract/chats.ts"
import { ChatAtVersion, ChatMachineState, ChatTransitions, MachineGraph } from "../../src/contract/inspection.ts"
import { MachineConfig } from "../../src/contract/machine-config.ts"
import { ModelConfig } from "../../src/contract/models.ts"
import { ApprovalsResponse, CapacityConfig, ToolPolicyConfig } from "../../src/contract/tool-policy.ts"
import { ChatWatchEvent } from "../../src/contract/stream.ts"
import { ChatSteps } from "../../src/contract/steps.ts"
import { chatMachine } from "../../src/machines/chat-machine.ts"
import { webSocket } from "../support/chat-reader.ts"
import { useChatServer } from "../support/chat-server.ts"
import { type CallOptions, Client, textContent } from "../support/client.ts"
import { chatsOf } from "../support/server-chats.ts"

/** Statuses and bodies of the routes of a chat's queue, history, tools and machine. */

const server = useChatServer({ TROUPE_SWEEP_MS: "50" })
const UNKNOWN = "00000000-0000-4000-8000-000000000000"

const status = async (method: string, path: string, options?: CallOptions) => {
  const reply = await server.client.call(method, path, options)
  return reply.status
}

/** The status, and what an error answer is about: its fields where it names some. */
const refused = async (method: string, path: string, body?: unknown): Promise<ReadonlyArray<unknown>> => {
  const reply = await server.client.call(method, path, body === undefined ? {} : { body })
  const answer = reply.body as { readonly message: string; readonly validations?: ReadonlyArray<{ field: string }> }
  expect(answer.message).toMatch(/^\S.*\.$/s)
  expect(answer.message).not.toMatch(/\[object|undefined|Error:|select /)
  return [reply.status, ...(answer.validations ?? []).map(({ field }) => field)]
}

const { create, until, idle, busy } = chatsOf(server)

const tool = { name: "ask_user", input_schema: { type: "object" } }
const asking = async (more: Record<string, unknown> = {}) => {
  server.provider.script({ items: [{ calls: [{ tool: "ask_user", args: {}, id: "a" }] }] })
  return (await create({ unsafe_dynamic_tools: [tool], ...more })).id
}

describe("the queue", () => {
  it("is filled, promoted from and deleted from", async () => {
    const chat = await busy()
    const send = (text: string) =>
      server.client.expect(SendMessageResponse, 200, "POST", `/chats/${chat}/messages`, {
        body: { content: textContent(text) },
      })
    const ids: Array<number> = []
    for (let index = 0; index < 20; index += 1) ids.push((await send(`message ${index}`)).queued_message?.id ?? 0)
    const full = await server.client.call("POST", `/chats/${chat}/messages`, { body: { content: textContent("more") } })
    expect([full.status, full.body]).toEqual([
      429,
      expect.objectContaining({ detail: "At most 20 messages can wait." }),
    ])
    expect(await status("DELETE", `/chats/${chat}/queue/${ids[0]}`)).toBe(204)
    expect(await refused("DELETE", `/chats/${chat}/queue/${ids[0]}`)).toEqual([404])
    expect(await refused("DELETE", `/chats/${chat}/queue/none`)).toEqual([400, "queued"])
    expect(await refused("POST", `/chats/${chat}/queue/0/promote`)).toEqual([400, "queued"])
    expect(await refused("POST", `/chats/${chat}/queue/${ids[0]}/promote`)).toEqual([404])
    server.provider.script({ items: [{ silence: true }] })
    const promoted = await server.client.call("POST", `/chats/${chat}/queue/${ids[7]}/promote`)
    expect([promoted.status, promoted.body]).toEqual([202, { message: expect.stringMatching(/\.$/) }])
    await until(chat, "running.generating")
    const { messages } = await server.client.expect(MessagesResponse, 200, "GET", `/chats/${chat}/messages`)
    expect(messages.map(({ content }) => content[0])).toContainEqual({ type: "text", text: "message 7" })
    for (const [method, path] of [
      ["DELETE", "queue/1"],
      ["POST", "queue/1/promote"],
    ] as const) {
      expect(await refused(method, `/chats/${UNKNOWN}/${path}`)).toEqual([404])
    }
  })
})

const promptsOf = async (chat: string) => {
  const { prompts } = (await server.client.call("GET", `/chats/${chat}/prompts`)).body as {
    readonly prompts: ReadonlyArray<{ readonly text: string }>
  }
  return prompts.map(({ text }) => text)
}

describe("prompts", () => {
  it("are the texts as they were typed, newest first, without those that say nothing", async () => {
    server.provider.script({ items: [{ text: "hi" }] })
    const { id } = await create({ content: [...textContent("one"), ...textContent("  \n two ")] })
    await until(id, "waiting")
    const reference = { type: "file-reference", file_name: "a.ts", content: "" }
    server.provider.script({ items: [{ text: "hi" }] })
    await server.client.call("POST", `/chats/${id}/messages`, { body: { content: [reference] } })
    await until(id, "waiting")
    server.provider.script({ items: [{ text: "hi" }] })
    await server.client.send(id, "and this")
    await until(id, "waiting")
    expect(await promptsOf(id)).toEqual(["and this", "one  \n two "])
    expect(await refused("GET", `/chats/${id}/prompts?limit=2001`)).toEqual([400, "limit"])
    expect(await refused("GET", `/chats/${UNKNOWN}/prompts`)).toEqual([404])
  })
})

describe("editing and patching", () => {
  it("answers with the new message, or says why not", async () => {
    const chat = await idle()
    const { messages } = await server.client.messages(chat)
    const path = (role: string) => `/chats/${chat}/messages/${messages.find((message) => message.role === role)?.id}`
    const edit = { content: textContent("better") }
    expect(await refused("PATCH", path("assistant"), edit)).toEqual([400, "message"])
    expect(await refused("PATCH", `/chats/${chat}/messages/999999999`, edit)).toEqual([404])
    expect(await refused("PATCH", `/chats/${chat}/messages/one`, edit)).toEqual([400, "message"])
    expect(await refused("PATCH", path("user"), { content: [] })).toEqual([400, "content"])
    expect(await refused("PATCH", path("user"), { ...edit, model_config_id: UNKNOWN })).toEqual([
      400,
      "model_config_id",
    ])
    server.provider.script({ items: [{ text: "hi again" }] })
    const reply = await server.client.call("PATCH", path("user"), { body: edit })
    expect([reply.status, reply.body]).toEqual([200, { message: expect.objectContaining({ content: edit.content }) }])
    await until(chat, "waiting")
    expect(await promptsOf(chat)).toEqual(["better"])
  })

  it.each([
    [{ title: " " }, [400, "title"]],
    [{ title: "x".repeat(201) }, [400, "title"]],
    [{ labels: { "-bad": "x" } }, [400, "labels"]],
    [{ labels: { key: "" } }, [400, "labels.key"]],
    [{ labels: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, "v"])) }, [400, "labels"]],
    [{ archived: false }, [400, "archived"]],
    [{ pin_order: -1 }, [400, "pin_order"]],
    [{ workspace_id: UNKNOWN }, [400, "workspace_id"]],
    [{ plan_mode: "explore" }, [400, "plan_mode"]],
  ])("refuses the patch %#", async (patch, expected) => {
    expect(await refused("PATCH", `/chats/${await idle()}`, patch)).toEqual(expected)
  })

  it("stores a title that the database could not", async () => {
    const chat = await idle()
    expect(await status("PATCH", `/chats/${chat}`, { body: { title: "a\u0000b" } })).toBe(204)
    expect((await server.client.chat(chat)).title).toBe("a\ufffdb")
  })

  it("archives, once, and not what works", async () => {
    const chat = await idle()
    expect(await refused("DELETE", `/chats/${chat}/queue/1`)).toEqual([409])
    expect(await status("PATCH", `/chats/${chat}`, { body: { archived: true } })).toBe(204)
    // That it is archived is said before that there is no such message.
    for (const path of ["messages/999999999", "queue/999999999/promote"]) {
      const method = path.startsWith("queue") ? "POST" : "PATCH"
      expect(await refused(method, `/chats/${chat}/${path}`, { content: textContent("x") })).toEqual([400])
    }
    expect(await refused("PATCH", `/chats/${chat}`, { archived: true })).toEqual([400, "archived"])
    expect(await refused("POST", `/chats/${chat}/messages`, { content: textContent("x") })).toEqual([400])
    expect(await refused("POST", `/chats/${chat}/interrupt`)).toEqual([400])
    expect(await refused("PATCH", `/chats/${await busy()}`, { archived: true })).toEqual([409])
    expect(await refused("POST", `/chats/${await idle()}/interrupt`)).toEqual([409])
  })
})

describe("client tools", () => {
  it("are declared at creation, at most 250 of them, with names that differ", async () => {
    const organization_id = await server.client.organizationId()
    const withTools = (tools: ReadonlyArray<unknown>) => ({
      organization_id,
      content: textContent("go"),
      unsafe_dynamic_tools: tools,
    })
    const many = Array.from({ length: 251 }, (_, index) => ({ ...tool, name: `tool_${index}` }))
    const nowhere = { organization_id: "00000000-0000-0000-0000-000000000000", content: textContent("go") }
    expect(await refused("POST", "/chats", nowhere)).toEqual([400, "organization_id"])
    expect(await refused("POST", "/chats", withTools(many))).toEqual([400, "unsafe_dynamic_tools"])
    expect(await refused("POST", "/chats", withTools([tool, tool]))).toEqual([400, "unsafe_dynamic_tools"])
    expect(await refused("POST", "/chats", withTools([{ ...tool, name: "" }]))).toEqual([
      400,
      "unsafe_dynamic_tools[0].name",
    ])
    server.provider.script({ items: [{ text: "hi" }] })
    const made = await server.client.call("POST", "/chats", { body: withTools(many.slice(1)) })
    expect(made.status).toBe(201)
    await until((made.body as { id: string }).id, "waiting")
  })

  it("have their results checked", async () => {
    const chat = await asking()
    await until(chat, "requires_action.client_tools")
    const path = `/chats/${chat}/tool-results`
    const answer = (...ids: ReadonlyArray<string>) => ({
      results: ids.map((tool_call_id) => ({ tool_call_id, output: 1 })),
    })
    expect(await refused("POST", path, { results: [] })).toEqual([400, "results"])
    expect(await refused("POST", path, answer("a", "a"))).toEqual([400, "results[1].tool_call_id"])
    expect(await refused("POST", path, answer("b"))).toEqual([400, "results"])
    expect(await refused("POST", path, answer("a", "b"))).toEqual([400, "results[1].tool_call_id"])
    expect(await refused("POST", path, { results: [{ tool_call_id: "a" }] })).toEqual([400, "results[0].output"])
    const large = { results: [{ tool_call_id: "a", output: "x".repeat(256 * 1024) }] }
    expect(await refused("POST", path, large)).toEqual([413])
    server.provider.script({ items: [{ text: "thanks" }] })
    expect(await status("POST", path, { body: answer("a") })).toBe(204)
    expect(await refused("POST", path, answer("a"))).toEqual([409])
    expect(await refused("POST", `/chats/${UNKNOWN}/tool-results`, answer("a"))).toEqual([404])
    await until(chat, "waiting")
  })
})

describe("approvals", () => {
  it("are listed and decided", async () => {
    const chat = await asking({ tool_policy: [{ pattern: "ask_*", action: "ask" }] })
    await until(chat, "requires_action.approval")
    const path = `/chats/${chat}/approvals`
    const { approvals } = await server.client.expect(ApprovalsResponse, 200, "GET", path)
    const [id] = approvals.map((approval) => approval.id)
    const decisions = (...ids: ReadonlyArray<string | undefined>) => ({
      decisions: ids.map((one) => ({ id: one, decision: "deny", reason: "no" })),
    })
    expect(await refused("POST", path, { decisions: [] })).toEqual([400, "decisions"])
    expect(await refused("POST", path, decisions(UNKNOWN))).toEqual([400, "decisions[0].id"])
    expect(await refused("POST", path, decisions(id, id))).toEqual([400, "decisions[1].id"])
    expect(await refused("POST", path, { decisions: [{ id, decision: "perhaps" }] })).toEqual([
      400,
      "decisions[0].decision",
    ])
    server.provider.script({ items: [{ text: "understood" }] })
    expect(await status("POST", path, { body: decisions(id) })).toBe(204)
    await until(chat, "waiting")
    expect(await refused("POST", path, decisions(id))).toEqual([409])
    expect(await refused("GET", `/chats/${UNKNOWN}/approvals`)).toEqual([404])
  })
})

describe("an Idempotency-Key", () => {
  it("gives the same answer over REST, and 409 for another body", async () => {
    const chat = await busy()
    const path = `/chats/${chat}/messages`
    const post = (text: string, key: string) =>
      server.client.call("POST", path, { body: { content: textContent(text) }, headers: { "idempotency-key": key } })
    const [first, second] = await Promise.all([post("once", "k"), post("once", "k")])
    expect([first.status, second.status, second.body]).toEqual([200, 200, first.body])
    expect((await post("twice", "k")).status).toBe(409)
    expect((await post("once", "x".repeat(256))).status).toBe(400)
    const { queued_messages } = await server.client.messages(chat)
    expect(queued_messages).toHaveLength(1)
  })
})

describe("the feed of a sidebar", () => {
  it("tells what a client is asked for", async () => {
    const feed = webSocket(`${server.url}/api/v2/chats/watch`, server.client.authorization)
    await once(feed, "open")
    const asked = new Promise<unknown>((resolve) => {
      feed.on("message", (data) => {
        const event: unknown = JSON.parse(String(data))
        if (Schema.decodeUnknownSync(ChatWatchEvent)(event).kind === "action_required") resolve(event)
      })
    })
    const chat = await asking()
    expect(await asked).toMatchObject({
      kind: "action_required",
      chat: { id: chat },
      tool_calls: [{ tool_call_id: "a", tool_name: "ask_user", args: "{}" }],
    })
    feed.close()
  })
})

describe("a repeat after its model is gone", () => {
  it("gets the answer of the first call", async () => {
    const [model] = await server.client.expect(Schema.Array(ModelConfig), 200, "GET", "/chats/model-configs")
    const body = {
      ai_provider_id: model?.ai_provider_id,
      model: "scripted",
      display_name: "Soon gone",
      context_limit: 1000,
    }
    const { id } = await server.client.expect(ModelConfig, 201, "POST", "/chats/model-configs", { body })
    const call = (method: string, path: string, text: string, more: object = {}) =>
      server.client.call(method, path, {
        body: { content: textContent(text), model_config_id: id, ...more },
        headers: { "idempotency-key": "soon gone" },
      })
    server.provider.script({ items: [{ text: "hi" }] })
    const organization_id = await server.client.organizationId()
    const create = () => call("POST", "/chats", "go", { organization_id })
    const made = (await create()).body as Chat
    await until(made.id, "waiting")
    const { messages } = await server.client.messages(made.id)
    const calls = [
      () => call("PATCH", `/chats/${made.id}/messages/${messages.at(-1)?.id}`, "go on"),
      () => call("POST", `/chats/${made.id}/messages`, "and on"),
    ]
    server.provider.script({ items: [{ text: "thinking" }, { silence: true }] })
    const first: Array<unknown> = []
    for (const repeatable of calls) first.push((await repeatable()).body)
    await server.database.run(
      Effect.flatMap(SqlClient.SqlClient, (sql) => sql`update model_configs set enabled = false where id = ${id}`).pipe(
        Effect.orDie,
      ),
    )
    // With a write of its own the server looks at its models anew.
    await server.client.expect(ModelConfig, 201, "POST", "/chats/model-configs", { body })
    expect(await create()).toMatchObject({ status: 201, body: { id: made.id } })
    for (const [index, repeatable] of calls.entries()) {
      expect(await repeatable()).toMatchObject({ status: 200, body: first[index] })
    }
    const unknown = { content: textContent("new"), model_config_id: id }
    expect(await refused("POST", `/chats/${made.id}/messages`, unknown)).toEqual([400, "model_config_id"])
  })
})

describe("inspection", () => {
  it("shows the machine, a chat in it, its journal and its past", async () => {
    const chat = await idle()
    const graph = await server.client.expect(MachineGraph, 200, "GET", "/machines/chat")
    expect(graph.states.map(({ path }) => path)).toContain("life.running.generating")
    const now = await server.client.expect(ChatMachineState, 200, "GET", `/chats/${chat}/machine`)
    expect(now).toMatchObject({ status: "waiting", life: "waiting", mode: "normal", deadlines: [], pending_calls: [] })
    expect(now.accepts).toContain("SendMessage")
    expect(now.definition).toEqual(graph)
    const page = (query: string) =>
      server.client.expect(ChatTransitions, 200, "GET", `/chats/${chat}/transitions${query}`)
    const all = await page("")
    expect(all.transitions.map(({ event }) => event)).toEqual(["Create", "FinishTurn"])
    expect(await page("?limit=1")).toEqual({ transitions: all.transitions.slice(0, 1), has_more: true })
    const [created, finished] = all.transitions
    expect(finished).toMatchObject({ attempt: { end: "replied", version: 1, ended_version: 2 }, epoch: created?.epoch })
    expect(finished?.instance).toBe(now.owner.instance ?? undefined)
    expect(await page(`?message=${finished?.messages?.[0]}`)).toEqual({ transitions: [finished], has_more: false })
    expect(await refused("GET", `/chats/${chat}/transitions?message=0`)).toEqual([400, "message"])
    expect(await page("?after=1&limit=1")).toEqual({ transitions: all.transitions.slice(1), has_more: false })
    const steps = await server.client.expect(ChatSteps, 200, "GET", `/chats/${chat}/steps`)
    expect(steps).toMatchObject({ first_version: 1, last_version: 2, attempts: [{ version: 1, end: "replied" }] })
    const config = await server.client.expect(MachineConfig, 200, "GET", "/machines/chat?format=xstate")
    expect(createMachine(JSON.parse(JSON.stringify(config))).events.toSorted()).toEqual(chatMachine.events.toSorted())
    expect(await refused("GET", "/machines/chat?format=scxml")).toEqual([400, "format"])
    expect(now.refuses).toEqual([])
    const past = await server.client.expect(ChatAtVersion, 200, "GET", `/chats/${chat}/at/1`)
    expect(past).toMatchObject({ version: 1, status: "running", life: "running.generating" })
    expect(past.messages.map(({ role }) => role)).toEqual(["user"])
    expect(await refused("GET", `/chats/${chat}/at/5`)).toEqual([404])
    expect(await refused("GET", `/chats/${chat}/at/0`)).toEqual([400, "version"])
    expect(await refused("GET", `/chats/${chat}/transitions?limit=0`)).toEqual([400, "limit"])
    for (const path of ["machine", "transitions", "steps", "at/1"]) {
      expect(await refused("GET", `/chats/${UNKNOWN}/${path}`)).toEqual([404])
    }
    expect((await new Client(server.url).call("GET", "/machines/chat")).status).toBe(401)
  })
})

describe("the settings of all chats", () => {
  it("take a capacity and a tool policy", async () => {
    const put = (path: string, body: unknown) => server.client.call("PUT", path, { body })
    const capacity = { deployment: 5, per_user: null, per_organization: 3 }
    expect((await put("/chats/config/capacity", capacity)).status).toBe(204)
    const kept = await server.client.expect(CapacityConfig, 200, "GET", "/chats/config/capacity")
    expect(kept).toEqual(capacity)
    expect(await refused("PUT", "/chats/config/capacity", { ...capacity, per_user: 0 })).toEqual([400, "per_user"])
    const unlimited = { deployment: null, per_user: null, per_organization: null }
    expect((await put("/chats/config/capacity", unlimited)).status).toBe(204)
    const rules = { rules: [{ pattern: "nothing_*", action: "deny" }] }
    expect((await put("/chats/config/tool-policy", rules)).status).toBe(204)
    expect(
      await server.client.expect(Schema.Struct(ToolPolicyConfig.fields), 200, "GET", "/chats/config/tool-policy"),
    ).toEqual(rules)
    expect(await refused("PUT", "/chats/config/tool-policy", { rules: [{ pattern: "a b", action: "ask" }] })).toEqual([
      400,
      "rules[0].pattern",
    ])
  })
})
