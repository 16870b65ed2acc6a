import { SqlClient } from "@effect/sql"
import { Effect, Layer } from "effect"
import { deploymentSettings } from "../../src/contract/deployment-settings.ts"
import { MemberRepository } from "../../src/db/identity/members.ts"
import { OrganizationRepository } from "../../src/db/identity/organizations.ts"
import { UserRepository } from "../../src/db/identity/users.ts"
import { hashPassword } from "../../src/identity/passwords.ts"
import type { ChatServer } from "../support/chat-server.ts"
import type { Person, Prepare } from "./mutating-call.ts"
import { mutationsOfPeople } from "./mutations-of-people.ts"
import { Client, textContent } from "../support/client.ts"

/** Every mutating route but the first user's, each made possible for somebody. */

const idOf = (body: unknown) => (body as { readonly id: unknown }).id

const clientTool = { unsafe_dynamic_tools: [{ name: "ask_user", input_schema: { type: "object" } }] }

const request = (client: Client, method: string, path: string, body?: unknown) => (key: string) =>
  client.call(method, path, { headers: { "idempotency-key": key }, ...(body !== undefined && { body }) })

export const mutatingCalls = (server: ChatServer) => {
  let made = 0
  const fresh = (name: string) => `${name}-${(made += 1)}`

  const query = <Row>(statement: (sql: SqlClient.SqlClient) => Effect.Effect<ReadonlyArray<unknown>, unknown>) =>
    server.database.run(Effect.flatMap(SqlClient.SqlClient, statement)) as Promise<ReadonlyArray<Row>>
  const count = async (statement: (sql: SqlClient.SqlClient) => Effect.Effect<ReadonlyArray<unknown>, unknown>) =>
    (await query(statement)).length
  /** Counts from now on. */
  const since = async (counted: () => Promise<number>) => {
    const before = await counted()
    return async () => (await counted()) - before
  }

  const providerOf = (name: string) => ({ provider: "openai", display_name: name, api_key: API_KEY })

  /** Turns that go on for ever, turns that end at once, and turns that want something from a person. */
  const script = () => {
    const says = (text: string) => (asked: { readonly body: unknown }) => JSON.stringify(asked.body).includes(text)
    server.provider.script(
      { repeat: true, when: says("answer at once"), items: [{ text: "done" }] },
      { repeat: true, when: says('"role":"tool"'), items: [{ text: "thinking" }, { silence: true }] },
      {
        repeat: true,
        when: says("run it"),
        items: [{ calls: [{ tool: "execute", args: { command: "sleep 300", timeout: "1h" }, id: "a" }] }],
      },
      { repeat: true, when: says("fail first"), status: 401 },
      { repeat: true, when: says("ask me"), items: [{ calls: [{ tool: "ask_user", args: {}, id: "a" }] }] },
      { repeat: true, items: [{ text: "thinking" }, { silence: true }] },
    )
  }

  /** There is no route to make accounts yet. */
  const addPerson = async (username: string): Promise<Person> => {
    const [email, password] = [`${username}@people.example`, `password of ${username}`]
    const add = Effect.gen(function* () {
      const users = yield* UserRepository
      const organizations = yield* OrganizationRepository
      const members = yield* MemberRepository
      const passwordHash = yield* hashPassword(password)
      const user = { email, username, name: "", passwordHash, siteRoles: ["owner"] }
      const id = yield* users.insert(user).pipe(Effect.orDie)
      const organizationId = yield* organizations.defaultId
      yield* members.add(organizationId, id, ["agents-access"])
      return { id, organizationId }
    })
    const repositories = Layer.mergeAll(UserRepository.layer, OrganizationRepository.layer, MemberRepository.layer)
    const ids = await server.database.run(Effect.provide(add, repositories))
    return { ...ids, email, password, client: await Client.signIn(server.url, { email, password }) }
  }

  const chatOf = async ({ client, organizationId }: Person, text: string, activity: string, more = {}) => {
    const body = { organization_id: organizationId, content: textContent(text), ...more }
    const chatId = String(idOf((await client.call("POST", "/chats", { body })).body))
    const reader = await client.stream(chatId)
    await reader.until((seen) => seen.activity === activity && (activity !== "running.generating" || seen.text !== ""))
    const userMessage = [...reader.messages.keys()][0] ?? 0
    await reader.close()
    // What people have done to it, once it is as it should be.
    const applied = () =>
      since(() =>
        count((sql) => sql`select from chat_transitions where chat_id = ${chatId} and actor_user_id is not null`),
      )
    return { client, chatId, userMessage, applied, path: `/chats/${chatId}` }
  }

  const busy = (person: Person) => chatOf(person, "stay busy", "running.generating")
  const idle = (person: Person) => chatOf(person, "answer at once", "waiting")

  const queued = async (person: Person) => {
    const chat = await busy(person)
    await person.client.send(chat.chatId, "one")
    const second = await person.client.send(chat.chatId, "two")
    const path = `${chat.path}/queue/${second.queued_message?.id}`
    return { ...chat, path }
  }

  /** A command without content of an idle chat. */
  const command =
    (name: string): Prepare =>
    async (person) => {
      const { client, path, applied } = await idle(person)
      return { run: request(client, "POST", `${path}/${name}`), applied: await applied(), lasting: idOf }
    }

  const changed =
    ({ key, put, default: standard }: (typeof deploymentSettings)[number]): Prepare =>
    async ({ client }) => ({
      run: request(client, "PUT", put.path, standard),
      other: request(client, "PUT", put.path, { ...standard, nobody_knows: true }),
      applied: await since(() => count((sql) => sql`select from site_config_writes where key = ${key}`)),
    })

  const calls: Readonly<Record<string, Prepare>> = {
    ...mutationsOfPeople(server),
    "POST /users/login": async ({ id, email, password }) => ({
      run: request(new Client(server.url), "POST", "/users/login", { email, password }),
      other: request(new Client(server.url), "POST", "/users/login", { email: email.toUpperCase(), password }),
      applied: await since(() => count((sql) => sql`select from api_keys where user_id = ${id}`)),
      secret: true,
    }),
    "POST /users/logout": async (person) => {
      const [client, another] = [await Client.signIn(server.url, person), await Client.signIn(server.url, person)]
      const ended = await since(
        async () => -(await count((sql) => sql`select from api_keys where user_id = ${person.id}`)),
      )
      return {
        run: request(client, "POST", "/users/logout"),
        other: request(another, "POST", "/users/logout"),
        applied: ended,
      }
    },
    "POST /chats/providers": async ({ client }) => {
      const name = fresh("provider")
      const body = providerOf(name)
      return {
        run: request(client, "POST", "/chats/providers", body),
        other: request(client, "POST", "/chats/providers", { ...body, api_key: "another" }),
        applied: () => count((sql) => sql`select from providers where display_name = ${name}`),
      }
    },
    "PATCH /chats/providers/:provider": async ({ client }) => {
      const name = fresh("provider")
      const id = idOf((await client.call("POST", "/chats/providers", { body: providerOf(name) })).body)
      const path = `/chats/providers/${String(id)}`
      return {
        run: request(client, "PATCH", path, { display_name: `${name} new` }),
        other: request(client, "PATCH", path, { display_name: `${name} other` }),
        applied: () => count((sql) => sql`select from providers where display_name = ${`${name} new`}`),
      }
    },
    "DELETE /chats/providers/:provider": async ({ client }) => {
      const body = providerOf(fresh("provider"))
      const id = String(idOf((await client.call("POST", "/chats/providers", { body })).body))
      return {
        run: request(client, "DELETE", `/chats/providers/${id}`),
        applied: () => count((sql) => sql`select from providers where id = ${id} and deleted`),
      }
    },
    "POST /chats/model-configs": async ({ client }) => {
      const model = fresh("model")
      const [{ id } = { id: "" }] = await query<{ id: string }>(
        (sql) => sql`
        select id from providers where display_name = 'Scripted'`,
      )
      const body = { ai_provider_id: id, model, context_limit: 1000 }
      return {
        run: request(client, "POST", "/chats/model-configs", body),
        other: request(client, "POST", "/chats/model-configs", { ...body, context_limit: 2000 }),
        applied: () => count((sql) => sql`select from model_configs where model = ${model}`),
      }
    },
    ...Object.fromEntries(deploymentSettings.map((setting) => [`PUT ${setting.put.path}`, changed(setting)])),
    "POST /chats": async ({ id, client, organizationId }) => {
      const create = (text: string) =>
        request(client, "POST", "/chats", { organization_id: organizationId, content: textContent(text) })
      return {
        run: create("answer at once"),
        other: create("something else"),
        applied: await since(() => count((sql) => sql`select from chats where owner_id = ${id}`)),
        lasting: idOf,
      }
    },
    "PATCH /chats/:chat": async (person) => {
      const { client, path, applied } = await idle(person)
      return {
        run: request(client, "PATCH", path, { archived: true }),
        other: request(client, "PATCH", path, { archived: true, title: "archived" }),
        applied: await applied(),
      }
    },
    "POST /chats/:chat/messages": async (person) => {
      const { client, path, applied } = await busy(person)
      const send = (text: string) => request(client, "POST", `${path}/messages`, { content: textContent(text) })
      return { run: send("more"), other: send("else"), applied: await applied() }
    },
    "PATCH /chats/:chat/messages/:message": async (person) => {
      const { client, path, userMessage, applied } = await busy(person)
      const edit = (text: string) =>
        request(client, "PATCH", `${path}/messages/${userMessage}`, { content: textContent(text) })
      return { run: edit("stay busy here"), other: edit("stay busy there"), applied: await applied() }
    },
    "POST /chats/:chat/interrupt": async (person) => {
      const { client, path, applied } = await busy(person)
      return {
        run: request(client, "POST", `${path}/interrupt`, {}),
        other: request(client, "POST", `${path}/interrupt`, { cascade: true }),
        applied: await applied(),
        lasting: idOf,
      }
    },
    "POST /chats/:chat/retry": async (person) => {
      const { client, path, applied } = await chatOf(person, "fail first", "error")
      return { run: request(client, "POST", `${path}/retry`, {}), applied: await applied(), lasting: idOf }
    },
    "PATCH /chats/:chat/queue/:queued": async (person) => {
      const { client, path, applied } = await queued(person)
      const change = (text: string) => request(client, "PATCH", path, { content: textContent(text), before: null })
      return { run: change("two and a half"), other: change("three"), applied: await applied() }
    },
    "DELETE /chats/:chat/queue/:queued": async (person) => {
      const { client, path, applied } = await queued(person)
      return { run: request(client, "DELETE", path), applied: await applied() }
    },
    "POST /chats/:chat/queue/:queued/promote": async (person) => {
      const { client, path, applied } = await queued(person)
      return { run: request(client, "POST", `${path}/promote`), applied: await applied() }
    },
    "POST /chats/:chat/tool-results": async (person) => {
      const { client, path, applied } = await chatOf(person, "ask me", "requires_action.client_tools", clientTool)
      const answer = (output: string) =>
        request(client, "POST", `${path}/tool-results`, { results: [{ tool_call_id: "a", output }] })
      return { run: answer("yes"), other: answer("no"), applied: await applied() }
    },
    "POST /chats/:chat/tool-calls/:id/stop": async (person) => {
      const chat = await chatOf(person, "run it", "running.executing")
      return { run: request(chat.client, "POST", `${chat.path}/tool-calls/a/stop`), applied: await chat.applied() }
    },
    "POST /chats/:chat/approvals": async (person) => {
      const more = { ...clientTool, tool_policy: [{ pattern: "*", action: "ask" }] }
      const { client, path, applied } = await chatOf(person, "ask me", "requires_action.approval", more)
      const { approvals } = (await client.call("GET", `${path}/approvals`)).body as {
        readonly approvals: ReadonlyArray<{ readonly id: string }>
      }
      const decide = (decision: string) =>
        request(client, "POST", `${path}/approvals`, { decisions: [{ id: approvals[0]?.id, decision }] })
      return { run: decide("deny"), other: decide("approve"), applied: await applied() }
    },
    "POST /chats/:chat/compact": command("compact"),
    "POST /chats/:chat/clear": command("clear"),
    "POST /chats/:chat/reconcile-invalid": async (person) => {
      const { client, chatId, path, applied } = await idle(person)
      await query((sql) => sql`update chats set activity = 'requires_action.approval' where id = ${chatId}`)
      return { run: request(client, "POST", `${path}/reconcile-invalid`), applied: await applied(), lasting: idOf }
    },
  }

  return { calls, script, addPerson, query }
}

/** The key of a provider, which must be found nowhere. */
export const API_KEY = "sk-this-must-never-be-seen"
