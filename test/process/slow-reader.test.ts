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

/** The system takes about 3 MB for each of them before anything waits inside the server. */
const STALLED_READERS = 24
const DELTAS = Array.from({ length: 10_000 }, (_, index) => `${index} `.padEnd(1024, "x"))
const TEXT = `begin ${DELTAS.join("")}`

const lengthOf = (reader: ChatReader) =>
  reader.parts.reduce((sum, { part }) => sum + (part.type === "text" ? part.text.length : 0), 0)

const expectAllParts = (reader: ChatReader) => {
  expect(reader.parts.map(({ seq }) => seq)).toEqual(reader.parts.map((_, index) => index + 1))
  expect(reader.text).toBe(TEXT)
}

/** Streams 10 MB to one reader, beside some that have stopped to read. The turn is under way until `finish`. */
const streamMuch = async (stalled: number) => {
  const [begin, end] = [openGate(), openGate()]
  provider.script({ items: [{ text: "begin " }, { gate: begin.wait }, { text: DELTAS }, { gate: end.wait }] })
  const { id } = await client.createChat("Much")
  const reader = await client.stream(id)
  const sockets = Array.from({ length: stalled }, () => webSocket(client.streamUrl(id), client.authorization))
  const readers = await Promise.all(sockets.map(readWebSocket))
  await Promise.all([reader, ...readers].map((each) => each.until((seen) => seen.text === "begin ")))
  for (const socket of sockets) socket.pause()
  begin.open()
  await reader.until((seen) => lengthOf(seen) === TEXT.length)
  const finish = async () => {
    end.open()
    await reader.untilAnswered(2)
    expect(textOf(reader.lastMessage)).toBe(TEXT)
    await reader.close()
  }
  expectAllParts(reader)
  return { sockets, readers, finish, pssBytes: server.run.pssBytes() }
}

it("readers that never read cost the server bounded memory, hold nobody up, and catch up exactly", async () => {
  // The first one takes what such a stream costs anyway.
  const alone = await streamMuch(0)
  await alone.finish()
  const { sockets, readers, finish } = await streamMuch(STALLED_READERS)
  // Kept for each of them, it would be 160 MB and more; what is allowed to each is 1 MB. The rest is for the
  // collector, which has its time before the server lets go of readers that stand still (30 s).
  const more = () => server.run.pssBytes() - alone.pssBytes
  await expect.poll(more, { timeout: 12_000, interval: 500 }).toBeLessThan(128 * 1024 * 1024)
  for (const socket of sockets) socket.resume()
  for (const reader of readers) {
    await reader.until((seen) => lengthOf(seen) === TEXT.length)
    expectAllParts(reader)
    await reader.close()
  }
  await finish()
}, 60_000)
