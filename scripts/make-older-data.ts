// `node --import tsx scripts/make-older-data.ts CHECKOUT FOLDER`: drives the built server of an older checkout until its chats
// stand in every state of the machine, kills it, and writes its database and what its API said to the folder.
import { Effect, Redacted } from "effect"
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import pg from "pg"
import { start } from "../src/db/embedded/server.ts"
import { Client } from "../test/support/client.ts"
import { olderKeys, olderProviderUrl } from "../test/support/older-data.ts"
import { ScriptedProvider } from "../test/support/scripted-provider.ts"
import { OWNER, ServerRun } from "../test/support/server-process.ts"
import { stopAgents } from "../test/support/workspace-agent.ts"
import { chatsWithoutSlots, chatsWithSlots, endedWithoutSlots } from "./older-data/chats.ts"
import { dumpRows } from "./older-data/dump.ts"
import { type Body, Stage } from "./older-data/stage.ts"

const [checkout, folder] = process.argv.slice(2)
if (checkout === undefined || folder === undefined) throw new Error("Usage: make-older-data.ts CHECKOUT FOLDER")

/** What the server of this release says of a chat. */
const recordOf = async (stage: Stage, { id, ...chat }: Body): Promise<Body> => {
  const ask = (rest: string) => stage.call("GET", `/chats/${String(id)}/${rest}`)
  const { messages, queued_messages, has_more } = await ask("messages?limit=200")
  if (has_more === true) throw new Error(`${String(chat["title"])} is too long for one page`)
  const { life, mode, context, version } = await ask("machine")
  const { attempts } = await ask("attempts")
  const { title, labels, pin_order, archived, last_error } = chat
  return {
    name: Object(labels).name,
    id,
    title,
    labels,
    pin_order,
    archived,
    last_error,
    life,
    mode,
    context,
    version,
    messages,
    queued_messages,
    attempts,
  }
}

const drive = async (client: Client, provider: ScriptedProvider, database: pg.Client): Promise<ReadonlyArray<Body>> => {
  const added = await client.call("POST", "/chats/providers", {
    body: {
      provider: "openai-compat",
      display_name: "Scripted",
      base_url: `${provider.url}/v1`,
      api_key: provider.apiKey,
    },
  })
  await client.call("POST", "/chats/model-configs", {
    body: { ai_provider_id: Object(added.body).id, model: "scripted", context_limit: 100_000, is_default: true },
  })
  const stage = await Stage.open(client, provider, database)
  const begun: Array<() => Promise<unknown>> = []
  for (const [name, make] of Object.entries(chatsWithSlots)) {
    process.stdout.write(`${name}\n`)
    await make(stage, name)
  }
  for (const [name, { begin, end }] of Object.entries(endedWithoutSlots)) {
    process.stdout.write(`${name}\n`)
    await begin(stage, name)
    const { rows } = await database.query<{ id: string }>("select id from chats where labels ->> 'name' = $1", [name])
    const [chat] = rows
    if (chat === undefined) throw new Error(`${name} made no chat`)
    begun.push(() => end(stage, chat.id))
  }
  await stage.call("PUT", "/chats/config/capacity", { deployment: 2, per_user: 200, per_organization: null })
  for (const end of begun) await end()
  for (const [name, make] of Object.entries(chatsWithoutSlots)) {
    process.stdout.write(`${name}\n`)
    await make(stage, name)
  }
  await stage.found("select 1 from chats where labels ->> 'name' = $1 and activity = 'pending' and yielded", [
    "pending-yielded",
  ])
  const lists = await Promise.all(
    ["", "&q=archived:true"].map((query) => client.call("GET", `/chats?limit=200${query}`)),
  )
  const records: Array<Body> = []
  for (const chat of lists.flatMap(({ body }): ReadonlyArray<Body> => Object(body))) {
    records.push(await recordOf(stage, chat))
  }
  if (provider.refusals.length > 0) throw new Error(provider.refusals.join("\n"))
  return records.toSorted((one, other) => String(one["name"]).localeCompare(String(other["name"])))
}

const work = await mkdtemp(path.join(tmpdir(), "troupe-older-"))
const postgres = await Effect.runPromise(start(path.join(work, "postgres"), { settings: { max_connections: "200" } }))
const { user, password, port, database, host } = postgres.connection
const url = `postgresql://${user}:${Redacted.value(password)}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`
const admin = new pg.Client({ connectionString: url })
await admin.connect()
const provider = await ScriptedProvider.start()
const server = new ServerRun(
  {
    TROUPE_DATABASE_URL: url,
    TROUPE_DATA_DIR: path.join(work, "data"),
    TROUPE_ENCRYPTION_KEYS: olderKeys,
    TROUPE_FIRST_USER_EMAIL: OWNER.email,
    TROUPE_FIRST_USER_USERNAME: OWNER.username,
    TROUPE_FIRST_USER_PASSWORD: OWNER.password,
    // Some statements wait for as long as the script runs.
    TROUPE_STATEMENT_MS: "0",
    TROUPE_DATABASE_POOL_SIZE: "50",
    TROUPE_RETRY_BASE_MS: "10",
  },
  [],
  path.resolve(checkout, "dist/server/main.mjs"),
)
try {
  const client = await Client.signIn(await server.ready())
  const records = await drive(client, provider, admin)
  await server.end("SIGKILL")
  await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'troupe %'")
  const migrations = path.join(checkout, "migrations")
  const files = (await readdir(migrations)).toSorted()
  const schema = await Promise.all(files.map((file) => readFile(path.join(migrations, file), "utf8")))
  // The migrator makes this one itself.
  const ledger =
    "create table schema_migrations (version integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now());\n"
  // Migrations write rows too; those of the dump stand for them.
  const emptied = "delete from templates;\ndelete from organizations;\n"
  const rows = (await dumpRows(admin, ["api_keys"])).replaceAll(provider.url, olderProviderUrl)
  await writeFile(path.join(folder, "data.sql"), [...schema, ledger, emptied, rows].join("\n"))
  await writeFile(path.join(folder, "chats.json"), `${JSON.stringify(records, null, 1)}\n`)
} finally {
  await server.end("SIGKILL")
  await stopAgents(path.join(work, "data"))
  await provider.close()
  await admin.end()
  await Effect.runPromise(postgres.stop)
  await rm(work, { recursive: true, force: true })
}
