import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { AuditLog } from "../../src/contract/audit.ts"
import { Chat } from "../../src/contract/chats.ts"
import { Client } from "../support/client.ts"
import { type CommandOptions, programFile, troupe, troupeJson } from "../support/command-line.ts"
import { useTestDatabase } from "../support/postgres.ts"
import { ServerRun, useServerProcess } from "../support/server-process.ts"

/** The program `troupe` on the database of a running server, and on one of its own. */

const server = useServerProcess()
const PASSWORD = "a staple and a horse"

const beside = (more: Partial<CommandOptions> = {}): CommandOptions => ({
  environment: { TROUPE_DATABASE_URL: server.database.url, TROUPE_DATA_DIR: server.dataDir },
  ...more,
})

const Made = Schema.Struct({ id: Schema.String, username: Schema.String, roles: Schema.Array(Schema.String) })
const created = async (username: string, ...more: ReadonlyArray<string>) =>
  Schema.decodeUnknownSync(Made)(
    await troupeJson(
      ["users", "create", username, "--email", `${username}@example.com`, "--password-stdin", ...more],
      beside({ input: `${PASSWORD}\n` }),
    ),
  )
const signedIn = (username: string, password = PASSWORD) =>
  Client.signIn(server.url, { email: `${username}@example.com`, password })

const organizationOf = async (client: Client): Promise<string> => {
  const { organization_ids } = (await client.call("GET", "/users/me")).body as { organization_ids: [string] }
  return organization_ids[0]
}
const chatBody = async (client: Client) => ({
  organization_id: await organizationOf(client),
  content: [{ type: "text", text: "hello" }],
})

describe("troupe users, beside a running server", () => {
  it("makes a person who signs in and makes a chat, without an administrator's step", async () => {
    expect(await created("ann", "--name", "Ann")).toMatchObject({ username: "ann", roles: [] })
    const ann = await signedIn("ann")
    await ann.expect(Chat, 201, "POST", "/chats", { body: await chatBody(ann) })
  })

  it("makes an administrator who is an owner and needs no other role for chats of his own", async () => {
    expect(await created("admin", "--owner")).toMatchObject({ roles: ["owner"] })
    const admin = await signedIn("admin")
    expect((await admin.call("GET", "/users")).status).toBe(200)
    await admin.expect(Chat, 201, "POST", "/chats", { body: await chatBody(admin) })
  })

  it("makes a service account that is given no chats, and a token that works for it", async () => {
    await troupeJson(["users", "create", "bot", "--service-account"], beside())
    const { code, stdout, stderr } = await troupe(["tokens", "create", "bot", "--name", "ci"], beside())
    expect([code, stdout.split("\n").length]).toEqual([0, 2])
    expect(stderr).toContain("It is not shown again")
    const bot = new Client(server.url, stdout.trim())
    expect((await bot.call("POST", "/chats", { body: await chatBody(bot) })).status).toBe(403)
    const listed = await troupeJson(["tokens", "list", "bot"], beside())
    expect(listed).toMatchObject({ count: 1, tokens: [{ token_name: "ci", username: "bot", scopes: ["all"] }] })
    expect(JSON.stringify(listed)).not.toContain(stdout.trim().split("-")[1])
    expect(await troupe(["tokens", "revoke", "bot", "ci"], beside())).toMatchObject({ code: 0 })
    await expect.poll(async () => (await bot.call("GET", "/users/me")).status).toBe(401)
  })

  it("suspends, activates, gives another password and deletes; what is open ends within moments", async () => {
    const { id } = await created("eve")
    const before = await signedIn("eve")
    expect(await troupeJson(["users", "suspend", "EVE"], beside())).toMatchObject({ status: "suspended" })
    await expect.poll(async () => (await before.call("GET", "/users/me")).status).toBe(401)
    expect(await troupeJson(["users", "activate", id], beside())).toMatchObject({ status: "active" })
    const other = "another staple and horse"
    await troupeJson(["users", "reset-password", "eve", "--password-stdin"], beside({ input: other }))
    const again = await signedIn("eve", other)
    expect(await troupeJson(["users", "delete", "eve"], beside())).toMatchObject({ id, deleted: true })
    await expect.poll(async () => (await again.call("GET", "/users/me")).status).toBe(401)
    expect(await troupe(["users", "delete", "eve"], beside())).toMatchObject({ code: 1 })
  })

  it("lists what a search finds, and never what a password was hashed to", async () => {
    await created("lena")
    const found = await troupeJson(["users", "list", "--query", "lena status:dormant"], beside())
    expect(found).toMatchObject({ count: 1, users: [{ username: "lena", email: "lena@example.com" }] })
    expect(JSON.stringify(found)).not.toContain("argon2")
    const { stdout } = await troupe(["users", "list", "--limit", "1"], beside())
    expect(stdout.split("\n")[0]).toMatch(/^USERNAME +E-MAIL +STATUS/)
  })

  it("leaves a row in the audit log for each change, by the command line, and none for what was refused", async () => {
    const owner = await Client.signIn(server.url)
    const { id } = await created("audited")
    await troupe(["users", "suspend", "audited"], beside())
    await troupe(["users", "suspend", "audited"], beside())
    await troupe(["users", "reset-password", "audited", "--password-stdin"], beside({ input: "short" }))
    const { audit_logs } = await owner.expect(AuditLog, 200, "GET", `/audit?q=resource_id:${id}`)
    const told = audit_logs.map(({ action, resource_type, actor }) => [
      action,
      resource_type,
      actor.kind,
      actor.username,
    ])
    const by = ["system", "the command line"]
    expect(told.toSorted()).toEqual([
      ["create", "organization_member", ...by],
      ["create", "user", ...by],
      ["write", "user", ...by],
    ])
    expect(audit_logs[0]).toMatchObject({
      user_agent: expect.stringMatching(/^troupe \d/),
      description: "the command line changed the user audited",
    })
  })
})

