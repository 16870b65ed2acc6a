import { HttpApi } from "@effect/platform"
import { SqlClient } from "@effect/sql"
import { Context, Effect, Schema } from "effect"
import { afterEach, beforeAll, describe, expect, it } from "vitest"
import { streamEvents, watchEvents } from "../../src/contract/reference/streams.ts"
import { PLACEHOLDERS } from "../../src/contract/reference/reference.ts"
import { Public, Requires } from "../../src/contract/routes/access.ts"
import { ChatStreamEvent, ChatWatchKind, WatchEvent } from "../../src/contract/stream.ts"
import { references, TroupeApi } from "../../src/http/families.ts"
import { openApiDocument } from "../../src/http/openapi.ts"
import { FirstUser } from "../../src/identity/first-user.ts"
import { fill, namedIn, type OwnValues } from "../../web/src/reference/placeholders.ts"
import { useChatServer } from "../support/chat-server.ts"
import { textContent } from "../support/client.ts"
import { OWNER } from "../support/server-process.ts"
import { useServer } from "./server.ts"

/** Every example of the API's documents, as its page gives it to people, is carried out by a real server. */

const document = openApiDocument()
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
)
type Listed = (typeof operations)[number]

const nameOf = ({ operation }: Listed) => operation.operationId.split(".").at(-1) ?? ""
const named = (name: string): Listed => {
  const found = operations.find((each) => nameOf(each) === name)
  if (found === undefined) throw new Error(`there is no operation ${name}`)
  return found
}
const bodyOf = ({ operation }: Listed): unknown =>
  (operation.requestBody?.content["application/json"] as { readonly example?: unknown } | undefined)?.example

/** Address and body of an operation's example, with what the reader has. */
const requestOf = (listed: Listed, own: OwnValues) => {
  const query = new URLSearchParams()
  let path = listed.path
  for (const parameter of listed.operation.parameters) {
    if (!("example" in parameter)) continue
    const value = String(fill(parameter.example, PLACEHOLDERS, own))
    if (parameter.in === "path") path = path.replace(`{${parameter.name}}`, encodeURIComponent(value))
    else query.set(parameter.name, value)
  }
  const body = fill(bodyOf(listed), PLACEHOLDERS, own)
  return { url: `${path}${query.size > 0 ? `?${query}` : ""}`, ...(body !== undefined && { body }) }
}

const successOf = ({ operation }: Listed) => Number(Object.keys(operation.responses).find((status) => status < "300"))

describe("the examples of a deployment that is new", () => {
  const server = useServer()
  const run = async (name: string, more: object = {}) => {
    const listed = named(name)
    const { url, body } = requestOf(listed, {})
    const given = body === undefined ? {} : { body: { ...(body as object), ...more } }
    return [name, (await server.call(listed.method, url, given)).status]
  }

  it("make its first account and sign it in", async () => {
    expect(await run("firstUserState")).toEqual(["firstUserState", 200])
    const token = await server.runtime.runPromise(Effect.flatMap(FirstUser, ({ setupToken }) => setupToken))
    expect(await run("createFirstUser", { setup_token: token })).toEqual(["createFirstUser", 201])
    expect(await run("login")).toEqual(["login", 201])
  })
})

