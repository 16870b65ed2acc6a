import { afterAll, beforeAll, expect, it } from "vitest"
import { linesOf } from "../support/chat-record.ts"
import { Client } from "../support/client.ts"
import { eventually } from "../support/eventually.ts"
import { useOwnPostgres } from "../support/own-postgres.ts"
import { openGate, ScriptedProvider } from "../support/scripted-provider.ts"
import { useServerProcess } from "../support/server-process.ts"
import { useSilentNetwork } from "../support/silent-network.ts"

/** The network forgets the connections to the database while a chat runs: no answer, no error. New connections work. */

const postgres = useOwnPostgres()
const network = useSilentNetwork(() => postgres.url)
const server = useServerProcess({
  get TROUPE_DATABASE_URL() {
    return network.url
  },
  TROUPE_STATEMENT_MS: "1000",
})
const provider = await ScriptedProvider.start()
let client: Client

beforeAll(async () => {
  client = await Client.signIn(server.url)
  await client.addScriptedModel(provider)
})
afterAll(() => provider.close())

it("goes on with a turn whose connections have fallen silent", { timeout: 90_000 }, async () => {
  const gate = openGate()
  provider.script(
    { items: [{ text: "Half " }, { gate: gate.wait }, { text: "done" }] },
    { items: [{ text: "All of it" }], repeat: true },
  )
  const { id } = await client.createChat("Tell me all")
  const reader = await client.stream(id)
  await reader.until((seen) => seen.text === "Half ")
  const logged = `select 1 as part from chat_parts where chat_id = $1`
  await eventually(async () => (await postgres.query(logged, [id])).length, 1)
  expect(network.silence()).toBeGreaterThan(0)
  gate.open()
  const activity = async () =>
    (await postgres.query<{ activity: string }>("select activity from chats where id = $1", [id]))[0]?.activity
  await expect.poll(activity, { timeout: 40_000 }).toBe("waiting")
  await reader.until((seen) => seen.activity === "waiting")
  const { messages } = await client.messages(id)
  const lines = messages.map(
    ({ role, content }) => linesOf({ messages: [{ id: 0, role, visibility: "both", content }] })[0],
  )
  expect(lines[1]).toBe("user: Tell me all")
  // A commit whose answer was not heard may have been made, or not; then the model was asked once more.
  expect(["assistant: Half done", "assistant: All of it"]).toContain(lines[0])
  expect(lines).toHaveLength(2)
  await reader.close()
  const next = await client.createChat("And now?")
  const after = await client.stream(next.id)
  await after.until((seen) => seen.activity === "waiting")
  await after.close()
})
