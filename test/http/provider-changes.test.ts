import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { KEY, openai, refusal, resolve, type Row, UNKNOWN, useAdmin } from "./model-admin.ts"
import { useServer } from "./server.ts"

/** What becomes of providers after they were added. */

const server = useServer()
const admin = useAdmin(server)

const made = async (body: Record<string, unknown>): Promise<Row> => {
  const { json, status } = await admin.createProvider(body)
  expect(status).toBe(201)
  return json as Row
}
let names = 0
const fresh = (more: Record<string, unknown> = {}) => made({ ...openai, display_name: `Provider ${++names}`, ...more })
const model = async ({ id }: Row, more: Record<string, unknown> = {}): Promise<Row> => {
  const { json, status } = await admin.createConfig({ ai_provider_id: id, model: "m", context_limit: 1_000, ...more })
  expect(status).toBe(201)
  return json as Row
}
const query = <A extends object>(
  statement: (sql: SqlClient.SqlClient) => Effect.Effect<ReadonlyArray<unknown>, unknown>,
) =>
  server.runtime.runPromise(Effect.orDie(Effect.flatMap(SqlClient.SqlClient, statement))) as Promise<ReadonlyArray<A>>
const auditOf = ({ id }: Row) =>
  query<{ action: string; diff: object; additional_fields: object }>(
    (sql) => sql`select action, diff, additional_fields from audit_log where resource_id = ${id} order by time, id`,
  )
const standard = async () => (await admin.configs()).find((row) => row["is_default"])?.["id"]

describe("a provider that is changed", () => {
  it("keeps what is left out, null included, and is called as it is from then on", async () => {
    const provider = await fresh({ base_url: "http://127.0.0.1:9/v1" })
    const { id } = await model(provider)
    const changed = await admin.changeProvider(provider.id, {
      display_name: " New ",
      base_url: "http://127.0.0.1:9/v2",
      enabled: null,
    })
    expect(changed.status).toBe(200)
    expect(changed.json).toMatchObject({
      ...provider,
      display_name: "New",
      base_url: "http://127.0.0.1:9/v2",
      updated_at: expect.any(String),
    })
    expect((await resolve(server, id)).connection).toMatchObject({ apiKey: KEY, baseUrl: "http://127.0.0.1:9/v2" })
    expect((await admin.changeProvider(provider.id, { api_key: "another", enabled: false })).status).toBe(200)
    expect(await refusal(server, id)).toMatchObject({ reason: "provider_disabled" })
    expect((await admin.changeProvider(provider.id, { enabled: true })).status).toBe(200)
    expect((await resolve(server, id)).connection.apiKey).toBe("another")
    const audit = await auditOf(provider)
    expect(audit.map(({ action }) => action)).toEqual(["create", "write", "write", "write"])
    expect(audit[2]?.diff).toMatchObject({
      enabled: { old: true, new: false, secret: false },
      api_key: { old: "", new: "", secret: true },
    })
    expect(JSON.stringify(audit)).not.toMatch(/another|sk-/)
  })

  it("leaves no row of a change that changes nothing", async () => {
    const provider = await fresh()
    expect((await admin.changeProvider(provider.id, {})).status).toBe(200)
    expect(await auditOf(provider)).toHaveLength(1)
  })

  it.each([
    ["to another host", "https://a.example/v1", "https://b.example/v1", 400],
    ["to another port", "https://a.example/v1", "https://a.example:8443/v1", 400],
    ["to another scheme", "https://a.example/v1", "http://a.example/v1", 400],
    ["to a host that only looks the same", "https://a.example/v1", "https://a.example.b.example/v1", 400],
    ["from the usual address to another", undefined, "https://b.example/v1", 400],
    ["from another address to the usual one", "https://a.example/v1", "", 400],
    ["to another path", "https://a.example/v1", "https://a.example/v2", 200],
    ["to the same host in other letters", "https://a.example/v1", "https://A.example:443/v1", 200],
    ["to the usual address, by name", undefined, "https://api.openai.com/v1", 200],
  ])("wants its key again %s", async (_, before, after, status) => {
    const provider = await fresh(before === undefined ? {} : { base_url: before })
    const moved = await admin.changeProvider(provider.id, { base_url: after })
    expect(moved.status).toBe(status)
    expect((await admin.changeProvider(provider.id, { base_url: after, api_key: "for there" })).status).toBe(200)
  })

  it("names the key where it is wanted again, and is left as it was", async () => {
    const provider = await fresh({ base_url: "https://a.example/v1" })
    const moved = await admin.changeProvider(provider.id, { base_url: "https://b.example/v1", display_name: "Moved" })
    expect(moved.json).toMatchObject({ validations: [{ field: "api_key" }] })
    expect(await admin.providers()).toContainEqual(provider)
  })

  it.each([
    ["a URL of another kind", { base_url: "file:///etc/passwd" }, "base_url"],
    ["a key with blanks around it", { api_key: " key" }, "api_key"],
    ["no key where everybody uses it", { api_key: "" }, "api_key"],
    ["nobody's keys", { central_api_key_enabled: false }, "central_api_key_enabled"],
    ["a fallback from nothing", { allow_central_api_key_fallback: true }, "allow_central_api_key_fallback"],
    ["flags of a wrong type", { enabled: 1 }, "enabled"],
  ])("refuses %s", async (_, body, field) => {
    const provider = await fresh()
    const { json, status } = await admin.changeProvider(provider.id, body)
    expect(status).toBe(400)
    expect(json).toMatchObject({ validations: [expect.objectContaining({ field })] })
    expect(await admin.providers()).toContainEqual(provider)
  })

  it("can lose its key where users have keys of their own, and Bedrock goes back to AWS's", async () => {
    const provider = await fresh()
    const byUsers = { api_key: "", central_api_key_enabled: false, allow_user_api_key: true }
    expect((await admin.changeProvider(provider.id, byUsers)).json).toMatchObject({
      has_api_key: false,
      configured: false,
    })
    const bedrock = await made({ provider: "bedrock", api_key: "bearer" })
    expect(bedrock).toMatchObject({ has_api_key: true, configured: true })
    const ambient = await admin.changeProvider(bedrock.id, { api_key: "" })
    expect(ambient.json).toMatchObject({ has_api_key: false, configured: true })
    const { id } = await model(bedrock)
    expect((await resolve(server, id)).connection).toMatchObject({ type: "bedrock", apiKey: "" })
  })

  it("cannot take the name of another of its type", async () => {
    const [one, other] = [await fresh(), await fresh()]
    const taken = await admin.changeProvider(one.id, { display_name: String(other["display_name"]).toUpperCase() })
    expect([taken.status, taken.json]).toMatchObject([409, { validations: [{ field: "display_name" }] }])
    expect(
      (await admin.changeProvider(one.id, { display_name: String(one["display_name"]).toUpperCase() })).status,
    ).toBe(200)
  })

  it("is whole when two change it at once", async () => {
    const provider = await fresh({ allow_user_api_key: true })
    const replies = await Promise.all([
      admin.changeProvider(provider.id, { central_api_key_enabled: false }),
      admin.changeProvider(provider.id, { allow_user_api_key: false }),
    ])
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 400])
  })

  it("is not there for an id that nobody has, or that is none", async () => {
    expect((await admin.changeProvider(UNKNOWN, { enabled: false })).status).toBe(404)
    expect((await admin.changeProvider("7", { enabled: false })).status).toBe(404)
    expect((await admin.deleteProvider(UNKNOWN)).status).toBe(404)
  })
})

