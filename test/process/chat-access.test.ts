import { Effect, Layer } from "effect"
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import type { IncomingMessage } from "node:http"
import { beforeAll, describe, expect, it } from "vitest"
import { MemberRepository } from "../../src/db/identity/members.ts"
import { OrganizationRepository } from "../../src/db/identity/organizations.ts"
import { UserRepository } from "../../src/db/identity/users.ts"
import { hashPassword } from "../../src/identity/passwords.ts"
import { webSocket } from "../support/chat-reader.ts"
import { Client, textContent } from "../support/client.ts"
import { useServerProcess } from "../support/server-process.ts"

/** Who may do what with somebody's chat, route by route. */

const server = useServerProcess()

interface Account {
  readonly siteRoles: ReadonlyArray<string>
  /** Roles in the default organization; undefined: no member. */
  readonly roles: ReadonlyArray<string> | undefined
}

const accounts = {
  owner: { siteRoles: [], roles: ["agents-access"] },
  siteOwner: { siteRoles: ["owner"], roles: ["agents-access"] },
  organizationAdmin: { siteRoles: [], roles: ["organization-admin", "agents-access"] },
  member: { siteRoles: [], roles: ["agents-access"] },
  memberWithoutAgents: { siteRoles: [], roles: [] },
  stranger: { siteRoles: [], roles: undefined },
} satisfies Record<string, Account>

type Who = keyof typeof accounts | "nobody"
const everyone: ReadonlyArray<Who> = [
  "owner",
  "siteOwner",
  "organizationAdmin",
  "member",
  "memberWithoutAgents",
  "stranger",
  "nobody",
]

const others = everyone.filter((who) => who !== "owner")

/** There is no route to make accounts yet. */
const addAccount = async (username: string, { siteRoles, roles }: Account): Promise<Client> => {
  const [email, password] = [`${username}@accounts.example`, `password of ${username}`]
  const add = Effect.gen(function* () {
    const users = yield* UserRepository
    const organizations = yield* OrganizationRepository
    const members = yield* MemberRepository
    const passwordHash = yield* hashPassword(password)
    const id = yield* users.insert({ email, username, name: "", passwordHash, siteRoles }).pipe(Effect.orDie)
    if (roles !== undefined) yield* members.add(yield* organizations.defaultId, id, roles)
  })
  const repositories = Layer.mergeAll(UserRepository.layer, OrganizationRepository.layer, MemberRepository.layer)
  await server.database.run(Effect.provide(add, repositories))
  return Client.signIn(server.url, { email, password })
}

const clients = new Map<string, Client>()
const clientOf = (who: Who): Client => {
  const client = clients.get(who)
  if (client === undefined) throw new Error(`${who} has not signed in`)
  return client
}

let organizationId = ""
let chatId = ""
beforeAll(async () => {
  for (const [who, account] of Object.entries(accounts)) {
    clients.set(who, await addAccount(`as-${who}`, account))
  }
  clients.set("nobody", new Client(server.url))
  organizationId = await clientOf("owner").organizationId()
  chatId = (await clientOf("owner").createChat("Hello")).id
  const reader = await clientOf("owner").stream(chatId)
  await reader.untilAnswered(2)
  await reader.close()
})

/** 101 when the upgrade is granted. */
const upgrade = async (who: Who, path: string): Promise<number> => {
  const socket = webSocket(`${server.url}/api/v2${path}`, clientOf(who).authorization)
  socket.on("error", () => undefined)
  const opened = once(socket, "open").then(() => 101)
  const refused = once(socket, "unexpected-response").then(
    ([, response]) => (response as IncomingMessage).statusCode ?? 0,
  )
  const status = await Promise.race([opened, refused])
  socket.terminate()
  return status
}

const readEvents = async (who: Who): Promise<number> => {
  const abort = new AbortController()
  const { status } = await fetch(clientOf(who).streamUrl(chatId), {
    headers: { ...clientOf(who).authorization, accept: "text/event-stream" },
    signal: abort.signal,
  })
  abort.abort()
  return status
}

const call = async (who: Who, method: string, path: string, body?: unknown): Promise<number> =>
  (await clientOf(who).call(method, path, body === undefined ? {} : { body })).status

const statuses = async (ask: (who: Who) => Promise<number>, people = everyone) => {
  const found: Partial<Record<Who, number>> = {}
  for (const who of people) found[who] = await ask(who)
  return found
}

const readers = {
  owner: 200,
  siteOwner: 200,
  organizationAdmin: 200,
  member: 404,
  memberWithoutAgents: 404,
  stranger: 404,
  nobody: 401,
}

