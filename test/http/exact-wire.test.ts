import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { describe, expect, it } from "vitest"
import { webSocket } from "../support/chat-reader.ts"
import { useChatServer } from "../support/chat-server.ts"
import { textContent } from "../support/client.ts"
import { openGate } from "../support/scripted-provider.ts"

/** What clients of the reference rely on, field by field, as it stands in the bytes of the answers. */

const server = useChatServer({ TROUPE_SWEEP_MS: "50" })

type Json = Readonly<Record<string, unknown>>

const call = async (method: string, path: string, body?: unknown) => {
  const reply = await server.client.call(method, path, body === undefined ? {} : { body })
  return { status: reply.status, body: reply.body as Json }
}

const creation = async (more: object = {}) => ({
  organization_id: await server.client.organizationId(),
  content: textContent("go"),
  ...more,
})

/** A new chat, as its creation was answered, whose turn lasts until it is let go. */
const busy = async (more: object = {}) => {
  const gate = openGate()
  server.provider.script({ items: [{ text: "thinking" }, { gate: gate.wait }] })
  const { status, body } = await call("POST", "/chats", await creation(more))
  expect(status).toBe(201)
  return { chat: body, id: String(body["id"]), letGo: gate.open }
}

const idle = async (more: object = {}) => {
  const { id, letGo } = await busy(more)
  letGo()
  await until(id, "waiting")
  return id
}

const activity = async (id: string) => (await call("GET", `/chats/${id}`)).body["activity"]
const until = async (id: string, wanted: string): Promise<void> => {
  await expect.poll(() => activity(id), { timeout: 10_000 }).toBe(wanted)
}

/** The chats that a sidebar is told of, by what is done meanwhile. */
const watched = async (act: () => Promise<unknown>): Promise<ReadonlyArray<Json>> => {
  const socket = webSocket(`${server.url}/api/v2/chats/watch`, server.client.authorization)
  const chats: Array<Json> = []
  socket.on("message", (data: Buffer) => chats.push((JSON.parse(data.toString()) as { chat: Json }).chat))
  await once(socket, "open")
  await act()
  await expect.poll(() => chats.length, { timeout: 10_000 }).toBeGreaterThan(0)
  socket.close()
  return chats
}

const listed = async (): Promise<ReadonlyArray<Json>> =>
  (await call("GET", "/chats")).body as unknown as ReadonlyArray<Json>

describe("a chat", () => {
  const zeros = {
    pull_request_title: "",
    pull_request_draft: false,
    changes_requested: false,
    additions: 0,
    deletions: 0,
    changed_files: 0,
  }
  const asRoot = (id: unknown) => ({
    id,
    root_chat_id: id,
    diff_status: { chat_id: id, ...zeros },
    queued_for_capacity: false,
  })

  it("names its root and what it has changed wherever it is shown, and says that it waits for no slot", async () => {
    const { id, letGo } = await busy()
    // It is at work before its request is there, and an interruption would leave the next chat its answer.
    await server.provider.taken()
    const { body: got } = await call("GET", `/chats/${id}`)
    const inList = (await listed()).find((chat) => chat["id"] === id)
    const news = await watched(() => call("PATCH", `/chats/${id}`, { title: "Another" }))
    const { body: interrupted } = await call("POST", `/chats/${id}/interrupt`)
    letGo()
    for (const shown of [got, inList, news[0], interrupted]) {
      expect(shown).toMatchObject(asRoot(id))
      expect(shown).not.toHaveProperty("queue_position")
    }
  })

  it("is shown with all of it in the answer that made it", async () => {
    const { chat, id, letGo } = await busy()
    const { queued_for_capacity: _, ...always } = asRoot(id)
    expect(chat).toMatchObject({ ...always, queued_for_capacity: expect.any(Boolean) })
    letGo()
    // Its request may be late, and would take the script of the next chat.
    await until(id, "waiting")
  })

  it("below another one names that one as its root", async () => {
    const [root, child] = [await idle(), await idle()]
    await server.database.run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`update chats set parent_chat_id = ${root}, root_chat_id = ${root} where id = ${child}`,
      ).pipe(Effect.orDie),
    )
    const { body } = await call("GET", `/chats/${root}`)
    expect(body).toMatchObject({ root_chat_id: root, children: [{ id: child, root_chat_id: root }] })
  })

  it("that waits for a slot says so, and which place it has, wherever it is shown", async () => {
    const unlimited = { deployment: null, per_user: null, per_organization: null }
    const running = await busy()
    await until(running.id, "running.generating")
    expect((await call("PUT", "/chats/config/capacity", { ...unlimited, deployment: 1 })).status).toBe(204)
    const first = await busy()
    let second = first
    const news = await watched(async () => {
      second = await busy()
    })
    const waits = (position: number) => ({ queued_for_capacity: true, queue_position: position })
    expect(first.chat).toMatchObject(waits(1))
    expect(second.chat).toMatchObject(waits(2))
    expect(news[0]).toMatchObject({ id: second.id, ...waits(2) })
    expect((await call("GET", `/chats/${second.id}`)).body).toMatchObject(waits(2))
    const list = new Map((await listed()).map((chat) => [chat["id"], chat]))
    expect(list.get(first.id)).toMatchObject(waits(1))
    expect(list.get(second.id)).toMatchObject(waits(2))
    expect(list.get(running.id)).toMatchObject({ queued_for_capacity: false })
    expect((await call("PUT", "/chats/config/capacity", unlimited)).status).toBe(204)
    for (const { id, letGo } of [running, first, second]) {
      letGo()
      await until(id, "waiting")
      expect((await call("GET", `/chats/${id}`)).body).toMatchObject({ queued_for_capacity: false })
    }
  })
})

