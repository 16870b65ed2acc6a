import { SqlClient } from "@effect/sql"
import { Effect, Redacted } from "effect"
import { createHash, randomBytes } from "node:crypto"
import { chmod, link, readFile, rename, rm, stat, writeFile } from "node:fs/promises"
import path from "node:path"
import type { EncryptionKeyId } from "../../contract/ids.ts"
import { Settings, type SettingsValues } from "../../settings.ts"
import { errorCode, makeFolder } from "../embedded/files.ts"
import { advisoryLocks, lockSpace } from "./advisory-locks.ts"
import { EncryptionError } from "./encryption-error.ts"
import { sealedColumns } from "./sealed-columns.ts"
import { inTransaction } from "./transaction.ts"

const keyFileName = "encryption.keys"

/** The beginning of a key's hash: tells keys apart and gives nothing away. It stands in each envelope: `v1.KEY_ID.TEXT`. */
export const keyIdOf = (bytes: Uint8Array): EncryptionKeyId =>
  createHash("sha256").update("troupe key id").update(bytes).digest("hex").slice(0, 8)

const parseRing = (text: string): ReadonlyArray<Uint8Array> | undefined => {
  const keys = text
    .trim()
    .split(/[\s,]+/)
    .map((line) => Buffer.from(line, "base64"))
  return keys.every((key) => key.length === 32) ? keys : undefined
}

const keyFileError = (message: string) =>
  new EncryptionError({ operation: "Encryption.loadKeyRing", reason: "key_file", message })

const usingFile = <A>(file: string, use: () => Promise<A>) =>
  Effect.tryPromise({
    try: use,
    catch: (cause) =>
      keyFileError(
        `The key file ${file} cannot be used: ${cause instanceof Error ? cause.message : "unknown error"}. Set TROUPE_DATA_DIR to a folder this user may write to, or set TROUPE_ENCRYPTION_KEYS.`,
      ),
  })

/** Puts a new key in place whole, by a hard link, which fails when another start was first: then theirs is the ring. */
const createKeyFile = async (file: string): Promise<void> => {
  await makeFolder(path.dirname(file))
  const unfinished = `${file}.${process.pid}-${randomBytes(4).toString("hex")}`
  await writeFile(unfinished, `${randomBytes(32).toString("base64")}\n`, { mode: 0o600, flush: true })
  try {
    await link(unfinished, file)
  } catch (cause) {
    if (errorCode(cause) !== "EEXIST") throw cause
  } finally {
    await rm(unfinished, { force: true })
  }
}

/** Windows has no such modes. A file that is not ours stays as it is, and the warning comes at each start. */
const hideFromOthers = Effect.fn("Encryption.hideFromOthers")(function* (file: string) {
  if (process.platform === "win32") return
  const { mode } = yield* usingFile(file, () => stat(file))
  if ((mode & 0o077) === 0) return
  const mended = yield* Effect.promise(() =>
    chmod(file, 0o600).then(
      () => true,
      () => false,
    ),
  )
  yield* Effect.logWarning(
    `Other users of this machine could read the key file ${file}. ${mended ? "Now only its owner can" : "Make it readable for its owner only"}. If one of them may have read it, renew the API keys that are stored in Troupe.`,
  )
})

/** The ring in the data folder: base64 of 32 bytes per line, newest first. Undefined when there is no file. */
const readKeyRing = Effect.fn("Encryption.readKeyRing")(function* (file: string) {
  const text = yield* usingFile(file, () =>
    readFile(file, "utf8").catch((cause: unknown) => {
      if (errorCode(cause) === "ENOENT") return undefined
      throw cause
    }),
  )
  if (text === undefined) return undefined
  const keys = parseRing(text)
  if (keys === undefined) {
    return yield* keyFileError(
      `The key file ${file} is damaged: it must hold base64 of 32 bytes per line. Restore it from a backup.`,
    )
  }
  yield* hideFromOthers(file)
  return Redacted.make(keys)
})

/**
 * The ring kept in the data folder, made at the first start with mode 0600. Losing it loses the secrets; it belongs in
 * backups, apart from the database.
 */
export const loadKeyRing = Effect.fn("Encryption.loadKeyRing")(function* (dataDir: string) {
  const file = path.join(dataDir, keyFileName)
  const ring = yield* readKeyRing(file)
  if (ring !== undefined) return ring
  yield* usingFile(file, () => createKeyFile(file))
  return (yield* readKeyRing(file)) ?? (yield* keyFileError(`The key file ${file} was removed while it was made.`))
})

const keyLost = (secrets: number, keyIds: ReadonlyArray<string>, file: string | undefined, isMissing: boolean) => {
  const ring = file ?? "TROUPE_ENCRYPTION_KEYS"
  const [what, remedy] = isMissing
    ? [`The key file ${ring} is missing`, "Restore the file from a backup, or set TROUPE_ENCRYPTION_KEYS."]
    : [`A key is missing in ${ring}`, "Add the key, from a backup, after those that are there."]
  return new EncryptionError({
    operation: "Encryption.openKeyRing",
    reason: "key_lost",
    message:
      `${what}: ${secrets === 1 ? "one secret" : `${secrets} secrets`} in the database can be read only with it (${keyIds.join(", ")}). ` +
      `${remedy} If it is lost for good, start once with TROUPE_FORGET_LOST_SECRETS=on: these secrets are removed and have to be entered again.`,
  })
}