describe("a command that is refused", () => {
  const rows: ReadonlyArray<readonly [string, number, string, (string | undefined)?]> = [
    ["", 2, "Name a command"],
    ["nonsense", 2, "Unknown command"],
    ["users", 2, "Name a command"],
    ["users create", 2, "Missing required argument"],
    ["users list --limit many", 2, "whole number"],
    ["users list --colour", 2, "Unknown option"],
    ["users list extra", 2, "Too many arguments"],
    ["users create x --login-type oidc --email x@example.com", 2, "Allowed choices"],
    ["users create x --email x@example.com", 2, "--password-stdin"],
    ["users create x --email x@example.com --password a-long-password", 2, "Unknown option"],
    ["users create x --email x@example.com --password-stdin", 1, "No password was given"],
    ["users create x --email x@example.com --password-stdin", 1, "at least 10 characters", "short"],
    ["users create x --email x@example.com --password-stdin", 1, "harder to guess", "password1234"],
    ["users create x --email nowhere --password-stdin", 1, "e-mail address"],
    ["users create two--dashes --email x@example.com --password-stdin", 1, "letters and digits"],
    ["users create OWNER --email x@example.com --password-stdin", 1, "username is taken", PASSWORD],
    ["users create x --email OWNER@example.com --password-stdin", 1, "email is taken", PASSWORD],
    [
      "users create x --email x@example.com --organization nowhere --password-stdin",
      1,
      "no organization nowhere",
      PASSWORD,
    ],
    ["users create x --service-account --owner", 1, "service account an owner"],
    ["users create x --service-account --email x@example.com", 1, "left out for a service account"],
    ["users suspend nobody", 1, "There is no user nobody"],
    ["users suspend me", 1, "There is no user me"],
    ["users list --query colour:red", 1, "no key of this search"],
    ["tokens create owner --scope everything", 1, "does not exist"],
    ["tokens create owner --days 0", 2, "whole number"],
    ["tokens create owner --days 9999", 1, "at most 365 days"],
    ["tokens revoke owner nothing", 1, "no API token nothing"],
    ["keys decrypt-all", 1, "--yes"],
    ["keys decrypt-all --yes", 1, "Stop it first"],
    ["keys rotate --new-key", 1, "Stop it first"],
  ]
  const named = rows.map(([line, code, sentence, input]) => ({ line, code, sentence, input }))
  it.each(named)("troupe $line: ends with $code and says: $sentence", { timeout: 30_000 }, async (row) => {
    const { line, code, sentence, input } = row
    const words = line.split(" ").filter((word) => word !== "")
    const plain = await troupe(words, beside({ ...(input !== undefined && { input }) }))
    expect(plain).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(sentence) })
    expect(plain.stderr).toMatch(/^[^\n]+[.!?]( [^\n]*)?\n$/)
    const told = await troupe([...words, "--json"], beside({ ...(input !== undefined && { input }) }))
    expect(told).toMatchObject({ code, stdout: "" })
    expect(JSON.parse(told.stderr)).toEqual({ error: expect.stringContaining(sentence) })
  })

  it("keeps the last owner, however many commands there are at once", async () => {
    await troupe(["users", "delete", "admin"], beside())
    const both = await Promise.all(["suspend", "delete"].map((action) => troupe(["users", action, "owner"], beside())))
    for (const one of both) expect(one).toMatchObject({ code: 1, stderr: expect.stringContaining("last owner") })
    await Client.signIn(server.url)
  })

  it("makes one of two twins that come at once", async () => {
    const both = await Promise.all(
      ["twin", "Twin"].map((name) =>
        troupe(
          ["users", "create", name, "--email", "twin@example.com", "--password-stdin"],
          beside({ input: PASSWORD }),
        ),
      ),
    )
    expect(both.map(({ code }) => code).toSorted()).toEqual([0, 1])
  })

  it("says that the database is away, and nothing of its password", async () => {
    const environment = { ...beside().environment, TROUPE_DATABASE_URL: "postgres://ann:s3cr3t-word@127.0.0.1:1/none" }
    const ended = await troupe(["users", "list"], { environment })
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot be reached") })
    expect(ended.stderr).not.toContain("s3cr3t-word")
    const wrong = await troupe(["users", "list"], { environment: { TROUPE_DATABASE_URL: "mysql://x" } })
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("TROUPE_DATABASE_URL must be a URL") })
  })

  it("ends without a stack when nobody reads what it prints, and with what was asked for done", async () => {
    const ended = await troupe(
      ["users", "create", "unread", "--email", "unread@example.com", "--password-stdin"],
      beside({ input: PASSWORD, unread: true }),
    )
    expect(ended).toMatchObject({ code: 1, stderr: "" })
    await signedIn("unread")
  })
})

