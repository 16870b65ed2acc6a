import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Chat, MessagesResponse, SendMessageResponse } from "../../src/contract/chats.ts"
import { ChatAtVersion, ChatMachineState } from "../../src/contract/inspection.ts"
import { ApprovalsResponse } from "../../src/contract/tool-policy.ts"
import { Client, textContent, textOf } from "../support/client.ts"
import { leaves } from "../support/machine-states.ts"
import { type OlderChat, olderKeys, readOlderChats, restoreOlderData } from "../support/older-data.ts"
import { useTestDatabase } from "../support/postgres.ts"
import { ScriptedProvider } from "../support/scripted-provider.ts"
import { ServerRun } from "../support/server-process.ts"
import { stopAgents } from "../support/workspace-agent.ts"

/** A server of commit 3715b34 was killed over chats in every state of the machine. This tree's server starts on what it left. */

const database = useTestDatabase({ empty: true })
const provider = await ScriptedProvider.start()
const older = await readOlderChats()
let server: ServerRun
let client: Client

/** All chats that were at work go through two slots. */
const LINE_MS = 120_000

const ANSWER = "An answer of today."

const named = (name: string): OlderChat => {
  const found = older.find((chat) => chat.name === name)
  if (found === undefined) throw new Error(`The fixture has no chat named ${name}`)
  return found
}

beforeAll(async () => {
  await restoreOlderData(database.url, provider.url)
  provider.script({ items: [{ text: ANSWER }], repeat: true })
  server = new ServerRun({
    TROUPE_DATABASE_URL: database.url,
    TROUPE_DATA_DIR: database.dataDir,
    TROUPE_ENCRYPTION_KEYS: olderKeys,
  })
  client = await Client.signIn(await server.ready())
})
afterAll(async () => {
  await server?.end("SIGTERM")
  await stopAgents(database.dataDir)
  await provider.close()
})

/** The state that the chat comes to; the one it is stuck in when that is another. */
const comesTo = async ({ id }: OlderChat, activity: string): Promise<string> => {
  const reader = await client.stream(id)
  await reader.until((seen) => seen.activity === activity, LINE_MS).catch(() => undefined)
  await reader.close()
  return reader.activity
}

/** Where a chat stands once nobody has anything to do for it but a person. */
const restOf = ({ name, life }: OlderChat): string => {
  // Its client had five minutes, long ago.
  if (name === "client-tools-expired") return "waiting"
  return life === "error" || life.startsWith("requires_action.") ? life : "waiting"
}

const messagesOf = async ({ id }: OlderChat) => {
  const { messages, queued_messages, has_more } = await client.expect(
    MessagesResponse,
    200,
    "GET",
    `/chats/${id}/messages?limit=200`,
  )
  expect(has_more).toBe(false)
  return { messages: messages.toReversed(), queued: queued_messages }
}

