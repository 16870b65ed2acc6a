import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { AuditLog } from "../../../src/contract/audit.ts"
import { User } from "../../../src/contract/identity.ts"
import { AuditLogRepository } from "../../../src/db/audit/audit-log.ts"
import { useChatServer } from "../../support/chat-server.ts"
import { Client } from "../../support/client.ts"
import { OWNER } from "../../support/server-process.ts"
import { addUser, joined, PASSWORD, tokenFor } from "./people-client.ts"

/** What the server does by itself about what has become old. Time is moved in the rows. */

const server = useChatServer({ TROUPE_HOUSEKEEPING_MS: "50" })

const query = <Row extends object>(build: (sql: SqlClient.SqlClient) => Effect.Effect<ReadonlyArray<Row>, unknown>) =>
  server.database.run(Effect.flatMap(SqlClient.SqlClient, build).pipe(Effect.orDie))

const setting = (name: string, body: unknown) => server.client.call("PUT", `/chats/config/${name}`, { body })
const history = async (q: string) =>
  (await server.client.expect(AuditLog, 200, "GET", `/audit?q=${encodeURIComponent(q)}`)).audit_logs

const addEntries = (type: string, days: number, count: number) =>
  query(
    (sql) => sql`
      insert into audit_log (id, time, actor_kind, resource_type, resource_id, resource_target, action)
      select gen_random_uuid(), now() - ${days}::int * interval '1 day', 'system', ${type}, 'x', 'x', 'write'
      from generate_series(1, ${count}::int) returning id`,
  )
const entriesOf = async (type: string) =>
  (await query((sql) => sql`select id from audit_log where resource_type = ${type}`)).length

describe("the audit log", () => {
  it("is kept for ever, until somebody says for how long; that is an entry", async () => {
    await addEntries("old", 31, 2500)
    await addEntries("young", 29, 3)
    expect(await entriesOf("old")).toBe(2500)
    await setting("audit-retention", { retention_days: 30 })
    await expect.poll(() => entriesOf("old"), { timeout: 10_000 }).toBe(0)
    expect(await entriesOf("young")).toBe(3)
    expect((await history("resource_type:deployment_setting"))[0]).toMatchObject({
      resource_target: "audit_retention",
      diff: { value: { old: { retention_days: 0 }, new: { retention_days: 30 } } },
    })
    await setting("audit-retention", { retention_days: 0 })
  })

  it("loses a bounded number at a time, and none twice, when several servers clean up", async () => {
    await addEntries("crowded", 500, 1500)
    const remove = Effect.flatMap(AuditLogRepository, (log) => log.removeOlder(400, 1000))
    const removed = await server.database.run(
      Effect.all([remove, remove, remove], { concurrency: 3 }).pipe(Effect.provide(AuditLogRepository.layer)),
    )
    expect(Math.max(...removed)).toBeLessThanOrEqual(1000)
    const left = await entriesOf("crowded")
    expect(removed.reduce((sum, one) => sum + one, 0)).toBe(1500 - left)
  })
})

const statusOf = async (id: string) => (await server.client.expect(User, 200, "GET", `/users/${id}`)).status
/** As if nobody had used or changed the account since then. */
const unusedFor = (id: string, days: number) =>
  query(
    (sql) => sql`
      update users set last_seen_at = now() - ${days}::int * interval '1 day', created_at = now() - interval '1 year',
        updated_at = now() - interval '1 year', status = 'active' where id = ${id} returning id`,
  )
const lastChange = async (id: string) => (await history(`resource_type:user resource_id:${id}`))[0]

describe("an account that nobody uses", () => {
  it("becomes dormant after 90 days, and signing in makes it active", async () => {
    const { id } = await addUser(server.client, "rip")
    const other = await addUser(server.client, "van")
    await unusedFor(other.id, 89)
    await unusedFor(id, 91)
    await expect.poll(() => statusOf(id)).toBe("dormant")
    expect(await statusOf(other.id)).toBe("active")
    expect(await lastChange(id)).toMatchObject({
      actor: { kind: "system" },
      diff: { status: { old: "active", new: "dormant" } },
      additional_fields: { automatic: "dormancy" },
    })
    await Client.signIn(server.url, { email: "rip@example.com", password: PASSWORD })
    expect(await statusOf(id)).toBe("active")
    expect(await lastChange(id)).toMatchObject({
      action: "login",
      actor: { kind: "person", username: "rip" },
      diff: { status: { old: "dormant", new: "active" } },
    })
  })

  it("is active again with a call of its token, which is told of once", async () => {
    const { id } = await addUser(server.client, "tok")
    const token = await tokenFor(server.client, "tok", server.url)
    await unusedFor(id, 91)
    await expect.poll(() => statusOf(id)).toBe("dormant")
    expect((await token.client.call("GET", "/users/me")).status).toBe(200)
    await expect.poll(() => statusOf(id)).toBe("active")
    const woken = (await history(`resource_type:user resource_id:${id} action:write`)).filter(
      ({ actor }) => actor.kind === "token",
    )
    expect(woken.map(({ diff }) => diff)).toEqual([{ status: { old: "dormant", new: "active", secret: false } }])
  })

  it("stays as it is where that is switched off", async () => {
    await setting("user-dormancy", { dormant_after_days: 0 })
    const { id } = await addUser(server.client, "eve")
    await unusedFor(id, 3000)
    // A round has gone by when this is gone.
    await addEntries("marker", 3, 1)
    await setting("audit-retention", { retention_days: 1 })
    await expect.poll(() => entriesOf("marker"), { timeout: 10_000 }).toBe(0)
    expect(await statusOf(id)).toBe("active")
    await setting("user-dormancy", { dormant_after_days: 90 })
    await expect.poll(() => statusOf(id)).toBe("dormant")
  })

  it("is not locked out by that: the only owner signs in again", async () => {
    await joined(server.client, "observer", server.url)
    const [owner] = await query<{ id: string }>((sql) => sql`select id from users where username = ${OWNER.username}`)
    const status = async () =>
      (await query<{ status: string }>((sql) => sql`select status from users where id = ${owner?.id ?? ""}`))[0]?.status
    await unusedFor(owner?.id ?? "", 91)
    await expect.poll(status).toBe("dormant")
    const again = await Client.signIn(server.url)
    expect(await status()).toBe("active")
    expect((await again.call("GET", "/users")).status).toBe(200)
  })
})
