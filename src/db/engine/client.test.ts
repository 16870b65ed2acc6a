import { SqlClient } from "@effect/sql"
import { Effect, Exit, Fiber, Layer, ManagedRuntime, Redacted, Schedule, Scope } from "effect"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import path from "node:path"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { eventually } from "../../../test/support/eventually.ts"
import { useTestDatabase } from "../../../test/support/postgres.ts"
import { type Environment, readSettings, Settings } from "../../settings.ts"
import { Database, dedicatedConnection } from "./client.ts"
import { isAlive } from "../embedded/process.ts"
import { replicaLock, singleProcessLock } from "./process-lock.ts"

const database = useTestDatabase({ empty: true, environment: { TROUPE_SINGLE_PROCESS_WAIT_MS: "300" } })

const layerOf = (environment: Environment) =>
  Layer.unwrapEffect(
    Effect.map(readSettings(environment), (settings) => Layer.provideMerge(Database.layer, Settings.layer(settings))),
  )

const open = (environment: Environment) =>
  Effect.runPromise(Effect.flip(Effect.scoped(Layer.build(layerOf(environment)))))

/** Ends every other connection to the test database, as a restart of the server does. */
const dropConnections = async () => {
  const admin = new pg.Client({ connectionString: database.url })
  await admin.connect()
  await admin.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  )
  await admin.end()
}

describe("Database.layer", () => {
  it("gives columns their JavaScript types", async () => {
    const rows = await database.run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (
          sql,
        ) => sql`select 9007199254740991::bigint as big, count(*) as count, array[1, 2]::bigint[] as bigs, array[]::bigint[] as none,
          '{"a": [1]}'::jsonb as document, '2026-06-01T10:00:00Z'::timestamptz as moment, '2026-06-01'::date as day,
          0.1::numeric as price, null::bigint as nothing`,
      ),
    )
    expect(rows).toEqual([
      {
        big: 9007199254740991,
        count: 1,
        bigs: [1, 2],
        none: [],
        document: { a: [1] },
        moment: new Date("2026-06-01T10:00:00Z"),
        day: "2026-06-01",
        price: "0.1",
        nothing: null,
      },
    ])
  })

  it("names its connections, and keeps the password out of what it prints", async () => {
    const rows = await database.run(
      Effect.flatMap(SqlClient.SqlClient, (sql) => sql`select current_setting('application_name') as name`),
    )
    expect(rows).toEqual([{ name: `troupe ${process.pid}` }])
    const place = await database.run(Effect.map(Database, (access) => access.place))
    expect(place).toMatch(/troupe_test_[0-9a-f]+$/)
    expect(place).not.toContain("@")
  })

  it("goes on after the server dropped all connections, idle and in use", async () => {
    const sleeper = database.run(
      Effect.flip(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`/* sleeper */ select pg_sleep(60)`)),
    )
    const isAsleep = Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql`select 1 from pg_stat_activity where query like '/* sleeper%' and datname = current_database()`,
    )
    await database.run(
      Effect.repeat(isAsleep, { until: (rows) => rows.length > 0, schedule: Schedule.spaced("10 millis") }),
    )
    await dropConnections()
    expect(await sleeper).toMatchObject({ _tag: "SqlError" })
    const query = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`select 1 as one`)
    expect(await database.run(Effect.retry(query, Schedule.recurs(10)))).toEqual([{ one: 1 }])
  })

  it("lets a statement that nobody waits for any more come to its end", async () => {
    const other = new pg.Client({ connectionString: database.url })
    await other.connect()
    await other.query("create table arrivals (id int)")
    await other.query("select pg_advisory_lock(7)")
    const arrive = Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql`insert into arrivals select 1 from (select pg_advisory_xact_lock(7)) held`,
    )
    const waiting = "select 1 from pg_locks where locktype = 'advisory' and not granted"
    const left = "select id from arrivals"
    await database.run(
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(arrive)
        yield* Effect.promise(() => eventually(async () => (await other.query(waiting)).rowCount, 1))
        yield* Fiber.interrupt(fiber)
        yield* Effect.promise(() => other.query("select pg_advisory_unlock(7)"))
      }),
    )
    // A cancelled one leaves nothing.
    await eventually(async () => (await other.query(left)).rowCount, 1)
    expect((await other.query(waiting)).rowCount).toBe(0)
    await other.end()
  })

  it("says where the database is and what is wrong, without the password", async () => {
    const probe = createServer().listen(0, "127.0.0.1")
    await new Promise((resolve) => probe.once("listening", resolve))
    const address = probe.address()
    const port = typeof address === "object" ? address?.port : undefined
    await new Promise((resolve) => probe.close(resolve))
    const error = await open({ TROUPE_DATABASE_URL: `postgres://ada:hunter2@localhost:${port}/troupe` })
    expect(error).toMatchObject({ _tag: "DatabaseError", reason: "unreachable" })
    expect(error.message).toContain(`localhost:${port}/troupe cannot be reached: connect ECONNREFUSED`)
    expect(error.message).not.toContain("hunter2")
    const unknown = new URL(database.url)
    unknown.pathname = "/nowhere"
    expect((await open({ TROUPE_DATABASE_URL: unknown.href })).message).toContain('database "nowhere" does not exist')
  })

  it("refuses a server that is too old", async () => {
    // What a server says is all that is looked at, so one that says 14 will do.
    const message = (kind: string, body: Buffer) => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(body.length + 4)
      return Buffer.concat([Buffer.from(kind), length, body])
    }
    const field = Buffer.concat([
      Buffer.from("version\0"),
      Buffer.alloc(6),
      Buffer.from([0, 0, 0, 25]),
      Buffer.alloc(8),
    ])
    const answer = Buffer.concat([
      message("T", Buffer.concat([Buffer.from([0, 1]), field])),
      message("D", Buffer.concat([Buffer.from([0, 1, 0, 0, 0, 6]), Buffer.from("140011")])),
      message("C", Buffer.from("SELECT 1\0")),
      message("Z", Buffer.from("I")),
    ])
    const hello = Buffer.concat([message("R", Buffer.alloc(4)), message("Z", Buffer.from("I"))])
    const old = createServer((socket) => {
      socket.once("data", () => {
        socket.write(hello)
        socket.once("data", () => socket.write(answer))
      })
      socket.on("error", () => undefined)
    }).listen(0, "127.0.0.1")
    await new Promise((resolve) => old.once("listening", resolve))
    const address = old.address()
    const port = typeof address === "object" ? address?.port : undefined
    const error = await open({ TROUPE_DATABASE_URL: `postgres://ada@127.0.0.1:${port}/troupe` })
    expect(error.message).toBe(`The database at 127.0.0.1:${port}/troupe is PostgreSQL 14. Troupe needs 15 or newer.`)
    await new Promise((resolve) => old.close(resolve))
  })
})

