import { SqlClient } from "@effect/sql"
import { Effect, Redacted } from "effect"
import { randomBytes, randomUUID } from "node:crypto"
import { mkdtemp, readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import pg from "pg"
import { beforeEach, describe, expect, it } from "vitest"
import { CLEAR, makeEncryption } from "../../src/db/engine/encryption.ts"
import { keyIdOf } from "../../src/db/engine/key-ring.ts"
import { placeIn } from "../../src/db/engine/sealed-columns.ts"
import { type CommandOptions, startTroupe, troupe, troupeJson } from "../support/command-line.ts"
import { eventually } from "../support/eventually.ts"
import { useTestDatabase } from "../support/postgres.ts"
import { ServerRun } from "../support/server-process.ts"

/** `troupe keys`: every secret is there at every moment, whatever is killed. */

const database = useTestDatabase()
const [older, newer, newest] = [randomBytes(32), randomBytes(32), randomBytes(32)]
const textOf = (keys: ReadonlyArray<Uint8Array>) => keys.map((key) => Buffer.from(key).toString("base64")).join(",")

/** Two whole batches, and a part of a third. */
const SECRETS = 250
const ids = Array.from({ length: SECRETS }, () => randomUUID()).toSorted()
const secretOf = (id: string) => `sk-${id}`

const withKeys = (...keys: ReadonlyArray<Uint8Array>): CommandOptions => ({
  environment: {
    TROUPE_DATABASE_URL: database.url,
    TROUPE_DATA_DIR: database.dataDir,
    TROUPE_ENCRYPTION_KEYS: textOf(keys),
  },
})

const rows = () =>
  database.run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) =>
        sql<{ id: string; api_key: string }>`select id, api_key from providers where api_key is not null order by id`,
    ),
  )

/** How many secrets each key has; every one of them is read. */
const countedWith = async (...keys: ReadonlyArray<Uint8Array>) => {
  const { decrypt } = makeEncryption(Redacted.make(keys))
  const counted: Record<string, number> = {}
  for (const { id, api_key } of await rows()) {
    expect(Redacted.value(Effect.runSync(decrypt(placeIn("providers:api_key", id), api_key)))).toBe(secretOf(id))
    const keyId = api_key.startsWith(CLEAR) ? "clear" : (api_key.split(".")[1] ?? "")
    counted[keyId] = (counted[keyId] ?? 0) + 1
  }
  return counted
}

const waitingForLocks = () =>
  database.run(
    Effect.flatMap(SqlClient.SqlClient, (sql) =>
      Effect.map(
        sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        (found) => found.length,
      ),
    ),
  )

const auditRows = () =>
  database.run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql<{ diff: unknown }>`select diff from audit_log where resource_type = 'encryption' order by time`,
    ),
  )

beforeEach(async () => {
  const { encrypt } = makeEncryption(Redacted.make([older]))
  await database.run(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`delete from audit_log`
      yield* sql`delete from providers where source = 'database'`
      yield* sql`insert into providers ${sql.insert(
        ids.map((id) => ({
          id,
          type: "openai",
          display_name: id,
          api_key: encrypt(placeIn("providers:api_key", id), Redacted.make(secretOf(id))),
        })),
      )}`
    }),
  )
})

