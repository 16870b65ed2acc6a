import { Effect, Redacted } from "effect"
import type { EncryptionKeyId } from "../contract/ids.ts"
import { addKeyToFile, keyIdOf, readRing } from "../db/engine/key-ring.ts"
import { decryptAll, keysOfServer, rotate, type Rewritten, secretsByKey } from "../db/engine/key-rotation.ts"
import { SEALED } from "../db/engine/sealed-columns.ts"
import { Audit } from "../identity/audit/audit.ts"
import { plural, type Said, table } from "./output.ts"
import { Refused } from "./refusal.ts"

/** `troupe keys`: the keys that secrets are encrypted with at rest. */

const ringIds = Effect.map(readRing(), (ring): ReadonlyArray<EncryptionKeyId> =>
  ring === undefined ? [] : Redacted.value(ring).map(keyIdOf),
)

const use = (keyId: EncryptionKeyId | null, ring: ReadonlyArray<EncryptionKeyId>): string => {
  if (keyId === null) return "in the clear"
  const place = ring.indexOf(keyId)
  return place === 0 ? "newest" : place > 0 ? "older" : "lost"
}

export const keysStatus = Effect.gen(function* () {
  const ring = yield* ringIds
  const server = yield* keysOfServer
  const counted = yield* secretsByKey
  const unused = ring.filter((id) => !counted.some(({ keyId }) => keyId === id))
  const rows = [
    ...counted.map(({ column, keyId, secrets }) => ({ key: keyId, use: use(keyId, ring), column, secrets })),
    ...unused.map((key) => ({ key, use: use(key, ring), column: null, secrets: 0 })),
  ]
  const lost = rows.filter((row) => row.use === "lost")
  return {
    json: { keys: ring, secrets: rows, server: server === undefined ? null : { keys: server } },
    text:
      rows.length === 0
        ? "There is no key yet: the first start of the server makes one."
        : table(
            ["KEY", "USE", "SECRETS", "WHERE"],
            rows.map((row) => [
              row.key ?? "-",
              row.use,
              String(row.secrets),
              row.column === null ? "" : SEALED[row.column].holds,
            ]),
          ),
    ...(lost.length > 0 && {
      note: `${plural(
        lost.reduce((sum, row) => sum + row.secrets, 0),
        "secret",
      )} cannot be read: add the lost key after the others, from a backup.`,
      incomplete: true,
    }),
  } satisfies Said
})

/** One row for the whole: which key the secrets are encrypted with from now on. No secret has another value than before. */
const recorded = (before: string, after: string) =>
  Effect.gen(function* () {
    const audit = yield* Audit
    return audit.record({
      type: "encryption",
      id: "secrets",
      target: "secrets at rest",
      organizationId: null,
      action: "write",
      before: { key_id: before },
      after: { key_id: after },
    })
  })

const saidOf = ({ rewritten, unreadable }: Rewritten, done: string, nothing: string): Said => ({
  json: { rewritten, unreadable },
  text: rewritten === 0 ? nothing : `${plural(rewritten, "secret")} ${rewritten === 1 ? "was" : "were"} ${done}.`,
  ...(unreadable.length > 0 && {
    note: `${plural(unreadable.length, "secret")} could not be read and stay as they are:\n${unreadable.map(({ place, reason }) => `  ${place}: ${reason}`).join("\n")}`,
    incomplete: true,
  }),
})

/** What of the secrets was there before, in words for the record. */
const keysInUse = Effect.map(secretsByKey, (counted) =>
  [...new Set(counted.map(({ keyId }) => keyId ?? "none"))].toSorted().join(", "),
)

export const rotateKeys = (options: { readonly newKey?: boolean }) =>
  Effect.gen(function* () {
    if (options.newKey === true) {
      if ((yield* keysOfServer) !== undefined) {
        return yield* new Refused({
          message:
            "A server runs on this database and would not have the new key. Stop it first; start it again afterwards.",
        })
      }
      yield* addKeyToFile()
    }
    const [newest = "none"] = yield* ringIds
    const result = yield* rotate(yield* recorded(yield* keysInUse, newest))
    return saidOf(result, `encrypted with the newest key (${newest})`, `All secrets have the newest key (${newest}).`)
  })

export const decryptAllSecrets = (options: { readonly yes?: boolean }) =>
  Effect.gen(function* () {
    if (options.yes !== true) {
      return yield* new Refused({
        message:
          "This leaves all secrets in the database in the clear, for whoever reads it or a backup of it. Give --yes if that is meant.",
      })
    }
    const result = yield* decryptAll(yield* recorded(yield* keysInUse, "none"))
    return saidOf(result, "decrypted, and are in the clear now", "No secret is encrypted.")
  })
