import { once } from "node:events"
import type { IncomingMessage } from "node:http"
import { beforeAll, describe, expect, it } from "vitest"
import { webSocket } from "../support/chat-reader.ts"
import { type CallOptions, Client, textContent, textOf } from "../support/client.ts"
import { useServerProcess } from "../support/server-process.ts"

/** What the chat routes answer to what they cannot use. The chat itself must not notice. */

const server = useServerProcess()
const UNKNOWN = "00000000-0000-4000-8000-000000000000"

let client: Client
let organizationId = ""
let chatId = ""
let otherChatId = ""

const finishedChat = async (text: string): Promise<string> => {
  const { id } = await client.createChat(text)
  const reader = await client.stream(id)
  await reader.untilAnswered(2)
  await reader.close()
  return id
}

beforeAll(async () => {
  client = await Client.signIn(server.url)
  organizationId = await client.organizationId()
  chatId = await finishedChat("Hello")
  otherChatId = await finishedChat("Hello too")
})

interface Refusal {
  readonly status: number
  /** The fields that the answer names. */
  readonly fields?: ReadonlyArray<string>
  /** Part of the sentence. */
  readonly says?: string
}

const plainSentence = (text: string) => !/\[object|\bat .+:\d+|undefined|NaN|Error:|select |\$\d/.test(text)

const expectRefused = async (method: string, path: string, options: CallOptions, { status, fields, says }: Refusal) => {
  const reply = await client.call(method, path, options)
  const body = reply.body as { message: string; validations?: ReadonlyArray<{ field: string; detail: string }> }
  expect([reply.status, body]).toEqual([status, expect.objectContaining({ message: expect.stringMatching(/^.+\.$/s) })])
  expect(plainSentence(JSON.stringify(body)) ? "" : body).toBe("")
  if (fields !== undefined) expect((body.validations ?? []).map(({ field }) => field)).toEqual(fields)
  if (says !== undefined) expect(body.message).toContain(says)
}

const text = (value: unknown) => ({ content: [{ type: "text", text: value }] })

/** What is wrong with a content, wherever content is sent. */
const badContents: ReadonlyArray<[string, CallOptions, Refusal]> = [
  ["broken JSON", { raw: '{"content": [' }, { status: 400, fields: ["body"], says: "not valid JSON" }],
  ["no JSON object", { raw: "[1, 2]" }, { status: 400 }],
  ["null", { raw: "null" }, { status: 400 }],
  [
    "another media type",
    { raw: "content=hello", headers: { "content-type": "application/x-www-form-urlencoded" } },
    { status: 415, says: "application/json" },
  ],
  ["no content", { body: {} }, { status: 400, fields: ["content"] }],
  ["content that is text", { body: { content: "hello" } }, { status: 400, fields: ["content"] }],
  ["empty content", { body: { content: [] } }, { status: 400, fields: ["content"], says: "at least one part" }],
  ["a part that is null", { body: { content: [null] } }, { status: 400, fields: ["content[0]"] }],
  ["a part without a type", { body: { content: [{ text: "x" }] } }, { status: 400, fields: ["content[0].type"] }],
  ["an unknown type", { body: { content: [{ type: "video" }] } }, { status: 400, fields: ["content[0].type"] }],
  ["a text that is a number", { body: text(7) }, { status: 400, fields: ["content[0].text"] }],
  ["no text", { body: { content: [{ type: "text" }] } }, { status: 400, fields: ["content[0].text"] }],
  ["empty text", { body: text("") }, { status: 400, fields: ["content[0].text"] }],
  ["white space", { body: text(" \n\t ") }, { status: 400, fields: ["content[0].text"] }],
  [
    "a bad part after a good one",
    { body: { content: [...textContent("fine"), { type: "text", text: " " }] } },
    { status: 400, fields: ["content[1].text"] },
  ],
  [
    "an unknown model",
    { body: { ...text("x"), model_config_id: UNKNOWN } },
    { status: 400, fields: ["model_config_id"] },
  ],
  [
    "a model that is no id",
    { body: { ...text("x"), model_config_id: "gpt" } },
    { status: 400, fields: ["model_config_id"] },
  ],
  ["a wrong plan mode", { body: { ...text("x"), plan_mode: "later" } }, { status: 400, fields: ["plan_mode"] }],
  ["too much", { body: text("x".repeat(256 * 1024)) }, { status: 413, says: "262,144 bytes" }],
  [
    "an empty idempotency key",
    { body: text("x"), headers: { "idempotency-key": "" } },
    { status: 400, says: "Idempotency-Key" },
  ],
]

describe("sending", () => {
  it.each(badContents)("%s is refused", (_, options, refusal) =>
    expectRefused("POST", `/chats/${chatId}/messages`, options, refusal),
  )

  it("an unknown busy behavior is refused", () =>
    expectRefused(
      "POST",
      `/chats/${chatId}/messages`,
      { body: { ...text("x"), busy_behavior: "shout" } },
      { status: 400, fields: ["busy_behavior"] },
    ))

  it("has left the chat as it was", async () => {
    const { messages, queued_messages } = await client.messages(chatId)
    expect(messages.map(({ role }) => role)).toEqual(["assistant", "user"])
    expect(queued_messages).toEqual([])
  })
})

describe("creating", () => {
  const inOrganization = ({ body, ...options }: CallOptions): CallOptions =>
    typeof body === "object" ? { ...options, body: { organization_id: organizationId, ...body } } : options

  it.each(badContents)("%s is refused", (_, options, refusal) =>
    expectRefused("POST", "/chats", inOrganization(options), refusal),
  )

  it.each<[string, object, Refusal]>([
    ["no organization", { organization_id: undefined }, { status: 400, fields: ["organization_id"] }],
    ["an organization that is no id", { organization_id: "mine" }, { status: 400, fields: ["organization_id"] }],
    ["a long system prompt", { system_prompt: "x".repeat(10_001) }, { status: 400, fields: ["system_prompt"] }],
    ["a label without a value", { labels: { team: "" } }, { status: 400, fields: ["labels.team"] }],
    ["a wrong client type", { client_type: "carrier pigeon" }, { status: 400, fields: ["client_type"] }],
  ])("%s is refused", (_, more, refusal) =>
    expectRefused("POST", "/chats", inOrganization({ body: { ...text("x"), ...more } }), refusal),
  )

  it("has made nothing", async () => {
    const { body } = await client.call("GET", "/chats")
    expect((body as ReadonlyArray<{ id: string }>).map(({ id }) => id).toSorted()).toEqual(
      [chatId, otherChatId].toSorted(),
    )
  })
})

describe("an id", () => {
  const routes: ReadonlyArray<[string, string]> = [
    ["GET", ""],
    ["GET", "/messages"],
    ["POST", "/messages"],
    ["GET", "/attempts"],
    ["POST", "/interrupt"],
  ]
  const options = (method: string): CallOptions => (method === "POST" ? { body: text("x") } : {})

  it.each(routes)("that is unknown: %s /chats/{id}%s is 404", (method, path) =>
    expectRefused(method, `/chats/${UNKNOWN}${path}`, options(method), { status: 404 }),
  )
  it.each(routes)("that is none: %s /chats/{id}%s is no route", (method, path) =>
    expectRefused(method, `/chats/12${path}`, options(method), { status: 404, says: "no such route" }),
  )
  it.each(routes)("without a session: %s /chats/{id}%s is 401", async (method, path) => {
    const { status, body } = await new Client(server.url).call(method, `/chats/${chatId}${path}`, options(method))
    expect([status, body]).toMatchObject([401, { message: expect.stringContaining("not signed in") }])
  })
})

describe("pages", () => {
  it.each<[string, ReadonlyArray<string>]>([
    ["limit=0", ["limit"]],
    ["limit=201", ["limit"]],
    ["limit=ten", ["limit"]],
    ["limit=1.5", ["limit"]],
    ["before_id=0", ["before_id"]],
    ["after_id=-1", ["after_id"]],
    ["after_id=x", ["after_id"]],
    ["after_id=9&before_id=3", ["after_id"]],
    ["after_id=3&before_id=3", ["after_id"]],
  ])("of messages: %s is refused", (query, fields) =>
    expectRefused("GET", `/chats/${chatId}/messages?${query}`, {}, { status: 400, fields }),
  )

  it.each<[string, ReadonlyArray<string>]>([
    ["limit=0", ["limit"]],
    ["limit=201", ["limit"]],
    ["offset=-1", ["offset"]],
    ["after_id=7", ["after_id"]],
  ])("of chats: %s is refused", (query, fields) => expectRefused("GET", `/chats?${query}`, {}, { status: 400, fields }))

  it("the largest page is given", async () => {
    expect((await client.call("GET", `/chats/${chatId}/messages?limit=200`)).status).toBe(200)
    expect((await client.call("GET", "/chats?limit=200")).status).toBe(200)
  })
})

describe("a stream", () => {
  /** The answer to an upgrade that is refused. */
  const refusedUpgrade = async (path: string) => {
    const socket = webSocket(`${server.url}/api/v2${path}`, client.authorization)
    socket.on("error", () => undefined)
    const [, answer] = await once(socket, "unexpected-response")
    const response = answer as IncomingMessage
    let body = ""
    for await (const chunk of response) body += String(chunk)
    return { status: response.statusCode, body: JSON.parse(body) as unknown }
  }

  it.each<[string, string]>([
    ["cursor=", "cursor"],
    ["cursor=yesterday", "cursor"],
    ["cursor=1.2.3", "cursor"],
    ["cursor=-1.1.1.1", "cursor"],
    ["cursor=0.0.0.0", "cursor"],
    ["cursor=1.5.0.0", "cursor"],
    ["after_id=x", "after_id"],
    ["after_id=-1", "after_id"],
    ["tail=0", "tail"],
    ["tail=all", "tail"],
  ])("with %s is 400 on both transports", async (query, field) => {
    const path = `/chats/${chatId}/stream?${query}`
    const refusal = { status: 400, body: { validations: [{ field }] } }
    expect(await refusedUpgrade(path)).toMatchObject(refusal)
    expect(await client.call("GET", path, { headers: { accept: "text/event-stream" } })).toMatchObject(refusal)
  })

  it("with a bad Last-Event-ID is 400, and a good cursor in the address wins over it", async () => {
    const headers = { accept: "text/event-stream", "last-event-id": "nonsense" }
    expect((await client.call("GET", `/chats/${chatId}/stream`, { headers })).status).toBe(400)
    const reader = await client.stream(otherChatId)
    await reader.untilAnswered(2)
    await reader.close()
    const resumed = await client.serverSentEvents(otherChatId, {
      cursor: "nonsense",
      query: { cursor: reader.cursor },
    })
    await client.send(otherChatId, "Go on")
    await resumed.untilAnswered(2)
    await resumed.close()
    expect([...resumed.messages.keys()].filter((id) => reader.messages.has(id))).toEqual([])
  })

  it("a good cursor wins over a bad after_id", async () => {
    const reader = await client.stream(chatId, { query: { cursor: "1.0.0.0", after_id: "x" } })
    await reader.until((seen) => seen.status === "waiting")
    expect([...reader.messages.values()].map(({ role }) => role)).toEqual(["assistant"])
    await reader.close()
  })

  it("with a cursor that this chat cannot have given out begins again", async () => {
    const reader = await client.stream(chatId, { cursor: "999999.1.1.1" })
    await reader.untilAnswered(2)
    expect(reader.events[0]).toMatchObject({ type: "history_reset", history_reset: { from_id: 1 } })
    expect([...reader.messages.values()].map(({ role }) => role)).toEqual(["user", "assistant"])
    await reader.close()
  })

  it("of an unknown chat is 404, of none too, and asked for as JSON it says what it is", async () => {
    expect(await refusedUpgrade(`/chats/${UNKNOWN}/stream`)).toMatchObject({ status: 404 })
    expect(await refusedUpgrade("/chats/12/stream")).toMatchObject({ status: 404 })
    await expectRefused("GET", `/chats/${chatId}/stream`, {}, { status: 400, says: "WebSocket" })
  })
})

it("an archived chat takes nothing but reading until it is taken back", async () => {
  const id = await finishedChat("Put away")
  const archive = (archived: boolean) => client.call("PATCH", `/chats/${id}`, { body: { archived } })
  expect((await archive(true)).status).toBe(204)
  const [answer] = (await client.messages(id)).messages
  const refusal = { status: 400, says: "archived" }
  await expectRefused("POST", `/chats/${id}/messages`, { body: text("x") }, refusal)
  await expectRefused("POST", `/chats/${id}/interrupt`, {}, refusal)
  expect(textOf(answer)).not.toBe("")
  expect((await archive(false)).status).toBe(204)
  await client.send(id, "Back")
  const reader = await client.stream(id)
  await reader.untilAnswered(4)
  await reader.close()
})

it("interrupting a chat that waits is a conflict", () =>
  expectRefused("POST", `/chats/${chatId}/interrupt`, {}, { status: 409 }))

it("the same idempotency key with other content is a conflict, with the same it is the same message", async () => {
  const id = await finishedChat("Once")
  const headers = { "idempotency-key": "a-key" }
  const path = `/chats/${id}/messages`
  const first = await client.call("POST", path, { body: text("again"), headers })
  expect(first.status).toBe(200)
  expect((await client.call("POST", path, { body: text("again"), headers })).body).toEqual(first.body)
  await expectRefused("POST", path, { body: text("different"), headers }, { status: 409, says: "Idempotency-Key" })
  const reader = await client.stream(id)
  await reader.untilAnswered(4)
  await reader.close()
  const { messages } = await client.messages(id)
  expect(messages.filter(({ role }) => role === "user").map(textOf)).toEqual(["again", "Once"])
})

it("after all that, the chat goes on", async () => {
  const reader = await client.stream(chatId)
  await reader.untilAnswered(2)
  await client.send(chatId, "Still there?")
  await reader.untilAnswered(4)
  expect(textOf(reader.lastMessage)).not.toBe("")
  await reader.close()
  // Nothing of this is an event for the operator.
  expect(server.run.stderr).not.toMatch(/"level":50/)
})