describe("a provider that is deleted", () => {
  it("is gone from every read with its models, and its row stays", async () => {
    const provider = await fresh()
    const { id } = await model(provider)
    expect((await admin.deleteProvider(provider.id)).status).toBe(204)
    expect((await admin.providers()).map((row) => row.id)).not.toContain(provider.id)
    expect((await admin.configs()).map((row) => row.id)).not.toContain(id)
    expect(await refusal(server, id)).toMatchObject({ reason: "model_not_found_or_disabled" })
    expect((await admin.changeProvider(provider.id, { enabled: true })).status).toBe(404)
    expect((await admin.deleteProvider(provider.id)).status).toBe(404)
    const late = await admin.createConfig({ ai_provider_id: provider.id, model: "late", context_limit: 1 })
    expect(late.status).toBe(412)
    const rows = await query<{ deleted: boolean }>(
      (sql) => sql`
      select deleted from providers where id = ${provider.id} union all select deleted from model_configs where id = ${id}`,
    )
    expect(rows).toEqual([{ deleted: true }, { deleted: true }])
    expect(await auditOf(provider)).toMatchObject([
      { action: "create" },
      { action: "delete", additional_fields: { model_configs: 1 } },
    ])
    // The name is free again.
    await made({ ...openai, display_name: provider["display_name"] })
  })

  it("hands the default on: to what can be called first, then by type and model", async () => {
    const doomed = await fresh()
    const standing = await made({ provider: "anthropic", api_key: KEY, display_name: "Stands" })
    const off = await made({ provider: "anthropic", api_key: KEY, display_name: "Is off", enabled: true })
    await model(off, { model: "aa" })
    await admin.changeProvider(off.id, { enabled: false })
    await model(standing, { model: "ab", enabled: false })
    await model(standing, { model: "ad" })
    const next = await model(standing, { model: "ac" })
    const first = await model(doomed, { model: "ab", is_default: true })
    expect(await standard()).toBe(first.id)
    expect((await admin.deleteProvider(doomed.id)).status).toBe(204)
    expect(await standard()).toBe(next.id)
    expect((await resolve(server, null)).model).toBe("ac")
  })

  it("does not touch the default of another", async () => {
    const before = await standard()
    const provider = await fresh()
    await model(provider, { model: "0" })
    await admin.deleteProvider(provider.id)
    expect(await standard()).toBe(before)
  })

  it("is deleted once, whoever asks at the same time, and no model of it is added meanwhile", async () => {
    const provider = await fresh()
    const [created, ...ends] = await Promise.all([
      admin.createConfig({ ai_provider_id: provider.id, model: "meanwhile", context_limit: 1 }),
      ...Array.from({ length: 4 }, () => admin.deleteProvider(provider.id)),
    ])
    expect(ends.map(({ status }) => status).toSorted()).toEqual([204, 404, 404, 404])
    expect([201, 412]).toContain(created.status)
    expect((await admin.configs()).filter((row) => row["ai_provider_id"] === provider.id)).toEqual([])
  })

  it("leaves none to call when it was the last, and says so", async () => {
    const added = (await admin.providers()).filter(({ source }) => source === "database")
    for (const { id } of added) expect((await admin.deleteProvider(id)).status).toBe(204)
    expect(await admin.configs()).toEqual([])
    expect(await refusal(server, null)).toMatchObject({ reason: "no_default_model" })
    expect((await model(await fresh())).is_default).toBe(true)
  })
})