it("the models that one may choose come with the providers that cannot be called, of which there are none", async () => {
  expect((await call("GET", "/chats/models")).body).toMatchObject({ unsupported_providers: [] })
})

describe("MCP servers", () => {
  const [one, two] = [randomUUID(), randomUUID()]
  const refused = { status: 400, body: { validations: [{ field: "mcp_server_ids", detail: expect.any(String) }] } }

  it("that do not exist are refused by name, in a creation, a message and an edit, and nothing is done", async () => {
    const before = (await listed()).length
    const creating = await call("POST", "/chats", await creation({ mcp_server_ids: [one, two] }))
    expect(creating).toMatchObject(refused)
    for (const id of [one, two]) expect(String(creating.body["message"])).toContain(id)
    expect(await listed()).toHaveLength(before)
    const chat = await idle()
    const sending = await call("POST", `/chats/${chat}/messages`, { content: textContent("x"), mcp_server_ids: [two] })
    expect(sending).toMatchObject(refused)
    expect(String(sending.body["message"])).toContain(two)
    const question = (await server.client.messages(chat)).messages.find(({ role }) => role === "user")
    const edit = { content: textContent("x"), mcp_server_ids: [one] }
    expect(await call("PATCH", `/chats/${chat}/messages/${question?.id}`, edit)).toMatchObject(refused)
    expect((await server.client.messages(chat)).messages).toHaveLength(2)
  })

  it("that are none are none", async () => {
    for (const mcp_server_ids of [[], null]) {
      const chat = await idle({ mcp_server_ids })
      server.provider.script({ items: [{ text: "again" }] })
      const sent = await call("POST", `/chats/${chat}/messages`, { content: textContent("x"), mcp_server_ids })
      expect(sent.status).toBe(200)
      await until(chat, "waiting")
    }
  })
})