/** The file of the ring, where no setting has it. */
const ringFile = ({ encryptionKeys, dataDir }: SettingsValues): string | undefined =>
  encryptionKeys === undefined ? path.join(dataDir, keyFileName) : undefined

/** The ring as it is, with nothing made and nothing asked of the database. Undefined when there is none. */
export const readRing = Effect.fn("Encryption.readRing")(function* () {
  const settings = yield* Settings
  const file = ringFile(settings)
  return file === undefined ? settings.encryptionKeys : yield* readKeyRing(file)
})

/** Puts a new key before those of the file. Refused where the setting has the keys. Others who read it see all or nothing of that. */
export const addKeyToFile = Effect.fn("Encryption.addKeyToFile")(function* () {
  const settings = yield* Settings
  const file = ringFile(settings)
  if (file === undefined) {
    return yield* keyFileError(
      "The keys are those of TROUPE_ENCRYPTION_KEYS. Put a new one before them there, made by `openssl rand -base64 32`.",
    )
  }
  const older = yield* Effect.map(loadKeyRing(settings.dataDir), Redacted.value)
  const text = [randomBytes(32), ...older].map((key) => `${Buffer.from(key).toString("base64")}\n`).join("")
  const unfinished = `${file}.${process.pid}-${randomBytes(4).toString("hex")}`
  yield* usingFile(file, async () => {
    await writeFile(unfinished, text, { mode: 0o600, flush: true })
    await rename(unfinished, file)
  })
})

/** One start or rotation at a time, until the transaction ends. */
export const lockKeys = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  sql`select pg_advisory_xact_lock(${lockSpace}::int, ${advisoryLocks.keys}::int)`.pipe(Effect.orDie, Effect.asVoid),
)

/** The secrets in use that none of these keys opens, by column and key. */
const lostSecrets = Effect.fnUntraced(function* (known: ReadonlyArray<EncryptionKeyId>) {
  const sql = yield* SqlClient.SqlClient
  return yield* Effect.forEach(sealedColumns, ([, { table, column, live }]) =>
    Effect.map(
      sql<{ key_id: EncryptionKeyId; secrets: number }>`
        select split_part(${sql(column)}, '.', 2) as key_id, count(*)::int as secrets from ${sql(table)}
        where ${sql(column)} is not null and ${sql.literal(live)}
          and not split_part(${sql(column)}, '.', 2) = any(${[...known, ""]}::text[])
        group by 1`.pipe(Effect.orDie),
      (rows) => ({ table, column, rows }),
    ),
  )
})

const warnOfClear = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const [, { table, column, holds }] of sealedColumns) {
    const found = yield* sql`
      select from ${sql(table)} where split_part(${sql(column)}, '.', 2) = '' and ${sql(column)} is not null limit 1
    `.pipe(Effect.orDie)
    if (found.length > 0) {
      yield* Effect.logWarning(`There are ${holds} in the clear in the database. \`troupe keys rotate\` encrypts them.`)
    }
  }
})

/**
 * The ring of `TROUPE_ENCRYPTION_KEYS`, or the one in the data folder. Refused while there are secrets that none of its keys
 * opens: a new key made in place of a lost one would hide the loss until the next call of a model. `forServer` writes down which
 * keys there are, for a rotation that runs beside the server.
 */
export const openKeyRing = Effect.fn("Encryption.openKeyRing")(function* (forServer = false) {
  const sql = yield* SqlClient.SqlClient
  const settings = yield* Settings
  const open = Effect.gen(function* () {
    yield* lockKeys
    const present = yield* readRing()
    const lost = yield* lostSecrets(present === undefined ? [] : Redacted.value(present).map(keyIdOf))
    const keyIds = [...new Set(lost.flatMap(({ rows }) => rows.map(({ key_id }) => key_id)))].toSorted()
    if (keyIds.length > 0 && !settings.forgetLostSecrets) {
      const secrets = lost.flatMap(({ rows }) => rows).reduce((sum, row) => sum + row.secrets, 0)
      return yield* keyLost(secrets, keyIds, ringFile(settings), present === undefined)
    }
    for (const { table, column, rows } of lost) {
      if (rows.length === 0) continue
      yield* sql`
        update ${sql(table)} set ${sql(column)} = null where split_part(${sql(column)}, '.', 2) = any(${keyIds}::text[])
      `.pipe(Effect.orDie)
      yield* Effect.logWarning(`Secrets of ${table} were removed: the key that they were encrypted with is lost.`)
    }
    const ring = present ?? (yield* loadKeyRing(settings.dataDir))
    if (forServer) yield* warnOfClear
    if (forServer) {
      yield* sql`delete from known_keys`.pipe(Effect.orDie)
      const known = Redacted.value(ring).map((key) => ({ key_id: keyIdOf(key) }))
      yield* sql`insert into known_keys ${sql.insert(known)} on conflict do nothing`.pipe(Effect.orDie)
    }
    return ring
  })
  return yield* inTransaction(sql, open)
})
