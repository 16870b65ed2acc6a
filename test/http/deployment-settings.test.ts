import { SqlClient } from "@effect/sql"
import { Context, Effect, Layer } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { deploymentSettings } from "../../src/contract/deployment-settings.ts"
import { Requires } from "../../src/contract/routes/access.ts"
import { MemberRepository } from "../../src/db/identity/members.ts"
import { OrganizationRepository } from "../../src/db/identity/organizations.ts"
import { UserRepository } from "../../src/db/identity/users.ts"
import { hashPassword } from "../../src/identity/passwords.ts"
import { useChatServer } from "../support/chat-server.ts"
import { Client, textContent } from "../support/client.ts"

/** Every setting of the deployment over HTTP, and what is answered when somebody has stored nonsense by hand. */

// No sweep: who waits for a slot gets one because something said so.
const server = useChatServer({ TROUPE_SWEEP_MS: "600000" })

const settings = deploymentSettings.map(({ key, get, default: standard, unreadable }) => ({
  key,
  path: get.path,
  isForAll: Context.get(get.annotations, Requires) === undefined,
  standard,
  unreadable,
}))

const store = (key: string, json: string) =>
  server.database.run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql`insert into site_configs (key, value) values (${key}, ${json}::jsonb)
        on conflict (key) do update set value = excluded.value`,
    ).pipe(Effect.orDie),
  )

const get = async (path: string) => {
  const { status, body } = await server.client.call("GET", path)
  return { status, body: body as Readonly<Record<string, unknown>> }
}

let member: Client
beforeAll(async () => {
  const [email, password] = ["member@example.com", "password of member"]
  const add = Effect.gen(function* () {
    const passwordHash = yield* hashPassword(password)
    const users = yield* UserRepository
    const id = yield* users
      .insert({ email, username: "member", name: "", passwordHash, siteRoles: [] })
      .pipe(Effect.orDie)
    const organizations = yield* OrganizationRepository
    const members = yield* MemberRepository
    yield* members.add(yield* organizations.defaultId, id, ["agents-access"])
  })
  await server.database.run(
    Effect.provide(add, Layer.mergeAll(UserRepository.layer, OrganizationRepository.layer, MemberRepository.layer)),
  )
  member = await Client.signIn(server.url, { email, password })
})

describe.each(settings)("$path", ({ key, path, isForAll, standard, unreadable }) => {
  it("answers with its default, and takes it", async () => {
    expect(await get(path)).toEqual({ status: 200, body: standard })
    expect((await server.client.call("PUT", path, { body: standard })).status).toBe(204)
    expect(await get(path)).toEqual({ status: 200, body: standard })
  })

  it.each(['"nonsense"', "7", "null", '{"rules": 7}', '{"deployment": 0, "perUser": "many", "perOrganization": null}'])(
    "says that what is stored cannot be read, without failing, until it is saved anew: %s",
    async (json) => {
      await store(key, json)
      await expect
        .poll(() => get(path), { timeout: 10_000 })
        .toEqual({ status: 200, body: { ...unreadable, is_malformed: true } })
      const saved = await server.client.call("PUT", path, { body: { ...unreadable, is_malformed: true } })
      expect(saved.status).toBe(204)
      expect(await get(path)).toEqual({ status: 200, body: unreadable })
    },
  )

  it("names the field of a body that is not right", async () => {
    const [field = ""] = Object.keys(standard)
    for (const body of [{}, { ...standard, [field]: "nonsense" }]) {
      expect(await server.client.call("PUT", path, { body })).toMatchObject({
        status: 400,
        body: { validations: expect.arrayContaining([{ field, detail: expect.any(String) }]) },
      })
    }
  })

  it("is changed by administrators, read by those that it is for, and has two methods", async () => {
    const stranger = new Client(server.url)
    for (const [method, body, forbidden] of [
      ["GET", undefined, isForAll ? 200 : 403],
      ["PUT", standard, 403],
    ] as const) {
      expect((await stranger.call(method, path, { body })).status).toBe(401)
      expect((await member.call(method, path, { body })).status).toBe(forbidden)
    }
    const refused = await server.client.call("DELETE", path)
    expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS, PUT"])
  })
})

it("what is no setting is no chat either", async () => {
  for (const path of ["/chats/config", "/chats/config/nothing", "/chats/config/messages", "/chats/watch"]) {
    expect(await server.client.call("GET", path)).toMatchObject({
      status: 404,
      body: { message: "There is no such route. See /docs/api." },
    })
  }
})

it("more room for running chats is given at once to those that wait for it", async () => {
  const room = (deployment: number | null) => ({
    body: { deployment, per_user: null, per_organization: null },
  })
  expect((await server.client.call("PUT", "/chats/config/capacity", room(1))).status).toBe(204)
  const create = async (words: string) => {
    server.provider.script({ items: [{ text: words }, { silence: true }] })
    const organization_id = await server.client.organizationId()
    const made = await server.client.call("POST", "/chats", { body: { organization_id, content: textContent(words) } })
    return String((made.body as { readonly id: unknown }).id)
  }
  const first = await server.client.stream(await create("first"))
  await first.until((view) => view.text !== "")
  const second = await server.client.stream(await create("second"))
  await second.until((view) => view.activity === "pending")
  expect((await server.client.call("PUT", "/chats/config/capacity", room(2))).status).toBe(204)
  await second.until((view) => view.text !== "")
  await Promise.all([first.close(), second.close()])
})
