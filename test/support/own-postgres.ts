import { Effect, Redacted } from "effect"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import pg from "pg"
import { afterAll, beforeAll } from "vitest"
import { type EmbeddedServer, start } from "../../src/db/embedded/server.ts"
import { folderPrefix } from "./global-setup.ts"

/** A Postgres server of a test file's own, for those that end it. */
export interface OwnPostgres {
  /** The same over restarts. */
  readonly url: string
  /** On a connection of its own. */
  readonly query: <Row extends object>(text: string, values?: ReadonlyArray<unknown>) => Promise<ReadonlyArray<Row>>
  /** Breaks every connection of Troupe's off, as a failing network does; answers how many there were. */
  readonly cutConnections: () => Promise<number>
  /** Breaks them off, and takes no new ones until `accept`. */
  readonly refuse: () => Promise<void>
  readonly accept: () => Promise<void>
  /** As `pg_ctl restart -m immediate` does it: nobody says goodbye, and what was committed is recovered from the log. */
  readonly restart: () => Promise<void>
}

/** What is committed has to outlive the process, not the machine. */
const settings = { fsync: "off", max_connections: "200" }

/** For the test file that calls this at its top level, before whatever needs the server. */
export const useOwnPostgres = (): OwnPostgres => {
  let dataDir = ""
  let running: EmbeddedServer | undefined

  const launch = async () => {
    running = await Effect.runPromise(start(dataDir, { settings }))
  }
  const server = () => {
    if (running === undefined) throw new Error("The Postgres server runs from beforeAll on")
    return running
  }

  beforeAll(async () => {
    // By the name of its folder the next run finds and stops a server whose tests were killed.
    dataDir = await mkdtemp(path.join(tmpdir(), `${folderPrefix}${process.pid}-own-`))
    await launch()
  })
  afterAll(async () => {
    if (running !== undefined) await Effect.runPromise(running.stop)
    await rm(dataDir, { recursive: true, force: true })
  })

  const queryIn = async <Row extends object>(database: string, text: string, values: ReadonlyArray<unknown>) => {
    const { host, password, port, user } = server().connection
    const client = new pg.Client({ database, host, password: Redacted.value(password), port, user })
    await client.connect()
    try {
      return (await client.query<Row & pg.QueryResultRow>(text, [...values])).rows
    } finally {
      await client.end()
    }
  }
  const query: OwnPostgres["query"] = (text, values = []) => queryIn(server().connection.database, text, values)
  const allowConnections = async (allowed: boolean) => {
    await queryIn("postgres", `alter database "${server().connection.database}" allow_connections ${allowed}`, [])
  }
  const cutConnections = async () => {
    const ended = await queryIn(
      "postgres",
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'troupe %'",
      [],
    )
    return ended.length
  }

  return {
    get url() {
      const { database, host, password, port, user } = server().connection
      return `postgresql://${user}:${Redacted.value(password)}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`
    },
    query,
    cutConnections,
    refuse: async () => {
      await allowConnections(false)
      await cutConnections()
    },
    accept: () => allowConnections(true),
    restart: async () => {
      const { ended, pid } = server()
      process.kill(pid, "SIGQUIT")
      await Effect.runPromise(ended)
      await launch()
    },
  }
}
