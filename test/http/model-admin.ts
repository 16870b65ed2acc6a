import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { beforeAll } from "vitest"
import { ModelCatalog } from "../../src/models/catalog.ts"
import { type TestServer, signUpOwner } from "./server.ts"

/** Short forms for tests of providers and model configs. */

export const KEY = "sk-this-must-never-be-seen"
export const UNKNOWN = "11111111-1111-4111-8111-111111111111"

export interface Row {
  readonly id: string
  readonly [name: string]: unknown
}

export const useAdmin = (server: TestServer) => {
  let token = ""
  beforeAll(async () => {
    token = await signUpOwner(server)
  })
  const post = (path: string) => (body: unknown) => server.call("POST", `/api/v2/chats/${path}`, { token, body })
  const get = async (path: string) => (await server.call("GET", `/api/v2/chats/${path}`, { token })).json
  return {
    createProvider: post("providers"),
    createConfig: post("model-configs"),
    changeProvider: (id: string, body: unknown) =>
      server.call("PATCH", `/api/v2/chats/providers/${id}`, { token, body }),
    deleteProvider: (id: string) => server.call("DELETE", `/api/v2/chats/providers/${id}`, { token }),
    providers: async () => (await get("providers")) as ReadonlyArray<Row>,
    configs: async () => (await get("model-configs")) as ReadonlyArray<Row>,
    models: () => get("models"),
  }
}

export const openai = { provider: "openai", api_key: KEY }

export const disable = (server: TestServer, table: "providers" | "model_configs", id: string) =>
  server.runtime.runPromise(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`update ${sql(table)} set enabled = false where id = ${id}`
      yield* (yield* ModelCatalog).invalidate
    }),
  )

export const resolve = (server: TestServer, id: string | null) =>
  server.runtime.runPromise(Effect.flatMap(ModelCatalog, (catalog) => catalog.resolve(id, UNKNOWN)))
export const refusal = (server: TestServer, id: string | null) =>
  server.runtime.runPromise(Effect.flip(Effect.flatMap(ModelCatalog, (catalog) => catalog.resolve(id, UNKNOWN))))
