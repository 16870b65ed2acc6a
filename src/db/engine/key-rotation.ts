import { SqlClient } from "@effect/sql"
import { Data, Effect, Redacted } from "effect"
import type { EncryptionKeyId } from "../../contract/ids.ts"
import { advisoryLocks, lockSpace } from "./advisory-locks.ts"
import { CLEAR, makeEncryption } from "./encryption.ts"
import { keyIdOf, lockKeys, readRing } from "./key-ring.ts"
import { placeIn, type SealedColumn, sealedColumns, type SealedName } from "./sealed-columns.ts"
import { inTransaction } from "./transaction.ts"

/**
 * All secrets written anew: with the newest key, or in the clear. Each batch is a transaction of its own and begins with what is
 * left to do, so that what was killed at any point is gone on with by calling it again. Nothing but the envelope changes, and
 * rows that are being written meanwhile are waited for.
 */

/** Why nothing may be written just now. `message` is a sentence that says what to do. */
export class RotationRefused extends Data.TaggedError("RotationRefused")<{
  readonly operation: string
  readonly message: string
}> {}

/** A secret that could not be read: it stays as it is. */
export interface Unreadable {
  readonly place: string
  readonly reason: string
}

export interface Rewritten {
  readonly rewritten: number
  readonly unreadable: ReadonlyArray<Unreadable>
}

export interface SecretsOfKey {
  readonly column: SealedName
  /** Null for what stands in the clear. */
  readonly keyId: EncryptionKeyId | null
  readonly secrets: number
}

const BATCH = 100

const refused = (operation: string, message: string) => new RotationRefused({ operation, message })

/** How many secrets each key has, by column. */
export const secretsByKey = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const counted = yield* Effect.forEach(sealedColumns, ([name, { table, column }]) =>
    sql<SecretsOfKey>`
      select ${name} as column, nullif(split_part(${sql(column)}, '.', 2), '') as "keyId", count(*)::int as secrets
      from ${sql(table)} where ${sql(column)} is not null group by 2 order by 2 nulls first
    `.pipe(Effect.orDie),
  )
  return counted.flat()
})

/** The keys that the server at work opens secrets with; undefined when there is none at work. */
export const keysOfServer = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ runs: boolean; known: ReadonlyArray<EncryptionKeyId> }>`
    select exists (
             select from pg_locks l join pg_database d on d.oid = l.database and d.datname = current_database()
             where l.locktype = 'advisory' and l.classid::bigint = ${lockSpace}::bigint
               and l.objid::bigint = ${advisoryLocks.process} and l.objsubid = 2 and l.granted) as runs,
           array(select key_id from known_keys order by key_id) as known
  `.pipe(Effect.orDie)
  return row?.runs === true ? row.known : undefined
})

interface Rewriting<R> {
  readonly operation: string
  /** The beginning of the envelopes that stay as they are. */
  readonly done: string
  readonly seal: (name: SealedName, id: string, secret: Redacted.Redacted) => string
  /** Asked within each batch. */
  readonly check: Effect.Effect<void, RotationRefused, SqlClient.SqlClient>
  /** Carried out within the first batch that changes anything. */
  readonly record: Effect.Effect<void, never, R>
}

const rewrite = Effect.fnUntraced(function* <R>({ operation, done, seal, check, record }: Rewriting<R>) {
  const sql = yield* SqlClient.SqlClient
  const ring = yield* readRing()
  if (ring === undefined)
    return yield* refused(operation, "There is no key yet: the first start of the server makes one.")
  const encryption = makeEncryption(ring)
  const unreadable: Array<Unreadable> = []
  let rewritten = 0

  const open = (name: SealedName, { id, envelope }: { readonly id: string; readonly envelope: string }) =>
    encryption.decrypt(placeIn(name, id), envelope).pipe(
      Effect.map((secret) => ({ id, envelope: seal(name, id, secret), failure: undefined })),
      Effect.catchAll(({ message }) => Effect.succeed({ id, envelope, failure: message })),
    )

  const batch = (name: SealedName, { table, column }: SealedColumn, after: string | null) =>
    Effect.gen(function* () {
      yield* lockKeys
      yield* check
      const rows = yield* sql<{ id: string; envelope: string }>`
        select id::text, ${sql(column)} as envelope from ${sql(table)}
        where ${sql(column)} is not null and not starts_with(${sql(column)}, ${done})
          and (${after}::uuid is null or id > ${after}::uuid)
        order by id limit ${BATCH} for update
      `.pipe(Effect.orDie)
      const opened = yield* Effect.forEach(rows, (row) => open(name, row))
      const sealed = opened.filter(({ failure }) => failure === undefined)
      if (sealed.length > 0) {
        yield* sql`
          update ${sql(table)} t set ${sql(column)} = made.envelope
          from unnest(${sealed.map(({ id }) => id)}::uuid[], ${sealed.map((row) => row.envelope)}::text[]) as made (id, envelope)
          where t.id = made.id
        `.pipe(Effect.orDie)
        if (rewritten === 0) yield* record
      }
      return { opened, sealed: sealed.length, last: rows.length === BATCH ? rows.at(-1)?.id : undefined }
    })

  for (const [name, column] of sealedColumns) {
    let after: string | null = null
    do {
      const { opened, sealed, last }: Effect.Effect.Success<ReturnType<typeof batch>> = yield* inTransaction(
        sql,
        batch(name, column, after),
      )
      rewritten += sealed
      for (const { id, failure } of opened)
        if (failure !== undefined) unreadable.push({ place: placeIn(name, id), reason: failure })
      after = last ?? null
    } while (after !== null)
  }
  return { rewritten, unreadable } satisfies Rewritten
})

/** Encrypts everything with the newest key of the ring. Refused while a server works that could not open it then. */
export const rotate = Effect.fn("KeyRotation.rotate")(function* <R>(record: Effect.Effect<void, never, R>) {
  const operation = "KeyRotation.rotate"
  const ring = yield* readRing()
  const newest = ring === undefined ? undefined : Redacted.value(ring)[0]
  if (ring === undefined || newest === undefined) {
    return yield* refused(operation, "There is no key yet: the first start of the server makes one.")
  }
  const keyId = keyIdOf(newest)
  const { encrypt } = makeEncryption(ring)
  return yield* rewrite({
    operation,
    done: `v1.${keyId}.`,
    seal: (name, id, secret) => encrypt(placeIn(name, id), secret),
    check: Effect.flatMap(keysOfServer, (known) =>
      known === undefined || known.includes(keyId)
        ? Effect.void
        : refused(
            operation,
            `The server that runs does not have the newest key (${keyId}). Restart it with the same keys, and rotate then.`,
          ),
    ),
    record,
  })
})

/** Takes the encryption off everything. Refused while a server works: it would encrypt what is entered meanwhile. */
export const decryptAll = Effect.fn("KeyRotation.decryptAll")(function* <R>(record: Effect.Effect<void, never, R>) {
  const operation = "KeyRotation.decryptAll"
  return yield* rewrite({
    operation,
    done: CLEAR,
    seal: (_name, _id, secret) => `${CLEAR}${Redacted.value(secret)}`,
    check: Effect.flatMap(keysOfServer, (known) =>
      known === undefined
        ? Effect.void
        : refused(
            operation,
            "A server runs on this database: it would encrypt what is entered meanwhile. Stop it first.",
          ),
    ),
    record,
  })
})
