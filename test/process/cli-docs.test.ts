import { SqlClient } from "@effect/sql"
import { Effect, Redacted } from "effect"
import { execFile, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { randomBytes, randomUUID } from "node:crypto"
import { readFileSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, it } from "vitest"
import { CLEAR, makeEncryption } from "../../src/db/engine/encryption.ts"
import { placeIn } from "../../src/db/engine/sealed-columns.ts"
import { useTestDatabase } from "../support/postgres.ts"
import { OWNER, ServerRun } from "../support/server-process.ts"

/** What the pages say is typed, typed. */

const root = fileURLToPath(new URL("../..", import.meta.url))
const page = (name: string) => readFileSync(path.join(root, name), "utf8")
const blocksOf = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].map(([, block = ""]) => block)

const database = useTestDatabase()
const environment = (more: Readonly<Record<string, string>> = {}) => ({
  PATH: process.env["PATH"] ?? "",
  HOME: process.env["HOME"] ?? "",
  // What npx runs is here; nothing is asked for elsewhere.
  npm_config_offline: "true",
  npm_config_progress: "false",
  TROUPE_DATABASE_URL: database.url,
  TROUPE_DATA_DIR: database.dataDir,
  ...more,
})
const typed = async (commands: string, more?: Readonly<Record<string, string>>): Promise<string> =>
  (await promisify(execFile)("bash", ["-euc", commands], { cwd: root, env: environment(more) })).stdout

const noTerminal = spawnSync("script", ["--version"]).error !== undefined

it(
  "README: a user is made at a terminal, which does not show the password, then a token",
  { timeout: 120_000 },
  async ({ skip }) => {
    skip(noTerminal && !process.env["CI"], "There is no program `script` here, which makes a terminal.")
    const server = new ServerRun({
      ...environment(),
      TROUPE_FIRST_USER_EMAIL: OWNER.email,
      TROUPE_FIRST_USER_USERNAME: OWNER.username,
      TROUPE_FIRST_USER_PASSWORD: OWNER.password,
    })
    await server.ready()
    const [block = ""] = blocksOf(/## The command line\n[\s\S]*?(?=\n## )/.exec(page("README.md"))?.[0] ?? "")
    expect(block.trim().split("\n")).toHaveLength(4)
    const terminal = spawn("script", ["-qefc", `bash -euc '${block}'`, "/dev/null"], { cwd: root, env: environment() })
    let shown = ""
    let asked = 0
    terminal.stdout.on("data", (chunk: Buffer) => {
      shown += chunk.toString()
      const questions = (shown.match(/Password: |The same again: /g) ?? []).length
      for (; asked < questions; asked++) terminal.stdin.write("a staple and a horse\r")
    })
    const [code] = await once(terminal, "close")
    await server.end("SIGTERM")
    expect([code, asked]).toEqual([0, 2])
    expect(shown).not.toContain("staple")
    expect(shown).toContain("The user ann was made.")
    expect(shown).toMatch(/^ann +ann@example\.com +dormant/m)
    expect(shown).toMatch(/^[0-9a-f]{16}-[\w-]{32}\r?$/m)
    expect(shown).toMatch(/^KEY +USE +SECRETS/m)
  },
)

it("docs/encryption.md: each command does what the page says, in its order", { timeout: 120_000 }, async () => {
  const [older, newer] = [randomBytes(32), randomBytes(32)].map((key) => key.toString("base64"))
  const id = randomUUID()
  const place = placeIn("providers:api_key", id)
  const ringOf = (...keys: ReadonlyArray<string | undefined>) =>
    makeEncryption(Redacted.make(keys.map((key) => Buffer.from(key ?? "", "base64"))))
  const stored = () =>
    database.run(
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const [row] = yield* sql<{ api_key: string }>`select api_key from providers where id = ${id}`
        return row?.api_key ?? ""
      }),
    )
  const opened = async (...keys: ReadonlyArray<string | undefined>) =>
    Redacted.value(Effect.runSync(ringOf(...keys).decrypt(place, await stored())))
  await writeFile(path.join(database.dataDir, "encryption.keys"), `${older}\n`, { mode: 0o600 })
  await database.run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) =>
        sql`insert into providers ${sql.insert({ id, type: "openai", display_name: id, api_key: ringOf(older).encrypt(place, Redacted.make("sk-kept")) })}`,
    ),
  )
  const [status = "", inFile = "", inSetting = "", off = "", ...more] = blocksOf(page("docs/encryption.md"))
  expect(more).toEqual([])

  expect(await typed(status)).toMatch(/^\w{8} +newest +1 +API keys of providers$/m)

  expect(await typed(inFile)).toMatch(/1 secret was encrypted[\s\S]*newest +1 [\s\S]*older +0/)
  const [made = ""] = readFileSync(path.join(database.dataDir, "encryption.keys"), "utf8").split("\n")
  expect(await opened(made)).toBe("sk-kept")

  const setting = { TROUPE_ENCRYPTION_KEYS: `${newer},${made}` }
  const server = new ServerRun(environment(setting))
  await server.ready()
  expect(await typed(inSetting, setting)).toMatch(/1 secret was encrypted[\s\S]*newest +1 [\s\S]*older +0/)
  await server.end("SIGTERM")
  expect(await opened(newer)).toBe("sk-kept")

  expect(await typed(off, setting)).toContain("1 secret was decrypted")
  expect(await stored()).toBe(`${CLEAR}sk-kept`)
})
