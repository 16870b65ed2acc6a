import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Data, Effect } from "effect"
import { createHash } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import path from "node:path"
import pg from "pg"
import { migrationsFolder } from "../migrations-folder.ts"
import { advisoryLocks, lockSpace } from "./advisory-locks.ts"
import { withoutTimeLimit } from "./pool.ts"

/**
 * The database's schema and this program do not go together. `message` says what to do.
 *
 * - `folder`: the folder of migrations is missing or holds a file with a wrong name.
 * - `changed`: a file was changed after it ran.
 * - `newer`: the database has migrations that this program does not know.
 * - `failed`: a migration failed; it was rolled back, those before it stay.
 */
export class MigrationError extends Data.TaggedError("MigrationError")<{
  readonly operation: string
  readonly reason: "folder" | "changed" | "newer" | "failed"
  readonly migration: string
  readonly message: string
}> {}

interface Migration {
  readonly version: number
  readonly name: string
  readonly checksum: string
  readonly text: string
}

interface Applied {
  readonly version: number
  readonly name: string
  readonly checksum: string
}

const fileName = /^(\d{4})_([a-z0-9_]+)\.sql$/

const readMigration = async (folder: string, file: string): Promise<Migration> => {
  const match = fileName.exec(file)
  if (match === null) {
    throw new MigrationError({
      operation: "Migrator.read",
      reason: "folder",
      migration: file,
      message: `The migration ${file} must be named NNNN_name.sql.`,
    })
  }
  // A checkout on Windows may turn the line ends.
  const text = (await readFile(path.join(folder, file), "utf8")).replaceAll("\r\n", "\n")
  const checksum = createHash("sha256").update(text).digest("hex")
  return { version: Number(match[1]), name: file.replace(/\.sql$/, ""), checksum, text }
}

const readMigrations = (folder: string): Effect.Effect<ReadonlyArray<Migration>, MigrationError> =>
  Effect.tryPromise({
    try: async () => {
      const files = (await readdir(folder)).filter((file) => file.endsWith(".sql")).toSorted()
      return Promise.all(files.map((file) => readMigration(folder, file)))
    },
    catch: (cause) =>
      cause instanceof MigrationError
        ? cause
        : new MigrationError({
            operation: "Migrator.read",
            reason: "folder",
            migration: folder,
            message: `The folder ${folder} cannot be read. It belongs beside dist; install the release anew.`,
          }),
  }).pipe(Effect.tap(requireOneEach))

const requireOneEach = (migrations: ReadonlyArray<Migration>) => {
  const twin = migrations.find((migration, index) => migrations[index - 1]?.version === migration.version)
  return twin === undefined
    ? Effect.void
    : new MigrationError({
        operation: "Migrator.read",
        reason: "folder",
        migration: twin.name,
        message: `Two migrations have the number of ${twin.name}.`,
      })
}

const undefinedTable = "42P01"
const databaseError = (error: SqlError) => (error.cause instanceof pg.DatabaseError ? error.cause : undefined)

/** What ran on this database; nothing when it is new. */
const readApplied = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<Applied>`select version, name, checksum from schema_migrations order by version`.pipe(
    Effect.catchIf(
      (error) => databaseError(error)?.code === undefinedTable,
      () => Effect.succeed([]),
    ),
    Effect.orDie,
  )
})

const check = (migrations: ReadonlyArray<Migration>, applied: ReadonlyArray<Applied>) =>
  Effect.forEach(
    applied,
    ({ version, name, checksum }) => {
      const known = migrations.find((migration) => migration.version === version)
      if (known?.checksum === checksum) return Effect.void
      return new MigrationError({
        operation: "Migrator.check",
        reason: known === undefined ? "newer" : "changed",
        migration: name,
        message:
          known === undefined
            ? `The database has the migration ${name}, which this release does not know. Start the newer release.`
            : `The migration ${name} was changed after it ran on this database. Restore its file; a change belongs in a new migration.`,
      })
    },
    { discard: true },
  )

/** Runs one migration unless another start did so meanwhile. The lock lasts as long as the transaction. */
const apply = Effect.fn("Migrator.apply")(function* (migration: Migration) {
  const sql = yield* SqlClient.SqlClient
  const { version, name, checksum } = migration
  return yield* Effect.gen(function* () {
    yield* sql`set local statement_timeout = 0`
    yield* sql`select pg_advisory_xact_lock(${lockSpace}, ${advisoryLocks.migrations})`
    yield* sql`create table if not exists schema_migrations (
      version integer primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`
    const done = yield* sql`select 1 from schema_migrations where version = ${version}`
    if (done.length > 0) return false
    yield* sql.unsafe(migration.text)
    yield* sql`insert into schema_migrations ${sql.insert({ version, name, checksum })}`
    return true
  }).pipe(
    sql.withTransaction,
    withoutTimeLimit,
    Effect.mapError(
      (error) =>
        new MigrationError({
          operation: "Migrator.apply",
          reason: "failed",
          migration: name,
          message: `The migration ${name} failed and was rolled back: ${databaseError(error)?.message ?? error.message}.`,
        }),
    ),
  )
})

/**
 * Brings the database to this program's schema and gives the names of the migrations that ran now. One query when there is
 * nothing to do. Several processes may start at once.
 */
export const migrate = Effect.fn("Migrator.migrate")(function* (folder: string = migrationsFolder) {
  const migrations = yield* readMigrations(folder)
  const applied = yield* readApplied
  yield* check(migrations, applied)
  const known = new Set(applied.map(({ version }) => version))
  const pending = migrations.filter(({ version }) => !known.has(version))
  if (pending.length === 0) return []
  // Not Effect.filter, which goes from the last to the first.
  const done = yield* Effect.forEach(pending, (migration) =>
    Effect.map(apply(migration), (ran) => (ran ? [migration.name] : [])),
  )
  yield* Effect.flatMap(readApplied, (now) => check(migrations, now))
  return done.flat()
})

/**
 * How the schema of the database stands to this program: `none` for a database that nobody has used yet. Fails for one that this
 * program does not go with. Changes nothing.
 */
export const schemaState = Effect.fn("Migrator.schemaState")(function* (folder: string = migrationsFolder) {
  const migrations = yield* readMigrations(folder)
  const applied = yield* readApplied
  yield* check(migrations, applied)
  if (applied.length === 0) return "none"
  return applied.length < migrations.length ? "older" : "current"
})
