import { SqlClient } from "@effect/sql"
import { Effect, Logger, Redacted } from "effect"
import { randomBytes } from "node:crypto"
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { useTestDatabase } from "../../../test/support/postgres.ts"
import { Settings, type SettingsValues } from "../../settings.ts"
import { makeEncryption } from "./encryption.ts"
import { keyIdOf, loadKeyRing, openKeyRing } from "./key-ring.ts"

const database = useTestDatabase()
let folder = ""
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "troupe-keys-"))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64")

describe("the key file in the data folder", () => {
  it("is made once, for the owner's eyes only, however many start at once", async () => {
    const dataDir = path.join(folder, "new", "data")
    const rings = await Promise.all(Array.from({ length: 8 }, () => Effect.runPromise(loadKeyRing(dataDir))))
    const texts = rings.map((keys) => Redacted.value(keys).map(textOf).join())
    expect(new Set(texts).size).toBe(1)
    expect(Buffer.from(texts[0]!, "base64")).toHaveLength(32)
    expect(await readdir(dataDir)).toEqual(["encryption.keys"])
    expect((await stat(path.join(dataDir, "encryption.keys"))).mode & 0o777).toBe(0o600)
  })

  it("says so when it is damaged, instead of making a new one", async () => {
    await writeFile(path.join(folder, "encryption.keys"), "half a k", { mode: 0o600 })
    const error = await Effect.runPromise(Effect.flip(loadKeyRing(folder)))
    expect(error).toMatchObject({ reason: "key_file" })
    expect(error.message).toContain("Restore it from a backup")
  })

  it.each([0o644, 0o640, 0o604, 0o660])(
    "is hidden from others when they could read it (%o), with a warning",
    async (mode) => {
      const dataDir = await mkdtemp(path.join(folder, "open-"))
      const file = path.join(dataDir, "encryption.keys")
      await writeFile(file, textOf(randomBytes(32)))
      await chmod(file, mode)
      const warnings: Array<string> = []
      const logger = Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ message }) => void warnings.push(String(message))),
      )
      const load = () => Effect.runPromise(loadKeyRing(dataDir).pipe(Effect.provide(logger)))
      await load()
      await load()
      expect((await stat(file)).mode & 0o777).toBe(0o600)
      expect(warnings).toEqual([expect.stringContaining(file)])
    },
  )
})

describe("a ring with which secrets cannot be read", () => {
  const [mine, other] = [randomBytes(32), randomBytes(32)]
  const encrypt = (key: Uint8Array, id: string) =>
    makeEncryption(Redacted.make([key])).encrypt(`providers:api_key:${id}`, Redacted.make("sk-secret"))
  let dataDir = ""

  const open = (settings: Partial<SettingsValues> = {}) =>
    database.run(
      Effect.gen(function* () {
        const given = yield* Settings
        const made = openKeyRing().pipe(Effect.provideService(Settings, { ...given, dataDir, ...settings }))
        return yield* Effect.either(Effect.map(made, (ring) => Redacted.value(ring).map(keyIdOf)))
      }),
    )
  const keys = () =>
    database.run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql<{ api_key: string | null }>`select api_key from providers where source = 'database'`,
      ),
    )

  beforeEach(async () => {
    dataDir = await mkdtemp(path.join(folder, "data-"))
    await database.run(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`delete from providers`
        for (const id of ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"]) {
          yield* sql`insert into providers ${sql.insert({ id, type: "openai", display_name: id, base_url: "", source: "database", api_key: encrypt(mine, id) })}`
        }
      }),
    )
  })

  it("is refused when the file is gone, in words that say how to go on, and no new file is made", async () => {
    const opened = await open()
    expect(opened).toMatchObject({ _tag: "Left", left: { reason: "key_lost" } })
    const { message } = (opened as { left: Error }).left
    expect(message).toContain(`The key file ${path.join(dataDir, "encryption.keys")} is missing: 2 secrets`)
    expect(message).toContain(keyIdOf(mine))
    expect(message).toContain("Restore the file from a backup")
    expect(message).toContain("TROUPE_FORGET_LOST_SECRETS=on")
    expect(await readdir(dataDir)).toEqual([])
  })

  it("is refused when it has other keys, from the file or the setting", async () => {
    await writeFile(path.join(dataDir, "encryption.keys"), textOf(other), { mode: 0o600 })
    expect(await open()).toMatchObject({
      left: { reason: "key_lost", message: expect.stringContaining("Add the key") },
    })
    const fromSetting = await open({ encryptionKeys: Redacted.make([other]) })
    expect(fromSetting).toMatchObject({
      left: { message: expect.stringContaining("TROUPE_ENCRYPTION_KEYS: 2 secrets") },
    })
  })

  it("is opened when its keys are all there, the setting before the file, which is not made then", async () => {
    expect(await open({ encryptionKeys: Redacted.make([other, mine]) })).toMatchObject({
      right: [keyIdOf(other), keyIdOf(mine)],
    })
    expect(await readdir(dataDir)).toEqual([])
    await writeFile(path.join(dataDir, "encryption.keys"), textOf(mine), { mode: 0o600 })
    expect(await open()).toMatchObject({ right: [keyIdOf(mine)] })
  })

  it("is made anew when the loss is accepted, and what it hid is removed", async () => {
    const made = await open({ forgetLostSecrets: true })
    expect(made).toMatchObject({ _tag: "Right" })
    expect(await keys()).toEqual([{ api_key: null }, { api_key: null }])
    expect(await open()).toEqual(made)
  })
})
