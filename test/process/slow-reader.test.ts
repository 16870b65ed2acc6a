import { afterAll, beforeAll, expect, it } from "vitest"
import { type ChatReader, readWebSocket, webSocket } from "../support/chat-reader.ts"
import { Client, textOf } from "../support/client.ts"
import { openGate, ScriptedProvider } from "../support/scripted-provider.ts"
import { useServerProcess } from "../support/server-process.ts"

/** Readers that do not read. */

const server = useServerProcess()
const provider = await ScriptedProvider.start()
let client: Client

beforeAll(async () => {
  client = await Client.signIn(server.url)
  await client.addScriptedModel(provider)
})
afterAll(() => provider.close())

const STALLED_READERS = 24
const DELTAS = 3_000

const lengthOf = (reader: ChatReader) =>
  reader.parts.reduce((sum, { part }) => sum + (part.type === "text" ? part.text.length : 0), 0)

/** Streams 3,000 deltas of 1 KB to one reader, beside some that have stopped to read. */
const streamMuch = async (stalled: number) => {
  const [gate, last] = [openGate(), openGate()]
  const deltas = Array.from({ length: DELTAS }, (_, index) => `${index} `.padEnd(1024, "x"))
  provider.script({ items: [{ text: "begin " }, { gate: gate.wait }, { text: deltas }, { gate: last.wait }] })
  const { id } = await client.createChat("Much")
  const reader = await client.stream(id)
  const sockets = Array.from({ length: stalled }, () => webSocket(client.streamUrl(id), client.authorization))
  const readers = await Promise.all(sockets.map(readWebSocket))
  await Promise.all([reader, ...readers].map((each) => each.until((seen) => seen.text === "begin ")))
  for (const socket of sockets) socket.pause()
  const text = `begin ${deltas.join("")}`
  gate.open()
  await reader.until((seen) => lengthOf(seen) === text.length)
  const pssBytes = server.run.pssBytes()
  last.open()
  await reader.untilAnswered(2)
  expect(reader.parts.map(({ seq }) => seq)).toEqual(reader.parts.map((_, index) => index + 1))
  expect(textOf(reader.lastMessage)).toBe(text)
  await reader.close()
  return { sockets, readers, text, pssBytes }
}

it("readers that never read cost the server bounded memory, hold nobody up, and catch up exactly", async () => {
  // The first one takes what such a stream costs anyway.
  const before = await streamMuch(0)
  // Kept for each of them, this would be 72 MB and more.
  const { sockets, readers, text, pssBytes } = await streamMuch(STALLED_READERS)
  console.log("GROWTH", (pssBytes - before.pssBytes) / 1e6, before.pssBytes/1e6)
  expect(pssBytes - before.pssBytes).toBeLessThan(64 * 1024 * 1024)

  for (const socket of sockets) socket.resume()
  for (const reader of readers) {
    await reader.untilAnswered(2)
    expect(textOf(reader.lastMessage)).toBe(text)
    // Parts in their order, none twice; what had become the message by then is not sent as parts any more.
    expect(reader.parts.map(({ seq }) => seq)).toEqual(reader.parts.map((_, index) => index + 1))
    await reader.close()
  }
}, 60_000)