describe("a field that is null", () => {
  it("is a field left out, of a creation, a message, a change and an approval policy", async () => {
    const chat = await idle({
      ...{ system_prompt: null, workspace_id: null, model_config_id: null, labels: null, plan_mode: null },
      ...{ unsafe_dynamic_tools: null, tool_policy: null, client_type: null },
    })
    expect((await call("GET", `/chats/${chat}`)).body).toMatchObject({ client_type: "api", labels: {} })
    server.provider.script({ items: [{ text: "again" }] })
    const message = { content: textContent("x"), model_config_id: null, busy_behavior: null, plan_mode: null }
    expect((await call("POST", `/chats/${chat}/messages`, message)).status).toBe(200)
    await until(chat, "waiting")
    const { body: before } = await call("GET", `/chats/${chat}`)
    const change = { title: null, labels: null, archived: null, pin_order: null, workspace_id: null, plan_mode: null }
    expect((await call("PATCH", `/chats/${chat}`, change)).status).toBe(204)
    expect((await call("GET", `/chats/${chat}`)).body).toEqual(before)
  })

  it("and so is an empty text for a choice of words", async () => {
    const chat = await idle({ client_type: "", plan_mode: "" })
    server.provider.script({ items: [{ text: "again" }] })
    const sent = await call("POST", `/chats/${chat}/messages`, { content: textContent("x"), busy_behavior: "" })
    expect(sent.status).toBe(200)
    expect((await call("GET", `/chats/${chat}`)).body).toMatchObject({ client_type: "api" })
    await until(chat, "waiting")
  })

  it("a tool without a schema, or with null, takes no arguments that are known", async () => {
    await idle({ unsafe_dynamic_tools: [{ name: "bare" }, { name: "nil", description: null, input_schema: null }] })
    const tools = server.provider.requests.at(-1)?.body["tools"] as ReadonlyArray<{ function: Json }>
    const declared = tools.map((tool) => tool.function).filter(({ name }) => name === "bare" || name === "nil")
    const anything = { type: "object", properties: {} }
    expect(declared.map(({ parameters }) => parameters)).toEqual([anything, anything])
  })
})

describe("the list of chats", () => {
  const ids = async (q: string) => {
    const { status, body } = await call("GET", `/chats?q=${encodeURIComponent(q)}`)
    return status === 200 ? (body as unknown as ReadonlyArray<Json>).map(({ id }) => id) : status
  }

  it("takes what the reference's sidebar asks by default for the caller's own", async () => {
    const chat = await idle()
    expect(await ids("archived:false source:created_by_me")).toEqual(await ids(""))
    expect(await ids("source:created_by_me")).toContain(chat)
    expect(await ids("source:shared_with_me")).toEqual([])
    expect(await ids("source:everybody")).toBe(400)
    expect(await ids("has_unread:true")).toBe(400)
  })
})

describe("JSON", () => {
  const nested = (levels: number): unknown => JSON.parse("[".repeat(levels) + "]".repeat(levels))
  const tools = (deep: unknown) => ({
    unsafe_dynamic_tools: [{ name: "t", input_schema: { type: "object", deep } }],
  })

  it("that is nested too deeply is refused with the place and the limit", async () => {
    // Written as text: so deep that this side could not write it either.
    const creating = async (levels: number) => {
      const flat = JSON.stringify(await creation(tools("HERE")))
      const raw = flat.replace('"HERE"', "[".repeat(levels) + "]".repeat(levels))
      const reply = await server.client.call("POST", "/chats", { raw })
      return { status: reply.status, body: reply.body }
    }
    // The body, the list, the tool and its schema are levels as well.
    expect((await creating(96 + 1)).status).toBe(400)
    for (const levels of [200, 5_000, 100_000]) {
      expect(await creating(levels)).toMatchObject({
        status: 400,
        body: {
          message: expect.stringContaining("nested too deeply: a body may have 100 levels"),
          validations: [{ field: "unsafe_dynamic_tools[0].input_schema", detail: expect.any(String) }],
        },
      })
    }
    await idle(tools(nested(96)))
  })

  it("is refused so wherever a body is taken", async () => {
    const chat = await idle()
    const deep = nested(4_000)
    const bodies: ReadonlyArray<[string, string, object, string]> = [
      ["POST", "/tool-results", { results: [{ tool_call_id: "a", output: deep }] }, "results[0].output"],
      ["POST", "/messages", { content: [{ type: "text", text: deep }] }, "content[0].text"],
      ["PATCH", "", { labels: { team: deep } }, "labels.team[0]"],
      ["POST", "/interrupt", { ignored: deep }, "ignored[0][0]"],
      ["POST", "/approvals", { decisions: deep }, "decisions[0][0]"],
    ]
    for (const [method, path, body, field] of bodies) {
      const answer = await call(method, `/chats/${chat}${path}`, body)
      expect([answer.status, answer.body]).toMatchObject([400, { validations: [{ field }] }])
    }
    const config = { model: "m", context_limit: 1, model_config: { provider_options: { openai: { metadata: deep } } } }
    expect((await call("POST", "/chats/model-configs", config)).status).toBe(400)
    expect((await call("PUT", "/chats/config/tool-policy", { rules: deep })).status).toBe(400)
    expect((await call("GET", `/chats/${chat}`)).status).toBe(200)
  })
})