describe("the process lock", () => {
  const hold = async (lock: typeof singleProcessLock) => {
    const scope = await Effect.runPromise(Scope.make())
    const held = await database.run(Scope.extend(lock, scope))
    return { held, release: () => Effect.runPromise(Scope.close(scope, Exit.void)) }
  }
  const refused = (lock: typeof singleProcessLock) => database.run(Effect.flip(Effect.scoped(lock)))

  it("is had by one single process at a time, and free as soon as that one ends", async () => {
    const first = await hold(singleProcessLock)
    const error = await refused(singleProcessLock)
    expect(error).toMatchObject({ _tag: "DatabaseError", reason: "in_use" })
    expect(error.message).toMatch(/^Another Troupe runs on .*troupe_test_[0-9a-f]+ and did not end within 0\.3 s\./)
    const second = hold(singleProcessLock)
    await first.release()
    await (await second).release()
  })

  it("is shared among replicas, never with a single process", async () => {
    const replicas = [await hold(replicaLock), await hold(replicaLock)]
    expect((await refused(singleProcessLock)).reason).toBe("in_use")
    await Promise.all(replicas.map(({ release }) => release()))
    const single = await hold(singleProcessLock)
    expect((await refused(replicaLock)).message).toContain("without TROUPE_CLUSTER_ADDRESS")
    await single.release()
  })

  it("is taken again when its connection breaks", async () => {
    const first = await hold(singleProcessLock)
    const lost = Effect.runFork(first.held.lost)
    await dropConnections()
    // The server frees the lock with the connection; it is held again before anybody else comes.
    const holders = Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql`select 1 from pg_locks l join pg_database d on d.oid = l.database
      where locktype = 'advisory' and granted and datname = current_database()`,
    ).pipe(Effect.retry(Schedule.recurs(10)))
    await database.run(
      Effect.repeat(holders, { until: (rows) => rows.length === 1, schedule: Schedule.spaced("10 millis") }),
    )
    expect((await refused(singleProcessLock)).reason).toBe("in_use")
    expect(await Effect.runPromise(Fiber.poll(lost))).toMatchObject({ _tag: "None" })
    await first.release()
  })

  it("is lost when another process got it meanwhile", async () => {
    const first = await hold(singleProcessLock)
    const waiting = hold(singleProcessLock)
    const waits = Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql`select pid from pg_stat_activity
      where wait_event = 'advisory' and datname = current_database()`,
    )
    await database.run(
      Effect.repeat(waits, { until: (rows) => rows.length === 1, schedule: Schedule.spaced("5 millis") }),
    )
    // Only the holder's connection breaks: the one that waits gets the lock.
    await database.run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`select pg_terminate_backend(pid) from pg_locks
      where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())`,
      ),
    )
    await Effect.runPromise(first.held.lost)
    const second = await waiting
    expect((await refused(singleProcessLock)).reason).toBe("in_use")
    await Promise.all([first.release(), second.release()])
  })
})

