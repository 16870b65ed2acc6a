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
const STEPS = 5
/** A step may say 2 MiB. */
const DELTAS = Array.from({ length: 1_900 }, (_, index) => `${index} `.padEnd(1024, "x"))
const TEXTS = Array.from({ length: STEPS }, (_, step) => `${step === 0 ? "begin " : ""}${DELTAS.join("")}`)

const answers = (reader: ChatReader) => [...reader.messages.values()].filter(({ role }) => role === "assistant")

const isAtTheEnd = (reader: ChatReader) => answers(reader).length === STEPS && reader.text === "end "

const expectAllText = (reader: ChatReader) => expect(answers(reader).map(textOf)).toEqual(TEXTS)

/** Each text has its parts numbered from one. */
const expectAllParts = (reader: ChatReader) => {
  let before = 0
  const places = reader.parts.map(({ seq }) => (before = seq === 1 ? 1 : before + 1))
  expect(reader.parts.map(({ seq }) => seq)).toEqual(places)
}

/** Streams 10 MB to one reader, and their messages, beside some that have stopped to read. The turn goes on until `finish`. */
const streamMuch = async (stalled: number) => {
  const [begin, end] = [openGate(), openGate()]
  const call = (step: number) => ({ calls: [{ tool: "nothing", args: {}, id: `call${step}` }] })
  provider.script(
    { items: [{ text: "begin " }, { gate: begin.wait }, { text: DELTAS }, call(0)] },
    ...Array.from({ length: STEPS - 1 }, (_, step) => ({ items: [{ text: DELTAS }, call(step + 1)] })),
    { items: [{ text: "end " }, { gate: end.wait }] },
  )
  const { id } = await client.createChat("Much")
  const reader = await client.stream(id)
  const sockets = Array.from({ length: stalled }, () => webSocket(client.streamUrl(id), client.authorization))
  const readers = await Promise.all(sockets.map(readWebSocket))
  await Promise.all([reader, ...readers].map((each) => each.until((seen) => seen.text === "begin ")))
  for (const socket of sockets) socket.pause()
  begin.open()
  await reader.until(isAtTheEnd)
  const finish = async () => {
    end.open()
    await reader.until((seen) => seen.status === "waiting")
    await reader.close()
  }
  expectAllText(reader)
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
    await reader.until(isAtTheEnd)
    expectAllText(reader)
    await reader.close()
  }
  await finish()
}, 60_000)
