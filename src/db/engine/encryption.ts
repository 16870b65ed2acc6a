import type { SqlClient } from "@effect/sql"
import { Context, Effect, Layer, Redacted } from "effect"
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto"
import type { EncryptionKeyId } from "../../contract/ids.ts"
import type { Settings } from "../../settings.ts"
import { EncryptionError } from "./encryption-error.ts"
import { keyIdOf, openKeyRing } from "./key-ring.ts"
import type { SecretPlace } from "./sealed-columns.ts"

export interface EncryptionService {
  /** Gives an envelope, as text, that only `decrypt` with the same `place` opens. `place` says where it is kept: `table:column:id`. */
  readonly encrypt: (place: SecretPlace, secret: Redacted.Redacted) => string
  /** Opens an envelope, and gives what stands in the clear as it is. */
  readonly decrypt: (place: SecretPlace, envelope: string) => Effect.Effect<Redacted.Redacted, EncryptionError>
  /** Whether the envelope was made with an older key of the ring, or none, and should be encrypted anew. */
  readonly isOutdated: (envelope: string) => boolean
  /** Tells texts apart without giving them away: nobody who lacks the key can try guesses, so it may be of a password. */
  readonly digest: (text: string) => string
  /** Whether the digest is of this text; false also when its key has left the ring. */
  readonly isDigestOf: (digest: string, text: string) => boolean
}

const algorithm = "aes-256-gcm"
const nonceBytes = 12
const tagBytes = 16
const version = "v1"

/** What stands before a secret that was decrypted for good (`troupe keys decrypt-all`), in the place of version and key. */
export const CLEAR = "clear.."

interface Key {
  readonly id: EncryptionKeyId
  readonly bytes: Uint8Array
  /** A key is used for one purpose: digests have one of their own, made from it. */
  readonly digestBytes: Uint8Array
}

const makeKey = (bytes: Uint8Array): Key => ({
  id: keyIdOf(bytes),
  bytes,
  digestBytes: new Uint8Array(hkdfSync("sha256", bytes, "", "troupe digest", 32)),
})

const damaged = (place: SecretPlace) =>
  new EncryptionError({
    operation: "Encryption.decrypt",
    reason: "damaged",
    message: `The secret of ${place} is damaged or was moved from another place. Enter it again.`,
  })

/** Envelope: `v1.KEY_ID.BASE64URL`, the last being nonce, ciphertext and tag. Key id and place are authenticated with it. */
const associatedData = (keyId: EncryptionKeyId, place: string) => Buffer.from(`${version}.${keyId}.${place}`, "utf8")

const hmac = (key: Key, text: string) => createHmac("sha256", key.digestBytes).update(text).digest()

/** The service over a ring of 32-byte keys, newest first. */
export const makeEncryption = (ring: Redacted.Redacted<ReadonlyArray<Uint8Array>>): EncryptionService => {
  const keys = Redacted.value(ring).map(makeKey)
  const [newest] = keys
  if (newest === undefined) throw new RangeError("The key ring is empty")
  return {
    encrypt: (place, secret) => {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv(algorithm, newest.bytes, nonce, { authTagLength: tagBytes })
      cipher.setAAD(associatedData(newest.id, place))
      const sealed = [nonce, cipher.update(Redacted.value(secret), "utf8"), cipher.final(), cipher.getAuthTag()]
      return `${version}.${newest.id}.${Buffer.concat(sealed).toString("base64url")}`
    },
    decrypt: (place, envelope) => {
      if (envelope.startsWith(CLEAR)) return Effect.succeed(Redacted.make(envelope.slice(CLEAR.length)))
      const [format, keyId = "", text = ""] = envelope.split(".")
      const sealed = Buffer.from(text, "base64url")
      if (format !== version || sealed.length < nonceBytes + tagBytes) return Effect.fail(damaged(place))
      const key = keys.find(({ id }) => id === keyId)
      if (key === undefined) {
        return new EncryptionError({
          operation: "Encryption.decrypt",
          reason: "unknown_key",
          message: `The secret of ${place} was encrypted with a key (${keyId}) that is not in the key ring. Add that key to TROUPE_ENCRYPTION_KEYS.`,
        })
      }
      return Effect.try({
        try: () => {
          const decipher = createDecipheriv(algorithm, key.bytes, sealed.subarray(0, nonceBytes), {
            authTagLength: tagBytes,
          })
          decipher.setAAD(associatedData(key.id, place))
          decipher.setAuthTag(sealed.subarray(-tagBytes))
          const plain = [decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]
          return Redacted.make(Buffer.concat(plain).toString("utf8"))
        },
        catch: () => damaged(place),
      })
    },
    isOutdated: (envelope) => envelope.split(".")[1] !== newest.id,
    digest: (text) => `${newest.id}.${hmac(newest, text).toString("base64url")}`,
    isDigestOf: (digest, text) => {
      const [keyId, given = ""] = digest.split(".")
      const key = keys.find(({ id }) => id === keyId)
      if (key === undefined) return false
      const bytes = Buffer.from(given, "base64url")
      const expected = hmac(key, text)
      return bytes.length === expected.length && timingSafeEqual(bytes, expected)
    },
  }
}

const layerFor = (forServer: boolean): Layer.Layer<Encryption, EncryptionError, Settings | SqlClient.SqlClient> =>
  Layer.effect(Encryption, Effect.map(openKeyRing(forServer), makeEncryption))

/** Secrets at rest: AES-256-GCM with the ring of `TROUPE_ENCRYPTION_KEYS`, or the one in the data folder. */
export class Encryption extends Context.Tag("troupe/Encryption")<Encryption, EncryptionService>() {
  static readonly layer = Layer.suspend(() => layerFor(false))
  /** For the one server on the database: what it can open is what others may write. */
  static readonly serverLayer = Layer.suspend(() => layerFor(true))
}
