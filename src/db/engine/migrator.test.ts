import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { useTestDatabase } from "../../../test/support/postgres.ts"
import { migrate } from "./migrator.ts"

const database = useTestDatabase({ empty: true })
let folder = ""

const write = (name: string, text: string) => writeFile(path.join(folder, name), text)
const tables = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<{ name: string }>`select tablename as name from pg_tables where schemaname = 'public' order by 1`,
).pipe(Effect.map((rows) => rows.map(({ name }) => name)))

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "troupe-migrations-"))
  await database.run(
    Effect.flatMap(SqlClient.SqlClient, (sql) =>
      sql`drop schema public cascade`.pipe(Effect.zipRight(sql`create schema public`)),
    ),
  )
})

afterEach(() => rm(folder, { recursive: true, force: true }))

describe("migrate", () => {
  it("runs the files in order, several statements each, and nothing the second time", async () => {
    await write(
      "0002_rooms.sql",
      "create table rooms (house bigint references houses);\ncreate index on rooms (house);",
    )
    await write("0001_houses.sql", "create table houses (id bigint primary key);")
    expect(await database.run(migrate(folder))).toEqual(["0001_houses", "0002_rooms"])
    expect(await database.run(tables)).toEqual(["houses", "rooms", "schema_migrations"])
    expect(await database.run(migrate(folder))).toEqual([])
  })

  it("runs each migration once when several starts come together", async () => {
    await write("0001_houses.sql", "create table houses (id bigint primary key);")
    await write("0002_rows.sql", "insert into houses values (1);")
    const runs = await Promise.all(Array.from({ length: 5 }, () => database.run(migrate(folder))))
    expect(runs.flat().toSorted()).toEqual(["0001_houses", "0002_rows"])
  })

  it("rolls a failed migration back whole and keeps those before it", async () => {
    await write("0001_houses.sql", "create table houses (id bigint primary key);")
    await write("0002_broken.sql", "create table rooms (id bigint); select nonsense;")
    const error = await database.run(Effect.flip(migrate(folder)))
    expect(error).toMatchObject({ _tag: "MigrationError", reason: "failed", migration: "0002_broken" })
    expect(error.message).toContain('column "nonsense" does not exist')
    expect(await database.run(tables)).toEqual(["houses", "schema_migrations"])
  })

  it("refuses a file that was changed after it ran, but not one with other line ends", async () => {
    await write("0001_houses.sql", "create table houses (\n  id bigint\n);")
    await database.run(migrate(folder))
    await write("0001_houses.sql", "create table houses (\r\n  id bigint\r\n);")
    expect(await database.run(migrate(folder))).toEqual([])
    await write("0001_houses.sql", "create table houses (id uuid);")
    expect(await database.run(Effect.flip(migrate(folder)))).toMatchObject({
      reason: "changed",
      migration: "0001_houses",
    })
  })

  it("refuses a database that is newer than the program", async () => {
    await write("0001_houses.sql", "create table houses (id bigint);")
    await write("0002_rooms.sql", "create table rooms (id bigint);")
    await database.run(migrate(folder))
    await rm(path.join(folder, "0002_rooms.sql"))
    const error = await database.run(Effect.flip(migrate(folder)))
    expect(error).toMatchObject({ reason: "newer", migration: "0002_rooms" })
    expect(error.message).toContain("Start the newer release")
  })

  it("refuses wrong names, double numbers and a missing folder", async () => {
    await write("1_short.sql", "select 1;")
    expect(await database.run(Effect.flip(migrate(folder)))).toMatchObject({
      reason: "folder",
      migration: "1_short.sql",
    })
    await rm(path.join(folder, "1_short.sql"))
    await write("0001_a.sql", "select 1;")
    await write("0001_b.sql", "select 1;")
    expect(await database.run(Effect.flip(migrate(folder)))).toMatchObject({ reason: "folder", migration: "0001_b" })
    expect(await database.run(Effect.flip(migrate(path.join(folder, "none"))))).toMatchObject({ reason: "folder" })
  })
})