describe("a chat of another", () => {
  it.each([
    ["chat", ""],
    ["messages", "/messages"],
    ["attempts", "/attempts"],
    ["prompts", "/prompts"],
    ["approvals", "/approvals"],
    ["rules for tools", "/tool-policy"],
    ["state of the machine", "/machine"],
    ["journal", "/transitions"],
    ["journal of a message", "/transitions?message=1"],
    ["steps", "/steps"],
    ["past", "/at/1"],
    ["whole life", "/trace"],
    ["whole life in pages", "/trace/1"],
  ])("reading the %s is for its owner and for administrators", async (_, path) => {
    expect(await statuses((who) => call(who, "GET", `/chats/${chatId}${path}`))).toEqual(readers)
  })

  it("so is its stream, over both transports", async () => {
    expect(await statuses(readEvents)).toEqual(readers)
    expect(await statuses((who) => upgrade(who, `/chats/${chatId}/stream`))).toEqual({
      ...readers,
      owner: 101,
      siteOwner: 101,
      organizationAdmin: 101,
    })
  })

  it("sending is for its owner alone: administrators are told so, others learn nothing", async () => {
    const send = (who: Who) => call(who, "POST", `/chats/${chatId}/messages`, { content: textContent("and?") })
    expect(await statuses(send)).toEqual({ ...readers, siteOwner: 403, organizationAdmin: 403 })
    const { messages } = await clientOf("owner").messages(chatId)
    const fromOthers = messages.filter(
      ({ role, created_by }) => role === "user" && created_by !== messages.at(-1)?.created_by,
    )
    expect(fromOthers).toEqual([])
  })

  it("so is everything else that spends the owner's credit", async () => {
    const [newest] = (await clientOf("owner").messages(chatId)).messages
    const routes: ReadonlyArray<[string, string, unknown]> = [
      ["PATCH", `/messages/${newest?.id}`, { content: textContent("or rather") }],
      ["POST", "/queue/1/promote", {}],
      ["POST", "/tool-results", { results: [{ tool_call_id: "call", output: "done" }] }],
      ["POST", "/approvals", { decisions: [{ id: randomUUID(), decision: "approve" }] }],
      ["PATCH", "", { tool_policy: [] }],
      ["POST", "/compact", undefined],
      ["POST", "/clear", undefined],
    ]
    for (const [method, path, body] of routes) {
      const ask = (who: Who) => call(who, method, `/chats/${chatId}${path}`, body)
      expect([path, await statuses(ask, others)]).toEqual([
        path,
        {
          siteOwner: 403,
          organizationAdmin: 403,
          member: 404,
          memberWithoutAgents: 404,
          stranger: 404,
          nobody: 401,
        },
      ])
    }
  })

  it("its settings are for its owner and administrators", async () => {
    const changed = { owner: 204, siteOwner: 204, organizationAdmin: 204 }
    for (const body of [{ title: "A name" }, { labels: { team: "core" } }, { pin_order: 1 }]) {
      const patch = (who: Who) => call(who, "PATCH", `/chats/${chatId}`, body)
      expect([body, await statuses(patch)]).toEqual([body, { ...readers, ...changed }])
    }
  })

  it("so are interrupting and repairing it", async () => {
    const reader = await clientOf("owner").stream(chatId)
    await reader.until((seen) => seen.status === "waiting")
    await reader.close()
    // Nothing runs: who may interrupt is told that.
    const mayInterrupt = { ...readers, owner: 409, siteOwner: 409, organizationAdmin: 409 }
    expect(await statuses((who) => call(who, "POST", `/chats/${chatId}/interrupt`))).toEqual(mayInterrupt)
    expect(await statuses((who) => call(who, "POST", `/chats/${chatId}/reconcile-invalid`))).toEqual(mayInterrupt)
  })

  it("what may not be seen answers as what does not exist", async () => {
    const hidden = await clientOf("member").call("GET", `/chats/${chatId}`)
    const missing = await clientOf("member").call("GET", "/chats/00000000-0000-4000-8000-000000000000")
    expect([hidden.status, hidden.body]).toEqual([missing.status, missing.body])
  })

  it("is in nobody's list but its owner's", async () => {
    for (const who of everyone.filter((who) => who !== "nobody")) {
      const { body } = await clientOf(who).call("GET", "/chats")
      expect([who, JSON.stringify(body).includes(chatId)]).toEqual([who, who === "owner"])
    }
    expect(await call("nobody", "GET", "/chats")).toBe(401)
  })

  it("is in nobody's watch feed but its owner's", async () => {
    expect(await upgrade("nobody", "/chats/watch")).toBe(401)
    const seen: Array<[Who, string]> = []
    const sockets = await Promise.all(
      (["siteOwner", "organizationAdmin", "member", "stranger", "owner"] as const).map(async (who) => {
        const socket = webSocket(`${server.url}/api/v2/chats/watch`, clientOf(who).authorization)
        socket.on("message", (data) => seen.push([who, (JSON.parse(String(data)) as { chat: { id: string } }).chat.id]))
        await once(socket, "open")
        return socket
      }),
    )
    const own = await clientOf("owner").createChat("Watch me")
    const other = await clientOf("member").createChat("Not you")
    await expect
      .poll(() => [seen.some(([, id]) => id === own.id), seen.some(([, id]) => id === other.id)], { timeout: 15_000 })
      .toEqual([true, true])
    expect([...new Set(seen.map(([who, id]) => `${who} ${id}`))].toSorted()).toEqual([
      `member ${other.id}`,
      `owner ${own.id}`,
    ])
    for (const socket of sockets) socket.terminate()
  })
})

describe("creating a chat", () => {
  it("needs agents-access in the organization it belongs to", async () => {
    const create = (who: Who) =>
      call(who, "POST", "/chats", { organization_id: organizationId, content: textContent("Hi") })
    expect(await statuses(create)).toEqual({
      owner: 201,
      siteOwner: 201,
      organizationAdmin: 201,
      member: 201,
      memberWithoutAgents: 403,
      stranger: 403,
      nobody: 401,
    })
  })

  it("in an organization that does not exist is refused", async () => {
    const body = { organization_id: "00000000-0000-4000-8000-000000000000", content: textContent("Hi") }
    expect(await call("owner", "POST", "/chats", body)).toBe(403)
    expect(await call("siteOwner", "POST", "/chats", body)).toBe(403)
  })
})
