import type { PgClient } from "@effect/sql-pg"
import type { SqlClient } from "@effect/sql/SqlClient"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { randomBytes } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import path from "node:path"
import pg from "pg"
import { afterAll, beforeAll, inject } from "vitest"
import { Database } from "../../src/db/engine/client.ts"
import { start } from "../../src/db/embedded/server.ts"
import { migrate } from "../../src/db/engine/migrator.ts"
import { type Environment, readSettings, Settings } from "../../src/settings.ts"

/** What a server on a database of its own is made of. */
export type TestServices = Database | PgClient.PgClient | SqlClient | Settings

export interface TestDatabase {
  /** For another process: `TROUPE_DATABASE_URL`. */
  readonly url: string
  /** An empty folder of this file's own, removed at the end. */
  readonly dataDir: string
  /** The layers of this database and its settings (`environment` of `useTestDatabase` included). Built anew by each user. */
  readonly layer: Layer.Layer<TestServices>
  /** Runs on one runtime that lives as long as the test file. */
  readonly run: <A, E>(effect: Effect.Effect<A, E, TestServices>) => Promise<A>
}

/** Nobody waits for a test database to survive a power cut. */
const fastSettings = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "200" }

const urlFor = (url: string, database: string): string => {
  const result = new URL(url)
  result.pathname = `/${database}`
  return result.href
}

const serverUrl = async (): Promise<string> => {
  const { dataDir, url } = inject("testPostgres")
  if (url !== undefined) return url
  // Whoever comes first starts it; all others find it running.
  const { connection } = await Effect.runPromise(start(dataDir, { settings: fastSettings }))
  const { user, password, port, database, host } = connection
  return `postgresql://${user}:${Redacted.value(password)}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`
}

const layerFor = (url: string, dataDir: string, environment: Environment): Layer.Layer<TestServices> =>
  Layer.unwrapEffect(
    Effect.map(
      readSettings({
        TROUPE_DATABASE_POOL_SIZE: "10",
        ...environment,
        TROUPE_DATABASE_URL: url,
        TROUPE_DATA_DIR: dataDir,
      }),
      (settings) => Layer.provideMerge(Database.layer, Settings.layer(settings)),
    ),
  ).pipe(Layer.orDie)

const templateLock = 7_080

/** The migrated database that all others are copies of. Made once per run, by the first file that gets the lock. */
const ensureTemplate = async (admin: pg.Client, url: string, dataDir: string): Promise<string> => {
  const { template } = inject("testPostgres")
  await admin.query("select pg_advisory_lock($1)", [templateLock])
  const { rowCount } = await admin.query("select 1 from pg_database where datname = $1", [template])
  if (rowCount === 0) {
    // Under another name until it is whole: a failed migration must not leave a template behind.
    const unfinished = `${template}_unfinished`
    await admin.query(`drop database if exists "${unfinished}"`)
    await admin.query(`create database "${unfinished}"`)
    await Effect.runPromise(migrate().pipe(Effect.provide(layerFor(urlFor(url, unfinished), dataDir, {}))))
    await admin.query(`alter database "${unfinished}" rename to "${template}"`)
  }
  await admin.query("select pg_advisory_unlock($1)", [templateLock])
  return template
}

const withAdmin = async <A>(url: string, use: (admin: pg.Client) => Promise<A>): Promise<A> => {
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.end()
  }
}

/**
 * A migrated database of its own for the test file that calls this at its top level; dropped at the end, whoever is still
 * connected. `environment` holds further settings, such as `{ TROUPE_SWEEP_MS: "50" }`; `empty` skips the schema.
 */
export const useTestDatabase = (
  options: { readonly environment?: Environment; readonly empty?: boolean } = {},
): TestDatabase => {
  const name = `troupe_test_${randomBytes(8).toString("hex")}`
  let made: { url: string; server: string; dataDir: string; layer: Layer.Layer<TestServices> } | undefined
  let runtime: ManagedRuntime.ManagedRuntime<TestServices, never> | undefined

  beforeAll(async () => {
    const server = await serverUrl()
    const dataDir = await mkdtemp(path.join(inject("testPostgres").dataDir, "data-"))
    await withAdmin(server, async (admin) => {
      const template = options.empty ? "template0" : await ensureTemplate(admin, server, dataDir)
      await admin.query(`create database "${name}" template "${template}"`)
    })
    const url = urlFor(server, name)
    const layer = layerFor(url, dataDir, options.environment ?? {})
    made = { url, server, dataDir, layer }
    runtime = ManagedRuntime.make(layer)
  })

  afterAll(async () => {
    await runtime?.dispose()
    if (made === undefined) return
    await withAdmin(made.server, (admin) => admin.query(`drop database if exists "${name}" with (force)`))
    await rm(made.dataDir, { recursive: true, force: true })
  })

  const ready = () => {
    if (made === undefined) throw new Error("The test database exists from beforeAll on")
    return made
  }
  return {
    get url() {
      return ready().url
    },
    get dataDir() {
      return ready().dataDir
    },
    get layer() {
      return ready().layer
    },
    run: (effect) => {
      if (runtime === undefined) throw new Error("The test database exists from beforeAll on")
      return runtime.runPromise(effect)
    },
  }
}
