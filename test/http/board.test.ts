import { Effect, Layer, Schema } from "effect"
import { once } from "node:events"
import { afterEach, describe, expect, it } from "vitest"
import type { ToolPolicyRule } from "../../src/contract/tool-policy.ts"
import { Chat } from "../../src/contract/chats.ts"
import { type ActivityChangeEvent, WatchEvent } from "../../src/contract/stream.ts"
import { MemberRepository } from "../../src/db/identity/members.ts"
import { OrganizationRepository } from "../../src/db/identity/organizations.ts"
import { UserRepository } from "../../src/db/identity/users.ts"
import { hashPassword } from "../../src/identity/passwords.ts"
import { webSocket } from "../support/chat-reader.ts"
import { useChatServer } from "../support/chat-server.ts"
import { Client } from "../support/client.ts"
import { openGate } from "../support/scripted-provider.ts"
import { chatsOf } from "../support/server-chats.ts"

/** What a board is shown of chats: with the list, and from then on by the watch socket. */

// Shown text is written much later than it is shown.
const server = useChatServer({ TROUPE_PART_FLUSH_MS: "3000" })
const { create, until, idle, busy } = chatsOf(server)

const boardOf = async (chat: string, query = "include=board") => {
  const chats = await server.client.expect(Schema.Array(Chat), 200, "GET", `/chats?${query}`)
  return chats.find(({ id }) => id === chat)?.board
}

const leave: Array<() => void> = []
afterEach(() => {
  for (const each of leave.splice(0)) each()
})

interface Told {
  readonly at: number
  readonly event: ActivityChangeEvent
}

/** Listens until the test ends; with what has been told of activities so far. */
const watch = async (query = "?activity=1", client = server.client) => {
  const socket = webSocket(`${server.url}/api/v2/chats/watch${query}`, client.authorization)
  leave.push(() => socket.close())
  const told: Array<Told> = []
  const all: Array<WatchEvent> = []
  socket.on("message", (data) => {
    const event = Schema.decodeUnknownSync(WatchEvent)(JSON.parse(String(data)))
    all.push(event)
    if (event.kind === "activity_change") told.push({ at: performance.now(), event })
  })
  await once(socket, "open")
  const of = (chat: string) => told.filter(({ event }) => event.chat_id === chat)
  const heard = async (chat: string, holds: (event: ActivityChangeEvent) => boolean) => {
    await expect.poll(() => of(chat).some(({ event }) => holds(event)), { timeout: 15_000, interval: 20 }).toBe(true)
    return of(chat).find(({ event }) => holds(event))?.event
  }
  return { told, all, of, heard }
}

/** The deployment's second administrator: who may look at every chat, and whose board shows his own. */
const signUpAdministrator = async (): Promise<Client> => {
  const account = { email: "second@example.com", password: "a second password" }
  const add = Effect.gen(function* () {
    const organizations = yield* OrganizationRepository
    const passwordHash = yield* hashPassword(account.password)
    const user = { email: account.email, username: "second", name: "", passwordHash, siteRoles: ["owner"] }
    const id = yield* (yield* UserRepository).insert(user).pipe(Effect.orDie)
    yield* (yield* MemberRepository).add(yield* organizations.defaultId, id, ["agents-access"])
  })
  await server.database.run(
    Effect.provide(add, Layer.mergeAll(UserRepository.layer, OrganizationRepository.layer, MemberRepository.layer)),
  )
  return Client.signIn(server.url, account)
}

const asksFirst: ReadonlyArray<ToolPolicyRule> = [{ pattern: "*", action: "ask" }]
const tool = (name: string) => ({ name, input_schema: { type: "object" } })