describe("troupe keys rotate", () => {
  it("writes all secrets with the newest key, and says so once in the audit log", async () => {
    expect(await countedWith(older)).toEqual({ [keyIdOf(older)]: SECRETS })
    const rotated = await troupeJson(["keys", "rotate"], withKeys(newer, older))
    expect(rotated).toEqual({ rewritten: SECRETS, unreadable: [] })
    expect(await countedWith(newer)).toEqual({ [keyIdOf(newer)]: SECRETS })
    expect(await troupeJson(["keys", "rotate"], withKeys(newer, older))).toEqual({ rewritten: 0, unreadable: [] })
    expect(await auditRows()).toEqual([
      { diff: { key_id: { old: keyIdOf(older), new: keyIdOf(newer), secret: false } } },
    ])
  })

  it.each([
    ["before anything is written", 0],
    ["within the first batch", 50],
    ["between two batches", 100],
    ["within the second batch", 199],
    ["before the last secret", SECRETS - 1],
  ])("goes on after it was killed %s, with nothing lost", { timeout: 60_000 }, async (_when, held) => {
    const holder = new pg.Client({ connectionString: database.url })
    await holder.connect()
    try {
      // It waits for this secret, as for one that the server is just writing.
      await holder.query("begin")
      await holder.query("select 1 from providers where id = $1 for update", [ids[held]])
      const rotation = startTroupe(["keys", "rotate"], withKeys(newer, older))
      await eventually(waitingForLocks, 1)
      rotation.kill9()
      await rotation.ended
      const done = held - (held % 100)
      expect(await countedWith(newer, older)).toEqual({
        ...(done > 0 && { [keyIdOf(newer)]: done }),
        [keyIdOf(older)]: SECRETS - done,
      })
      await holder.query("commit")
      expect(await troupeJson(["keys", "rotate"], withKeys(newer, older))).toMatchObject({ rewritten: SECRETS - done })
      expect(await countedWith(newer)).toEqual({ [keyIdOf(newer)]: SECRETS })
    } finally {
      await holder.end()
    }
  })

  it("keeps what somebody enters meanwhile, and rotates twice at once", { timeout: 60_000 }, async () => {
    const entered = randomUUID()
    const write = makeEncryption(Redacted.make([older]))
    const envelope = write.encrypt(placeIn("providers:api_key", entered), Redacted.make(secretOf(entered)))
    const enter = database.run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) =>
          sql`insert into providers ${sql.insert({ id: entered, type: "openai", display_name: entered, api_key: envelope })}`,
      ),
    )
    const [first, second] = await Promise.all([
      troupeJson(["keys", "rotate"], withKeys(newer, older)),
      troupeJson(["keys", "rotate"], withKeys(newer, older)),
      enter,
    ])
    await countedWith(newer, older)
    const rest = await troupeJson(["keys", "rotate"], withKeys(newer, older))
    const counts = [first, second, rest].map((said) => (said as { rewritten: number }).rewritten)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(SECRETS + 1)
    expect(await countedWith(newer)).toEqual({ [keyIdOf(newer)]: SECRETS + 1 })
  })

  it("leaves what it cannot read as it is, names it, and ends with 1", async () => {
    const [first, second] = ids
    await database.run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) =>
          sql`update providers p set api_key = (select api_key from providers where id = ${first ?? ""}) where p.id = ${second ?? ""}`,
      ),
    )
    const { code, stdout } = await troupe(["keys", "rotate", "--json"], withKeys(newer, older))
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      rewritten: SECRETS - 1,
      unreadable: [{ place: `providers:api_key:${second}`, reason: expect.stringContaining("damaged") }],
    })
    expect((await rows()).find(({ id }) => id === second)?.api_key).toContain(keyIdOf(older))
  })

  it(
    "is refused beside a server that could not open what it writes, and works beside one that can",
    { timeout: 60_000 },
    async () => {
      const { environment } = withKeys(older)
      const without = new ServerRun(environment)
      await without.ready()
      const ended = await troupe(["keys", "rotate"], withKeys(newer, older))
      expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining(`newest key (${keyIdOf(newer)})`) })
      expect(await countedWith(older)).toEqual({ [keyIdOf(older)]: SECRETS })
      await without.end("SIGTERM")

      const withBoth = new ServerRun(withKeys(older, newer).environment)
      await withBoth.ready()
      expect(await troupeJson(["keys", "status"], withKeys(newer, older))).toMatchObject({
        keys: [keyIdOf(newer), keyIdOf(older)],
        secrets: [
          { key: keyIdOf(older), use: "older", secrets: SECRETS },
          { key: keyIdOf(newer), use: "newest", secrets: 0 },
        ],
        server: { keys: [keyIdOf(newer), keyIdOf(older)].toSorted() },
      })
      expect(await troupeJson(["keys", "rotate"], withKeys(newer, older))).toMatchObject({ rewritten: SECRETS })
      await withBoth.end("SIGTERM")

      // Without the new key nothing starts from now on, and the old one is needed no more.
      const lost = await new ServerRun(environment).ended
      expect(lost.code).toBe(1)
      expect(await troupe(["keys", "status"], withKeys(older))).toMatchObject({
        code: 1,
        stdout: expect.stringContaining("lost"),
      })
      const served = new ServerRun(withKeys(newer).environment)
      await served.ready()
      await served.end("SIGTERM")
    },
  )
})

describe("troupe keys decrypt-all", () => {
  it(
    "leaves every secret in the clear, from where a start with any key reads it and a rotation encrypts it",
    { timeout: 60_000 },
    async () => {
      expect(await troupe(["keys", "decrypt-all"], withKeys(older))).toMatchObject({ code: 1 })
      expect(await countedWith(older)).toEqual({ [keyIdOf(older)]: SECRETS })
      expect(await troupeJson(["keys", "decrypt-all", "--yes"], withKeys(older))).toMatchObject({ rewritten: SECRETS })
      expect(await countedWith(newest)).toEqual({ clear: SECRETS })
      expect((await rows())[0]?.api_key).toBe(`${CLEAR}${secretOf(ids[0] ?? "")}`)
      const served = new ServerRun(withKeys(newest).environment)
      await served.ready()
      await served.end("SIGTERM")
      expect(served.stderr).toContain("in the clear")
      expect(served.stderr).not.toContain(secretOf(ids[0] ?? ""))
      expect(await troupeJson(["keys", "rotate"], withKeys(newest))).toMatchObject({ rewritten: SECRETS })
      expect(await countedWith(newest)).toEqual({ [keyIdOf(newest)]: SECRETS })
      expect(await auditRows()).toHaveLength(2)
    },
  )
})

describe("the key file", () => {
  it("gets a new key before the others, with everything written anew", async () => {
    const dataDir = await mkdtemp(path.join(database.dataDir, "keys-"))
    const file = path.join(dataDir, "encryption.keys")
    await writeFile(file, `${textOf([older])}\n`, { mode: 0o600 })
    const options = { environment: { TROUPE_DATABASE_URL: database.url, TROUPE_DATA_DIR: dataDir } }
    expect(await troupeJson(["keys", "rotate", "--new-key"], options)).toMatchObject({ rewritten: SECRETS })
    const [made = "", kept, ...rest] = (await readFile(file, "utf8")).split("\n")
    expect([kept, ...rest]).toEqual([textOf([older]), ""])
    expect(await countedWith(Buffer.from(made, "base64"))).toEqual({ [keyIdOf(Buffer.from(made, "base64"))]: SECRETS })
    const setting = await troupe(["keys", "rotate", "--new-key"], withKeys(older))
    expect(setting).toMatchObject({ code: 1, stderr: expect.stringContaining("TROUPE_ENCRYPTION_KEYS") })
  })
})