describe("the data of an older release", () => {
  it("has chats in every state of the machine", () => {
    const { N: _none, ...others } = leaves
    expect(new Set(older.map(({ life }) => life))).toEqual(new Set(Object.values(others)))
    expect(older.length).toBeGreaterThanOrEqual(50)
  })

  it(
    "brings every chat to rest, or to what it waits for",
    async () => {
      const ends = await Promise.all(older.map(async (chat) => [chat.name, await comesTo(chat, restOf(chat))]))
      expect(ends).toEqual(older.map((chat) => [chat.name, restOf(chat)]))
    },
    LINE_MS,
  )

  it("is all there: every message as that release showed it, and every queued one", async () => {
    const check = async (chat: OlderChat) => {
      const now = await messagesOf(chat)
      const then = chat.messages.toReversed()
      const told = now.messages.map(({ id, role, content }) => ({ id, role, content }))
      expect([chat.name, told.slice(0, then.length)]).toEqual([chat.name, then])
      const waiting = new Set(now.queued.map(({ id }) => id))
      const promoted = now.messages.slice(then.length).filter(({ role }) => role === "user")
      const gone = chat.queued_messages.filter(({ id }) => !waiting.has(id))
      const said = promoted.flatMap(({ content }) => content)
      expect([chat.name, said]).toEqual([chat.name, expect.arrayContaining(gone.flatMap(({ content }) => content))])
      const shown = await client.chat(chat.id)
      const { title, labels, pin_order, archived } = chat
      expect(shown).toMatchObject({ title, labels, pin_order, archived })
      expect([chat.name, shown.last_error?.message]).toEqual([chat.name, chat.last_error?.message])
    }
    await Promise.all(older.map(check))
  })

  it("keeps what was shown of a reply that was not finished", async () => {
    const { attempts } = await client.attempts(named("generating-shown").id)
    expect(attempts).toMatchObject([{ reason: "crash", content: [{ type: "text", text: "Shown and not ended" }] }])
    const { messages } = await messagesOf(named("interrupting"))
    expect(messages.map((message) => [message.role, textOf(message)]).at(-1)).toEqual(["assistant", "Stopped here"])
  })

  it("has each call that waits for somebody answered by them", async () => {
    for (const name of ["approval", "approval-half-decided", "approval-queue"]) {
      const chat = named(name)
      const { approvals } = await client.expect(ApprovalsResponse, 200, "GET", `/chats/${chat.id}/approvals`)
      expect([name, approvals.length]).toEqual([name, 1])
      const decisions = approvals.map(({ id }) => ({ id, decision: "approve" }))
      const { status } = await client.call("POST", `/chats/${chat.id}/approvals`, { body: { decisions } })
      expect([name, status]).toEqual([name, 204])
      expect([name, await comesTo(chat, "waiting")]).toEqual([name, "waiting"])
    }
    for (const name of ["client-tools", "client-tools-queue"]) {
      const chat = named(name)
      const { pending_calls } = await client.expect(ChatMachineState, 200, "GET", `/chats/${chat.id}/machine`)
      expect([name, pending_calls.length]).toEqual([name, 2])
      const results = pending_calls.map(({ tool_call_id }) => ({ tool_call_id, output: "found" }))
      const { status } = await client.call("POST", `/chats/${chat.id}/tool-results`, { body: { results } })
      expect([name, status]).toEqual([name, 204])
      expect([name, await comesTo(chat, "waiting")]).toEqual([name, "waiting"])
    }
    const { messages } = await messagesOf(named("approval"))
    const results = messages.flatMap(({ content }) => content.filter((part) => part.type === "tool-result"))
    expect(results).toMatchObject([{ tool_name: "execute", is_error: false, result: { output: "approved\n" } }])
  })

  it(
    "takes another message in every chat and answers it",
    async () => {
      for (const chat of older.filter(({ archived }) => archived)) {
        expect((await client.call("PATCH", `/chats/${chat.id}`, { body: { archived: false } })).status).toBe(204)
      }
      await Promise.all(
        older.map(async (chat) => {
          const words = `More for ${chat.name}`
          await client.send(chat.id, words)
          const reader = await client.stream(chat.id)
          await reader.until((seen) => {
            const last = [...seen.messages.values()].slice(-2)
            return seen.activity === "waiting" && textOf(last[0]) === words && textOf(last[1]) === ANSWER
          }, LINE_MS)
          expect([chat.name, reader.queue]).toEqual([chat.name, []])
          await reader.close()
        }),
      )
    },
    LINE_MS,
  )

  it("replays the journal of every chat, through what that release wrote and what this one did", async () => {
    const at = (id: string, version: number) => client.expect(ChatAtVersion, 200, "GET", `/chats/${id}/at/${version}`)
    await Promise.all(
      older.map(async ({ id, name, life, mode, context, version }) => {
        const now = await client.expect(ChatMachineState, 200, "GET", `/chats/${id}/machine`)
        expect([name, now.fault]).toEqual([name, undefined])
        expect([name, await at(id, version)]).toMatchObject([name, { life, mode, context, version }])
        expect(await at(id, now.version)).toMatchObject({ life: now.life, mode: now.mode, context: now.context })
        // Where it began: there was no way past the line then.
        expect([name, (await at(id, 1)).life]).toEqual([name, "pending"])
      }),
    )
  })

  it("answers the repeat of a request from the receipt that the older release left", async () => {
    const { id, messages } = named("waiting-receipts")
    const sent = messages.find(({ content }) => JSON.stringify(content).includes("With a key"))
    const again = await client.expect(SendMessageResponse, 200, "POST", `/chats/${id}/messages`, {
      body: { content: textContent("With a key") },
      headers: { "idempotency-key": "send-1" },
    })
    expect(again.message?.id).toBe(sent?.id)
    const created = await client.expect(Chat, 201, "POST", "/chats", {
      body: {
        organization_id: (await client.chat(id)).organization_id,
        content: textContent("[waiting-receipts] Go ahead."),
        labels: { name: "waiting-receipts" },
      },
      headers: { "idempotency-key": "create-1" },
    })
    expect(created.id).toBe(id)
  })

  it("sends the model nothing that a real one refuses", () => {
    expect(provider.refusals).toEqual([])
  })
})