describe("the first paint", () => {
  it("has with each chat its states of the last ten minutes, what it does, and what its last reply took", async () => {
    const chat = await idle()
    const board = await boardOf(chat)
    expect(board?.strip.map(({ activity }) => activity)).toEqual(["running.generating", "waiting"])
    expect(board).toMatchObject({
      activity: "waiting",
      line: "hi",
      since: board?.strip.at(-1)?.since,
      asked: 0,
      approvals: [],
      tool_calls: [],
      output: [],
      usage: { context_limit: expect.any(Number) },
    })
    expect(await boardOf(chat, "limit=200")).toBeUndefined()
  })

  it("has what a person is asked about, and long arguments only as a number", async () => {
    server.provider.script({
      items: [
        {
          calls: [
            { tool: "deploy", args: { command: "npm test" }, id: "a" },
            { tool: "deploy", args: { command: `echo ${"x".repeat(5000)}` }, id: "b" },
          ],
        },
      ],
    })
    const { id } = await create({ unsafe_dynamic_tools: [tool("deploy")], tool_policy: asksFirst })
    await until(id, "requires_action.approval")
    const board = await boardOf(id)
    expect(board).toMatchObject({ asked: 2, line: "Asks for 2 calls", approvals: [{ tool_call_id: "a" }] })
    expect(board?.approvals).toHaveLength(1)
    expect(JSON.stringify(board)).not.toContain("xxxxx")
  })

  it("has the question of a client's own tool", async () => {
    const args = { questions: [{ options: [{ label: "One" }], question: "Which library?" }] }
    server.provider.script({ items: [{ calls: [{ tool: "ask_user_question", args, id: "q" }] }] })
    const { id } = await create({ unsafe_dynamic_tools: [tool("ask_user_question")] })
    await until(id, "requires_action.client_tools")
    expect(await boardOf(id)).toMatchObject({
      line: "Asks you: Which library?",
      tool_calls: [{ tool_call_id: "q", tool_name: "ask_user_question", args: JSON.stringify(args) }],
    })
  })

  it("is asked for by its name", async () => {
    expect((await server.client.call("GET", "/chats?include=everything")).status).toBe(400)
  })
})

describe("the watch socket", () => {
  it("tells what a chat does from its beginning to its end, and what it writes", async () => {
    const board = await watch()
    const end = openGate()
    server.provider.script({
      items: [{ text: "One line.\nAnd \u001b[31mone\u001b[0m more" }, { gate: end.wait }, { text: "!" }],
    })
    const { id } = await create()
    const writing = await board.heard(id, ({ output }) => output.length > 0)
    expect(writing).toMatchObject({
      activity: "running.generating",
      line: "Writing the answer",
      output: ["And one more"],
    })
    end.open()
    expect(await board.heard(id, ({ activity }) => activity === "waiting")).toMatchObject({
      line: expect.any(String),
      output: [],
    })
    const versions = board.of(id).map(({ event }) => event.version)
    expect(versions).toEqual([...versions].sort((a, b) => a - b))
  })

  it("tells of a chat once a second at most, and of the last of it in any case", async () => {
    const board = await watch()
    const gates = Array.from({ length: 40 }, openGate)
    server.provider.script({
      items: [...gates.flatMap((gate, n) => [{ gate: gate.wait }, { text: `line ${n}\n` }]), { silence: true }],
    })
    const { id } = await create()
    await board.heard(id, ({ activity }) => activity === "running.generating")
    const reader = await server.client.stream(id)
    for (const [n, gate] of gates.entries()) {
      gate.open()
      await reader.until(() => JSON.stringify(reader.events).includes(`line ${n}\\n`))
    }
    await reader.close()
    await board.heard(id, ({ output }) => output[0] === "line 39")
    const times = board.of(id).map(({ at }) => at)
    // The first may have come late, the last not; between them it was told as often as there were seconds.
    const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1000
    expect(times.length).toBeLessThanOrEqual(Math.ceil(seconds) + 2)
    expect(times.length).toBeLessThan(gates.length)
  })

  it("tells nobody who has not asked for it, and nobody else", async () => {
    const plain = await watch("")
    const stranger = await watch("?activity=1", await signUpAdministrator())
    const board = await watch()
    const chat = await busy()
    await board.heard(chat, ({ output }) => output[0] === "thinking")
    expect([plain.told, stranger.told]).toEqual([[], []])
    expect(plain.all.map(({ kind }) => kind)).toContain("created")
  })
})