describe("dedicatedConnection", () => {
  it("tells when it is lost", async () => {
    const gone = Effect.scoped(
      Effect.gen(function* () {
        const { client, closed } = yield* dedicatedConnection("test")
        yield* Effect.promise(() =>
          client.query("select pg_terminate_backend(pg_backend_pid())").catch(() => undefined),
        )
        yield* closed
        return "gone"
      }),
    )
    expect(await database.run(gone)).toBe("gone")
  })
})

describe("with the embedded server", () => {
  let dataDir = ""
  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), "troupe-client-"))
  })
  afterAll(() => rm(dataDir, { recursive: true, force: true }))

  const run = () => ManagedRuntime.make(layerOf({ TROUPE_DATA_DIR: dataDir }))
  const serverPid = async () =>
    Number(
      (await readFile(path.join(dataDir, "postgres", "data", "postmaster.pid"), "utf8").catch(() => "")).split("\n")[0],
    )
  const query = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`select 1 as one`)

  it("starts it, starts it again when it is killed, and stops it at the end", async () => {
    const runtime = run()
    expect(await runtime.runPromise(query)).toEqual([{ one: 1 }])
    const first = await serverPid()
    process.kill(first, "SIGKILL")
    await Effect.runPromise(
      Effect.repeat(Effect.promise(serverPid), {
        until: (pid) => pid > 0 && pid !== first,
        schedule: Schedule.spaced("5 millis"),
      }),
    )
    const second = await serverPid()
    const back = Effect.retry(query, Schedule.spaced("20 millis").pipe(Schedule.upTo("20 seconds")))
    expect(await runtime.runPromise(back)).toEqual([{ one: 1 }])
    await runtime.dispose()
    expect(isAlive(second)).toBe(false)
  })

  it("leaves it to another process that uses it", async () => {
    const runtime = run()
    const access = await runtime.runPromise(Database)
    const pid = await serverPid()
    const other = new pg.Client({ ...access.connection, application_name: "troupe 1" })
    await other.connect()
    await runtime.dispose()
    expect((await other.query("select 1 as one")).rows).toEqual([{ one: 1 }])
    await other.end()

    const next = run()
    await next.runPromise(query)
    expect(await serverPid()).toBe(pid)
    // The server takes its time to see that the other one has gone.
    const others = Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql`select pid from pg_stat_activity where application_name = 'troupe 1'`,
    )
    await eventually(() => next.runPromise(others), [])
    await next.dispose()
    expect(isAlive(pid)).toBe(false)
  })

  it("is had although another process is just stopping it", async () => {
    let previous = run()
    await previous.runPromise(query)
    for (let round = 0; round < 3; round++) {
      const next = run()
      const [access] = await Promise.all([next.runPromise(Database), previous.dispose()])
      expect(access.place).toBe(dataDir)
      const answers = Effect.retry(query, Schedule.spaced("20 millis").pipe(Schedule.upTo("20 seconds")))
      expect(await next.runPromise(answers)).toEqual([{ one: 1 }])
      previous = next
    }
    await previous.dispose()
  })

  it("does not show the password", async () => {
    const password = await readFile(path.join(dataDir, "postgres", "password"), "utf8")
    const runtime = run()
    const { place } = await runtime.runPromise(Database)
    expect(place).toBe(dataDir)
    const client = await runtime.runPromise(SqlClient.SqlClient)
    expect(JSON.stringify({ client, redacted: Redacted.make(password) })).not.toContain(password)
    await runtime.dispose()
  })
})
