import pg from "pg"
import { afterEach, beforeAll, expect, it, vi } from "vitest"
import { useChatServer } from "../../support/chat-server.ts"
import type { Client } from "../../support/client.ts"
import { sentStatements } from "../../support/sent-statements.ts"
import { MATRIX, type Things } from "./matrix.ts"
import { joined } from "./people-client.ts"

/** A chat that one may not see is answered like one that is not there: nothing tells the two apart, to the last statement. */

const server = useChatServer({ TROUPE_SWEEP_MS: "600000" })
const MISSING = "00000000-0000-4000-8000-00000000abcd"

let bob: Client
let foreign: string
/** The same with an actor in this process: what it knows of the chat in memory must not show either. */
let awake: string
beforeAll(async () => {
  const ann = (await joined(server.client, "ann", server.url)).client
  bob = (await joined(server.client, "bob", server.url)).client
  server.provider.script({ items: [{ text: "Hello." }] }, { items: [{ calls: [{ tool: "execute", args: {} }] }] })
  foreign = (await ann.createChat("Hello")).id
  const reader = await ann.stream(foreign)
  await reader.untilAnswered(1)
  await reader.close()
  const asks = await ann.createChat("Run it", { tool_policy: [{ pattern: "*", action: "ask" }] })
  awake = asks.id
  const waits = await ann.stream(awake)
  await waits.until(({ status }) => status === "requires_action")
  await waits.close()
})
afterEach(() => void vi.restoreAllMocks())

/** Who asks, and what the server does by itself all the time. */
const BESIDE = /api_keys|\binstances\b|site_configs|pg_(try_)?advisory|select distinct c\.owner_id/

/** Everything that is sent to the database while the request is answered, in its order. */
const asked = async (method: string, path: string, body: unknown, headers: Readonly<Record<string, string>>) => {
  const query = vi.spyOn(pg.Client.prototype, "query")
  const reply = await bob.call(method, path, { ...(body !== undefined && { body }), headers })
  const calls: ReadonlyArray<ReadonlyArray<unknown>> = query.mock.calls
  query.mockRestore()
  const texts = calls.flatMap(sentStatements).map(({ text }) => text)
  const { date: _date, "x-request-id": _id, ...told } = Object.fromEntries(reply.headers)
  return {
    status: reply.status,
    body: reply.body,
    headers: told,
    statements: texts.filter((text) => !BESIDE.test(text)),
  }
}

const thingsOf = (chat: string): Things => ({ chat }) as Things

/** The routes of one chat that answer 404 to who may not see it. */
const routes = Object.entries(MATRIX).filter(
  ([route, { answers }]) => route.includes("/chats/:chat") && answers.member === 404,
)

it("is asked about with every route of a chat", () => {
  expect(routes.length).toBeGreaterThan(25)
})

it.each(routes)("%s answers the same, and asks the database the same", async (route, { path, body }) => {
  const [method = ""] = route.split(" ")
  const of = async (chat: string, headers = {}) =>
    asked(method, await path(thingsOf(chat)), body?.(thingsOf(chat)), headers)
  const missing = await of(MISSING)
  expect(missing.status).toBe(404)
  expect(await of(foreign)).toEqual(missing)
  expect(await of(awake)).toEqual(missing)
  if (method === "GET") return
  const keyed = (chat: string, key: string) => of(chat, { "idempotency-key": key })
  expect(await keyed(foreign, `${route}-there`)).toEqual(await keyed(MISSING, `${route}-gone`))
})

it.each(["", "?inspect=1"])("the stream%s is refused the same, and asks the database the same", async (query) => {
  const events = { accept: "text/event-stream" }
  const of = (chat: string) => asked("GET", `/chats/${chat}/stream${query}`, undefined, events)
  const missing = await of(MISSING)
  expect(missing.status).toBe(404)
  expect(missing.statements.length).toBeGreaterThan(0)
  expect([await of(foreign), await of(awake)]).toEqual([missing, missing])
})
