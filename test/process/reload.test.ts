import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type ChatReader, partKey } from "../support/chat-reader.ts"
import { Client, type StreamOptions, textOf } from "../support/client.ts"
import { openGate, ScriptedProvider } from "../support/scripted-provider.ts"
import { useServerProcess } from "../support/server-process.ts"

/** A reader goes away in the middle of an answer and comes back. */

const server = useServerProcess()
const provider = await ScriptedProvider.start()
let client: Client

beforeAll(async () => {
  client = await Client.signIn(server.url)
  await client.addScriptedModel(provider)
})
afterAll(() => provider.close())

const transports: ReadonlyArray<[string, (chatId: string, options?: StreamOptions) => Promise<ChatReader>]> = [
  ["WebSocket", (chatId, options) => client.stream(chatId, options)],
  ["server-sent events", (chatId, options) => client.serverSentEvents(chatId, options)],
]

const words = ["one ", "two ", "three ", "four ", "five"]

/** A chat that has been shown three words of its answer, and what lets the rest come. */
const halfShown = async (open: (chatId: string) => Promise<ChatReader>) => {
  const gates = words.map(() => openGate())
  provider.script({
    items: words.flatMap((word, index) => [{ gate: gates[index]?.wait ?? Promise.resolve() }, { text: word }]),
  })
  const { id } = await client.createChat("Count")
  const first = await open(id)
  for (const count of [1, 2, 3]) {
    gates[count - 1]?.open()
    await first.until((seen) => seen.text === words.slice(0, count).join(""))
  }
  await first.close()
  return { id, first, goOn: () => gates.forEach((gate) => gate.open()) }
}

const keysOf = (reader: ChatReader) => reader.parts.map(partKey)

type Parts = ChatReader["parts"]

/** Every part once, in order: the text from its beginning. The last words may come with the message alone. */
const expectUnbroken = (parts: Parts) => {
  expect(parts.map(({ generation_attempt, seq }) => [generation_attempt, seq])).toEqual(
    parts.map((_part, index) => [1, index + 1]),
  )
  const text = parts.map(({ part }) => (part.type === "text" ? part.text : "")).join("")
  expect(words.join("").slice(0, text.length)).toBe(text)
  expect(text.length).toBeGreaterThanOrEqual(words.slice(0, 3).join("").length)
}

describe.each(transports)("a reload in the middle of an answer, over %s", (_, open) => {
  it("with a cursor, goes on where it was: every part once", async () => {
    const { id, first, goOn } = await halfShown(open)
    const second = await open(id, { cursor: first.cursor })
    goOn()
    await second.untilAnswered(1)
    expectUnbroken([...first.parts, ...second.parts])
    // Nor is a message sent again.
    expect([...first.messages.keys()].filter((messageId) => second.messages.has(messageId))).toEqual([])
    expect(textOf(second.lastMessage)).toBe(words.join(""))
    await second.close()
  })

  it("without one, begins again and has everything once", async () => {
    const { id, first, goOn } = await halfShown(open)
    const second = await open(id)
    await second.until((seen) => seen.text === words.slice(0, 3).join(""))
    expect(keysOf(second)).toEqual(keysOf(first))
    goOn()
    await second.untilAnswered(2)
    expectUnbroken(second.parts)
    expect([...second.messages.values()].map((message) => [message.role, textOf(message)])).toEqual([
      ["user", "Count"],
      ["assistant", words.join("")],
    ])
    await second.close()
  })

  it("after the end, with the old cursor, gets the message and no part", async () => {
    const { id, first, goOn } = await halfShown(open)
    goOn()
    const other = await client.stream(id)
    await other.untilAnswered(2)
    await other.close()
    const second = await open(id, { cursor: first.cursor })
    await second.untilAnswered(1)
    expect(second.parts).toEqual([])
    expect([...second.messages.values()].map(textOf)).toEqual([words.join("")])
    expect(second.preview).toEqual([])
    await second.close()
  })
})

it("a cursor taken over one transport serves on the other", async () => {
  const { id, first, goOn } = await halfShown((chatId) => client.stream(chatId))
  const second = await client.serverSentEvents(id, { cursor: first.cursor })
  goOn()
  await second.untilAnswered(1)
  expectUnbroken([...first.parts, ...second.parts])
  expect(textOf(second.lastMessage)).toBe(words.join(""))
  await second.close()
})
