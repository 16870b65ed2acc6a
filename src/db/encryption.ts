import { Context, Data, Effect, Layer, Redacted } from "effect"
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from "node:crypto"
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { Settings } from "../settings.ts"

/**
 * A secret at rest cannot be read, or the key ring cannot be had. Never holds the secret or a key.
 *
 * - `unknown_key`: the ring lacks the key it was encrypted with.
 * - `damaged`: it was changed, belongs to another place, or is no envelope of ours.
 * - `key_file`: the file of the ring cannot be read or made.
 */
export class EncryptionError extends Data.TaggedError("EncryptionError")<{
  readonly operation: string
  readonly reason: "unknown_key" | "damaged" | "key_file"
  readonly message: string
}> {}

export interface EncryptionService {
  /** Gives an envelope, as text, that only `decrypt` with the same `place` opens. `place` says where it is kept: `table:column:id`. */
  readonly encrypt: (place: string, secret: Redacted.Redacted) => string
  readonly decrypt: (place: string, envelope: string) => Effect.Effect<Redacted.Redacted, EncryptionError>
  /** Whether the envelope was made with an older key of the ring and should be encrypted anew. */
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

interface Key {
  /** The beginning of its hash: tells keys of a ring apart and gives nothing away. */
  readonly id: string
  readonly bytes: Uint8Array
  /** A key is used for one purpose: digests have one of their own, made from it. */
  readonly digestBytes: Uint8Array
}

const makeKey = (bytes: Uint8Array): Key => ({
  id: createHash("sha256").update("troupe key id").update(bytes).digest("hex").slice(0, 8),
  bytes,
  digestBytes: new Uint8Array(hkdfSync("sha256", bytes, "", "troupe digest", 32)),
})

const damaged = (place: string) =>
  new EncryptionError({
    operation: "Encryption.decrypt",
    reason: "damaged",
    message: `The secret of ${place} is damaged or was moved from another place. Enter it again.`,
  })

/** Envelope: `v1.KEY_ID.BASE64URL`, the last being nonce, ciphertext and tag. Key id and place are authenticated with it. */
const associatedData = (keyId: string, place: string) => Buffer.from(`${version}.${keyId}.${place}`, "utf8")

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

const keyFileName = "encryption.keys"

const parseRing = (text: string): ReadonlyArray<Uint8Array> | undefined => {
  const keys = text
    .trim()
    .split(/[\s,]+/)
    .map((line) => Buffer.from(line, "base64"))
  return keys.every((key) => key.length === 32) ? keys : undefined
}

/** Puts a new key in place whole, by a hard link, which fails when another start was first: then theirs is the ring. */
const createKeyFile = async (file: string): Promise<void> => {
  const unfinished = `${file}.${process.pid}-${randomBytes(4).toString("hex")}`
  await writeFile(unfinished, `${randomBytes(32).toString("base64")}\n`, { mode: 0o600, flush: true })
  try {
    await link(unfinished, file)
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) throw cause
  } finally {
    await rm(unfinished, { force: true })
  }
}

/**
 * The ring kept in the data folder, made at the first start: base64 of 32 bytes per line, newest first, mode 0600. Losing
 * it loses the secrets; it belongs in backups, apart from the database.
 */
export const loadKeyRing = Effect.fn("Encryption.loadKeyRing")(function* (dataDir: string) {
  const file = path.join(dataDir, keyFileName)
  const text = yield* Effect.tryPromise({
    try: async () => {
      await mkdir(dataDir, { recursive: true, mode: 0o700 })
      const existing = await readFile(file, "utf8").catch(() => undefined)
      if (existing !== undefined) return existing
      await createKeyFile(file)
      return readFile(file, "utf8")
    },
    catch: (cause) =>
      new EncryptionError({
        operation: "Encryption.loadKeyRing",
        reason: "key_file",
        message: `The key file ${file} cannot be used: ${cause instanceof Error ? cause.message : "unknown error"}. Set TROUPE_DATA_DIR to a folder this user may write to, or set TROUPE_ENCRYPTION_KEYS.`,
      }),
  })
  const keys = parseRing(text)
  if (keys === undefined) {
    return yield* new EncryptionError({
      operation: "Encryption.loadKeyRing",
      reason: "key_file",
      message: `The key file ${file} is damaged: it must hold base64 of 32 bytes per line. Restore it from a backup.`,
    })
  }
  return Redacted.make(keys)
})

/** Secrets at rest: AES-256-GCM with the ring of `TROUPE_ENCRYPTION_KEYS`, or the one in the data folder. */
export class Encryption extends Context.Tag("troupe/Encryption")<Encryption, EncryptionService>() {
  static readonly layer: Layer.Layer<Encryption, EncryptionError, Settings> = Layer.effect(
    Encryption,
    Effect.gen(function* () {
      const { encryptionKeys, dataDir } = yield* Settings
      return makeEncryption(encryptionKeys ?? (yield* loadKeyRing(dataDir)))
    }),
  )
}