describe("the examples of a deployment that is at work", () => {
  const server = useChatServer()
  let own: Record<string, string | number> = {}

  beforeAll(async () => {
    const says = (text: string) => (asked: { readonly body: unknown }) => JSON.stringify(asked.body).includes(text)
    const execute = { tool: "execute", args: { command: "sleep 300", timeout: "1h" }, id: "call_90006" }
    server.provider.script(
      { repeat: true, when: says("run it"), items: [{ calls: [execute] }] },
      { repeat: true, when: says("ask me"), items: [{ calls: [{ tool: "ask_user", args: {}, id: "call_90006" }] }] },
      { repeat: true, when: says("fail first"), status: 401 },
      { repeat: true, when: says("stay busy"), items: [{ text: "thinking" }, { silence: true }] },
      { repeat: true, items: [{ text: "done" }] },
    )
    const { client } = server
    const configs = (await client.call("GET", "/chats/model-configs")).body as ReadonlyArray<Record<string, string>>
    const [config] = configs
    own = {
      organization: await client.organizationId(),
      model_config: config?.["id"] ?? "",
      provider: config?.["ai_provider_id"] ?? "",
    }
  })

  const chatIn = async (text: string, activity: string, more = {}) => {
    const body = { organization_id: own["organization"], content: textContent(text), ...more }
    const { id } = (await server.client.call("POST", "/chats", { body })).body as { readonly id: string }
    const reader = await server.client.stream(id)
    await reader.until((seen) => seen.activity === activity && (text !== "stay busy" || seen.text !== ""))
    const [message = 0] = [...reader.messages.keys()]
    await reader.close()
    return { chat: id, message, tool_call: "call_90006" }
  }
  const idle = () => chatIn("answer", "waiting")
  const queued = async () => {
    const busy = await chatIn("stay busy", "running.generating")
    const { queued_message } = await server.client.send(busy.chat, "later")
    return { ...busy, queued_message: queued_message?.id ?? 0 }
  }
  const tools = [{ name: "ask_user", input_schema: { type: "object" } }]

  /** What must be so before an operation is possible; where nothing stands here, a chat that rests is enough. */
  const givens: Readonly<Record<string, () => Promise<Record<string, string | number>>>> = {
    interruptChat: () => chatIn("stay busy", "running.generating"),
    retryTurn: () => chatIn("fail first", "error"),
    deleteQueuedMessage: queued,
    patchQueuedMessage: queued,
    promoteQueuedMessage: queued,
    stopToolCall: () => chatIn("run it", "running.executing"),
    submitToolResults: () => chatIn("ask me", "requires_action.client_tools", { unsafe_dynamic_tools: tools }),
    decideApprovals: async () => {
      const asking = { unsafe_dynamic_tools: tools, tool_policy: [{ pattern: "*", action: "ask" }] }
      const chat = await chatIn("ask me", "requires_action.approval", asking)
      const { body } = await server.client.call("GET", `/chats/${chat.chat}/approvals`)
      const { approvals } = body as { readonly approvals: ReadonlyArray<{ readonly id: string }> }
      return { ...chat, approval: approvals[0]?.id ?? "" }
    },
    reconcileInvalid: async () => {
      const chat = await idle()
      await server.database.run(
        Effect.flatMap(
          SqlClient.SqlClient,
          (sql) => sql`update chats set activity = 'requires_action.approval' where id = ${chat.chat}`,
        ),
      )
      return chat
    },
  }

  let made = 0
  const post = async (path: string, body: unknown) => {
    const reply = await server.client.call("POST", path, { body })
    expect([path, reply.status, reply.status < 300 ? undefined : reply.body]).toEqual([path, 201, undefined])
    return (reply.body as { readonly id?: string }).id ?? ""
  }
  const fresh = (name: string) => `${name}-${(made += 1)}`
  const account = () => {
    const username = fresh("somebody")
    return post("/users", { username, email: `${username}@example.com`, password: "a long password of theirs" })
  }
  /** What an example names beside chats, made for it alone. */
  const things: Readonly<Record<string, () => Promise<string>>> = {
    user: account,
    provider: () => post("/chats/providers", { provider: "openai", display_name: fresh("provider"), api_key: "k" }),
    group: () => post("/organizations/default/groups", { name: fresh("group") }),
    key: () => post("/users/me/keys/tokens", { token_name: fresh("token") }),
  }
  const role = (at: string) => async () => {
    await post(at, { name: "group-reader" })
    return {}
  }
  const ofPeople: Readonly<Record<string, () => Promise<Record<string, string>>>> = {
    deleteOrganization: async () => ({ organization: await post("/organizations", { name: fresh("organization") }) }),
    addMember: async () => {
      const user = await account()
      await server.client.call("DELETE", `/organizations/default/members/${user}`)
      return { user }
    },
    getTokenByName: async () => {
      await post("/users/me/keys/tokens", { token_name: "nightly-build" })
      return {}
    },
    updateSiteRole: role("/users/roles"),
    updateOrganizationRole: role("/organizations/default/members/roles"),
  }

  let busy: string | undefined
  afterEach(async () => {
    if (busy !== undefined) await server.client.call("POST", `/chats/${busy}/interrupt`, { body: {} })
    busy = undefined
  })

  const ELSEWHERE = new Set(["createFirstUser", "login"])
  const here = operations.filter((each) => !ELSEWHERE.has(nameOf(each)))
  // Last of all what ends the session that all are made with.
  const last = here.filter((each) => nameOf(each) === "logout")

  it.each([...here.filter((each) => !last.includes(each)), ...last].map((each) => [nameOf(each), each] as const))(
    "%s is carried out",
    async (name, listed) => {
      const needs = listed.operation.parameters.some((each) => each.name === "chat")
      const given: Record<string, string | number> = needs ? await (givens[name] ?? idle)() : {}
      const examples = [bodyOf(listed), ...listed.operation.parameters.map((each) => "example" in each && each.example)]
      for (const thing of namedIn(examples, PLACEHOLDERS)) {
        const make = things[thing]
        if (make !== undefined) given[thing] = await make()
      }
      Object.assign(given, await ofPeople[name]?.())
      busy = needs ? String(given["chat"]) : undefined
      const { url, body } = requestOf(listed, { ...own, ...given })
      const reply = await server.client.call(listed.method, url.replace("/api/v2", ""), { body })
      expect([reply.status, reply.status < 300 ? undefined : reply.body]).toEqual([successOf(listed), undefined])
    },
  )

  it("name nothing that a reader could not have", () => {
    const values = operations.flatMap((each) => [
      bodyOf(each),
      ...each.operation.parameters.map((parameter) => ("example" in parameter ? parameter.example : undefined)),
    ])
    expect(namedIn(values, PLACEHOLDERS).toSorted()).toEqual(Object.keys(PLACEHOLDERS).toSorted())
  })

  it("sign in as somebody else than the one who tries them", () => {
    expect(JSON.stringify(document)).not.toContain(OWNER.password)
  })
})

