import { Effect, Redacted } from "effect"
import { randomBytes } from "node:crypto"
import { describe, expect, it } from "vitest"
import { CLEAR, makeEncryption } from "./encryption.ts"
import type { SecretPlace } from "./sealed-columns.ts"

const ring = (...keys: ReadonlyArray<Uint8Array>) => Redacted.make(keys)
const [older, newer] = [randomBytes(32), randomBytes(32)]
const place: SecretPlace = "providers:api_key:1"
const secret = Redacted.make("sk-grüße")

const fails = (encryption: ReturnType<typeof makeEncryption>, at: SecretPlace, envelope: string) =>
  Effect.runSync(Effect.flip(encryption.decrypt(at, envelope)))

describe("makeEncryption", () => {
  it("gives back what was encrypted, and never the same envelope twice", () => {
    const encryption = makeEncryption(ring(newer))
    const envelopes = [encryption.encrypt(place, secret), encryption.encrypt(place, secret)]
    expect(new Set(envelopes).size).toBe(2)
    for (const envelope of envelopes) {
      expect(envelope).not.toContain("sk-")
      expect(Redacted.value(Effect.runSync(encryption.decrypt(place, envelope)))).toBe("sk-grüße")
    }
    const empty = encryption.encrypt(place, Redacted.make(""))
    expect(Redacted.value(Effect.runSync(encryption.decrypt(place, empty)))).toBe("")
  })

  it("reads what an older key of the ring wrote, says that it is outdated, and writes with the newest", () => {
    const before = makeEncryption(ring(older)).encrypt(place, secret)
    const rotated = makeEncryption(ring(newer, older))
    expect(Redacted.value(Effect.runSync(rotated.decrypt(place, before)))).toBe("sk-grüße")
    expect(rotated.isOutdated(before)).toBe(true)
    const after = rotated.encrypt(place, secret)
    expect(rotated.isOutdated(after)).toBe(false)
    expect(Redacted.value(Effect.runSync(makeEncryption(ring(newer)).decrypt(place, after)))).toBe("sk-grüße")
  })

  it("names the key that is missing", () => {
    const envelope = makeEncryption(ring(older)).encrypt(place, secret)
    const error = fails(makeEncryption(ring(newer)), place, envelope)
    expect(error).toMatchObject({ _tag: "EncryptionError", reason: "unknown_key" })
    expect(error.message).toContain(envelope.split(".")[1])
  })

  it("tells texts apart by digests, which are others with another key", () => {
    const encryption = makeEncryption(ring(newer))
    const digest = encryption.digest("grüße")
    expect(encryption.digest("grüße")).toBe(digest)
    expect(encryption.isDigestOf(digest, "grüße")).toBe(true)
    for (const [given, text] of [
      [digest, "grüsse"],
      [digest.slice(0, -1), "grüße"],
      [digest.split(".")[0] ?? "", "grüße"],
      ["", ""],
    ] as const) {
      expect(encryption.isDigestOf(given, text)).toBe(false)
    }
    expect(makeEncryption(ring(older)).digest("grüße").split(".")[1]).not.toBe(digest.split(".")[1])
    expect(makeEncryption(ring(older, newer)).isDigestOf(digest, "grüße")).toBe(true)
    expect(makeEncryption(ring(older)).isDigestOf(digest, "grüße")).toBe(false)
  })

  it("refuses an envelope with any byte changed, cut short, or none at all", () => {
    const encryption = makeEncryption(ring(newer))
    const [format, keyId, text = ""] = encryption.encrypt(place, secret).split(".")
    const sealed = Buffer.from(text, "base64url")
    for (let index = 0; index < sealed.length; index++) {
      const changed = Buffer.from(sealed)
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index)
      expect(fails(encryption, place, [format, keyId, changed.toString("base64url")].join(".")).reason).toBe("damaged")
    }
    for (const envelope of [[format, keyId, text.slice(0, -4)].join("."), [format, keyId].join("."), "", "sk-plain"]) {
      expect(fails(encryption, place, envelope).reason).toBe("damaged")
    }
  })

  it("gives what stands in the clear as it is, whatever is in it, and wants it encrypted", () => {
    const encryption = makeEncryption(ring(newer))
    for (const text of ["sk-plain", "", "v1.a.b", "clear..again", "two\nlines"]) {
      expect(Redacted.value(Effect.runSync(encryption.decrypt(place, `${CLEAR}${text}`)))).toBe(text)
      expect(encryption.isOutdated(`${CLEAR}${text}`)).toBe(true)
    }
  })

  it("refuses an envelope that was copied to another row", () => {
    const encryption = makeEncryption(ring(newer))
    const envelope = encryption.encrypt(place, secret)
    expect(fails(encryption, "providers:api_key:2", envelope).reason).toBe("damaged")
  })

  it("does not show keys or secrets when it is printed", () => {
    const error = fails(makeEncryption(ring(newer)), place, makeEncryption(ring(older)).encrypt(place, secret))
    expect(JSON.stringify({ error, secret })).not.toMatch(/sk-|grüße/)
  })
})