describe("a database that no server has used", () => {
  const fresh = useTestDatabase({ empty: true })
  const alone = (more: Partial<CommandOptions> = {}): CommandOptions => ({
    environment: { TROUPE_DATABASE_URL: fresh.url, TROUPE_DATA_DIR: fresh.dataDir },
    ...more,
  })
  let run: ServerRun | undefined
  afterAll(() => run?.end("SIGTERM"))

  it("is made ready by the first command; of the first accounts made at once all are there and one owns it", async () => {
    expect(await troupe(["users", "create", "bot", "--service-account"], alone())).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the owner's"),
    })
    const words = (name: string) => ["users", "create", name, "--email", `${name}@example.com`, "--password-stdin"]
    const first = ["ada", "bea"]
    const ended = await Promise.all(first.map((name) => troupe(words(name), alone({ input: PASSWORD }))))
    // One that came second is told so, or was not first any more when it asked.
    for (const [index, { code }] of ended.entries()) {
      if (code !== 0) await troupeJson(words(first[index] ?? ""), alone({ input: PASSWORD }))
    }
    expect(await troupeJson(["users", "list", "--query", "role:owner"], alone())).toMatchObject({ count: 1 })
    expect(await troupeJson(["users", "list"], alone())).toMatchObject({ count: 2 })
  })

  it(
    "is served by troupe serve, whose owner made a chat before he had any other role",
    { timeout: 60_000 },
    async () => {
      // What is added to the command is the shell's, which becomes ours.
      run = new ServerRun({ ...alone().environment, CODER_EXPERIMENTS: "agents" }, [
        "sh",
        "-c",
        `exec ${process.execPath} ${programFile} serve`,
      ])
      const url = await run.ready()
      expect(run.stderr).toContain("CODER_EXPERIMENTS is set and means nothing")
      const listed = (await troupeJson(["users", "list", "--query", "role:owner"], alone())) as {
        users: [{ email: string }]
      }
      const owner = await Client.signIn(url, { email: listed.users[0].email, password: PASSWORD })
      await owner.expect(Chat, 201, "POST", "/chats", { body: await chatBody(owner) })
      expect(await run.end("SIGTERM")).toEqual({ code: 0, signal: null })
    },
  )

  it("is left alone when it is of an older or a newer release", async () => {
    await fresh.run(
      Effect.flatMap(SqlClient.SqlClient, (sql) => sql`delete from schema_migrations where version >= 20`),
    )
    expect(await troupe(["users", "list"], alone())).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Start the server of this release once"),
    })
    await fresh.run(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`insert into schema_migrations (version, name, checksum) values (9999, '9999_later', '')`,
      ),
    )
    expect(await troupe(["keys", "status"], alone())).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Start the newer release"),
    })
  })
})

it("tells its version and its commands, also in JSON", async () => {
  expect(await troupe(["version"], { environment: {} })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^troupe \d+\./),
  })
  expect(await troupeJson(["version"], { environment: {} })).toEqual({ version: expect.stringMatching(/^\d+\./) })
  for (const words of [["--help"], ["users", "--help"], ["users", "create", "--help"]]) {
    expect(await troupe(words, { environment: {} })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Usage: troupe"),
    })
  }
})
