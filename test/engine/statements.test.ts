import pg from "pg"
import { afterAll, describe, expect, it, vi } from "vitest"
import { useChatServer } from "../support/chat-server.ts"
import { openGate } from "../support/scripted-provider.ts"
import { sentStatements } from "../support/sent-statements.ts"
import { chatsOf } from "../support/server-chats.ts"

/** What a person waits for between a message and the first word of its answer, counted in statements. */

// Only what the message itself asks for: nothing looks for work of others meanwhile.
const server = useChatServer({ TROUPE_SWEEP_MS: "86400000", TROUPE_INSTANCE_HEARTBEAT_MS: "86400000" })
const chats = chatsOf(server)

afterAll(() => {
  vi.restoreAllMocks()
})

/** Kinds of statements by what only they say. The first that matches counts. */
const KINDS: ReadonlyArray<readonly [kind: string, says: RegExp]> = [
  ["standing", /select distinct c\.owner_id/],
  ["session", /from api_keys/],
  ["grant", /grant_slots/],
  ["commit", /chat_transitions/],
  ["shown parts", /insert into chat_parts/],
  ["facts of the chat", /^\s*select[^;]*from chats\b/],
  ["setting", /from site_configs/],
  ["models", /from model_configs|from providers/],
]

/** Nobody waits for these: text is shown before it is written down, and `refreshed` reads settings beside the requests. */
const BESIDE = new Set(["standing", "shown parts", "setting", "models"])

const kindOf = (text: string): string => KINDS.find(([, says]) => says.test(text))?.[0] ?? text

/** How many statements of each kind were sent between the request and the first part at the reader. */
const statementsBeforeFirstWord = async (chatId: string): Promise<Readonly<Record<string, number>>> => {
  const query = vi.spyOn(pg.Client.prototype, "query")
  const reader = await server.client.stream(chatId)
  await reader.until(({ status }) => status === "waiting")
  // The commit that ends the turn is not what anybody waits for.
  const gate = openGate()
  server.provider.script({ items: [{ text: "First" }, { gate: gate.wait }] })
  query.mockClear()
  const sent = server.client.send(chatId, "Say it")
  await reader.until(({ parts }) => parts.length > 0)
  const calls: ReadonlyArray<ReadonlyArray<unknown>> = [...query.mock.calls]
  query.mockRestore()
  gate.open()
  await sent
  await reader.until(({ status }) => status === "waiting")
  await reader.close()
  const counts: Record<string, number> = {}
  for (const { text } of calls.flatMap(sentStatements)) {
    const kind = kindOf(text)
    if (BESIDE.has(kind)) continue
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

describe("a message to a live chat", () => {
  it("reaches its first word with one statement, the commit that begins the turn", async () => {
    const chatId = await chats.idle()
    expect(await statementsBeforeFirstWord(chatId)).toEqual({ commit: 1 })
  })
})
