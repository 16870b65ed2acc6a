import { Schema } from "effect"
import { readFile } from "node:fs/promises"
import pg from "pg"

/** The database and the words of a server of commit 3715b34; its README says how they were made. */

/** `TROUPE_ENCRYPTION_KEYS` of that server. */
export const olderKeys = Buffer.from("a key of thirty-two bytes, public").subarray(0, 32).toString("base64")

/** Stands in the dump for where the scripted provider was. */
export const olderProviderUrl = "http://provider.invalid"

const file = (name: string) => new URL(`../fixtures/data-3715b34/${name}`, import.meta.url)

/** Waits are over or not, however old the dump is: only the deadline of `client-tools-expired` has passed, and every retry is due. */
const SETS_CLOCKS = `
  update chats set retry_state = retry_state || '{"retrying_at": "2026-01-01T00:00:00.000Z"}' where retry_state is not null;
  update chats set requires_action_deadline_at =
    case labels ->> 'name' when 'client-tools-expired' then now() - interval '1 day' else now() + interval '1 day' end
  where requires_action_deadline_at is not null`

/** Fills an empty database with what that server left, with a provider that lives at `providerUrl`. */
export const restoreOlderData = async (databaseUrl: string, providerUrl: string): Promise<void> => {
  const text = await readFile(file("data.sql"), "utf8")
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query(text.replaceAll(olderProviderUrl, providerUrl))
    await client.query(SETS_CLOCKS)
  } finally {
    await client.end()
  }
}

const Context = Schema.Struct({
  queue: Schema.Int,
  steer: Schema.Int,
  archived: Schema.Boolean,
  resume: Schema.String,
  attempt: Schema.Int,
  steps: Schema.Int,
})

const OlderMessage = Schema.Struct({ id: Schema.Int, role: Schema.String, content: Schema.Array(Schema.Unknown) })

/** What that server said of a chat before it was killed. Messages come newest first, as its API gave them. */
const OlderChat = Schema.Struct({
  name: Schema.String,
  id: Schema.String,
  title: Schema.String,
  labels: Schema.Record({ key: Schema.String, value: Schema.String }),
  pin_order: Schema.Int,
  archived: Schema.Boolean,
  last_error: Schema.optional(Schema.Struct({ message: Schema.String })),
  /** Its state in the machine, at `version`. */
  life: Schema.String,
  mode: Schema.String,
  context: Context,
  version: Schema.Int,
  messages: Schema.Array(OlderMessage),
  queued_messages: Schema.Array(Schema.Struct({ id: Schema.Int, content: Schema.Array(Schema.Unknown) })),
  attempts: Schema.Array(Schema.Struct({ history_version: Schema.Int, attempt: Schema.Int })),
})
export type OlderChat = typeof OlderChat.Type

export const readOlderChats = async (): Promise<ReadonlyArray<OlderChat>> =>
  Schema.decodeUnknownSync(Schema.parseJson(Schema.Array(OlderChat)))(await readFile(file("chats.json"), "utf8"))