describe("what is said about who may", () => {
  it("agrees with what the endpoints ask for themselves", () => {
    const said: Array<readonly [string, string | undefined]> = []
    const asked: Array<readonly [string, string | undefined]> = []
    HttpApi.reflect(TroupeApi, {
      onGroup: () => undefined,
      onEndpoint: ({ group, endpoint, mergedAnnotations }) => {
        const permission = references[group.identifier]?.endpoints[endpoint.name]?.permission
        const isOwn = permission === "anyone" || permission?.startsWith("deployment_config")
        said.push([endpoint.name, isOwn ? permission : undefined])
        const open = Context.get(mergedAnnotations, Public) ? "anyone" : undefined
        asked.push([endpoint.name, open ?? Context.get(mergedAnnotations, Requires)])
      },
    })
    expect(said).toEqual(asked)
  })
})

describe("the examples of events", () => {
  it.each(Object.entries(streamEvents))("of a chat's stream are events: %s", (type, { example }) => {
    expect(Schema.decodeUnknownSync(ChatStreamEvent, { onExcessProperty: "error" })(example).type).toBe(type)
  })

  it.each(Object.entries(watchEvents))("of the watch stream are events: %s", (kind, { example }) => {
    expect(Schema.decodeUnknownSync(WatchEvent, { onExcessProperty: "error" })(example).kind).toBe(kind)
  })

  it("are there for every event", () => {
    const types = ChatStreamEvent.members.map((member) => member.fields.type.literals[0])
    expect(Object.keys(streamEvents).toSorted()).toEqual([...types].toSorted())
    expect(Object.keys(watchEvents).toSorted()).toEqual([...ChatWatchKind.literals, "activity_change"].toSorted())
  })
})
