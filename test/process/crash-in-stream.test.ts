import { setTimeout as pause } from "node:timers/promises"
import { afterAll, beforeAll, expect, it } from "vitest"
import type { Attempt } from "../../src/contract/chats.ts"
import type { ChatReader } from "../support/chat-reader.ts"
import { partKey } from "../support/chat-reader.ts"
import { Client, textOf } from "../support/client.ts"
import { openGate, ScriptedProvider } from "../support/scripted-provider.ts"
import { useServerProcess } from "../support/server-process.ts"

/** The server is killed while a model's words are on the way to a reader. */

const server = useServerProcess({ TROUPE_RECOVERY_ATTEMPTS: "2" })
const provider = await ScriptedProvider.start()
let client: Client

beforeAll(async () => {
  client = await Client.signIn(server.url)
  await client.addScriptedModel(provider)
})
afterAll(() => provider.close())

const keptText = (attempts: ReadonlyArray<Attempt>): string =>
  attempts.flatMap(({ content }) => content.map((part) => (part.type === "text" ? part.text : ""))).join("")

/** Starts the server again; answers how long after that the turn called the model anew. */
const restart = async (nextRequest: number): Promise<number> => {
  await server.start()
  const readyAt = performance.now()
  await provider.requestArrived(nextRequest)
  return performance.now() - readyAt
}

const keysOf = (reader: ChatReader) => reader.parts.map(partKey)

it("keeps every word shown more than 100 ms before a kill, and the turn goes on in a new attempt", async () => {
  const words = ["Once ", "upon ", "a ", "time"]
  const gates = words.map(() => openGate())
  const resumed = openGate()
  const begun = provider.requests.length
  provider.script(
    {
      items: [
        ...words.flatMap((word, i) => [{ gate: gates[i]?.wait ?? Promise.resolve() }, { text: word }]),
        { silence: true },
      ],
    },
    { items: [{ gate: resumed.wait }, { text: ["The ", "end."] }] },
  )
  const { id } = await client.createChat("Tell me a story")
  const before = await client.stream(id)
  for (const [index, gate] of gates.entries()) {
    gate.open()
    await before.until((seen) => seen.text === words.slice(0, index + 1).join(""))
  }
  // What is promised is a span of time: older than this, nothing may be lost.
  await pause(150)
  expect(await server.kill9()).toEqual({ code: null, signal: "SIGKILL" })
  await before.closed

  expect(await restart(begun + 2)).toBeLessThan(5_000)
  const after = await client.stream(id, { cursor: before.cursor })
  await after.until((seen) => seen.events.some((event) => event.type === "preview_reset"))
  resumed.open()
  await after.untilAnswered(1)

  const { attempts } = await client.attempts(id)
  expect(attempts).toMatchObject([
    { attempt: 1, reason: "crash", content: [{ type: "text", text: "Once upon a time" }] },
  ])
  // The reader that went on from its cursor: nothing that it has already, one reset, then the new attempt.
  const types = after.events.map((event) => event.type)
  expect(types.filter((type) => type === "preview_reset").length).toBeGreaterThan(0)
  expect(types.indexOf("preview_reset")).toBeLessThan(types.indexOf("message_part"))
  expect(keysOf(after).filter((key) => keysOf(before).includes(key))).toEqual([])
  expect(after.parts.map(({ generation_attempt, seq }) => [generation_attempt, seq])).toEqual(
    after.parts.map((_, index) => [2, index + 1]),
  )
  expect([...after.messages.values()].map((message) => [message.role, textOf(message)])).toEqual([
    ["assistant", "The end."],
  ])
  // A newcomer sees the same.
  const { messages } = await client.messages(id)
  expect(messages.map((message) => [message.role, textOf(message)])).toEqual([
    ["assistant", "The end."],
    ["user", "Tell me a story"],
  ])
  await after.close()
  expect(provider.refusals).toEqual([])
})

it("loses at most what was shown in the last 100 ms when it is killed right after a word", async () => {
  const words = Array.from({ length: 400 }, (_, index) => `w${index} `)
  const begun = provider.requests.length
  provider.script(
    { items: [...words.flatMap((word) => [{ text: word }, { pauseMs: 4 }]), { silence: true }] },
    { items: [{ text: "Done." }] },
  )
  const { id } = await client.createChat("Count")
  const before = await client.stream(id)
  await before.until((seen) => seen.parts.length >= 40)
  const killedAt = performance.now()
  await server.kill9()
  await before.closed
  const shown = before.text
  const surely = before.parts
    .filter(({ at }) => at < killedAt - 100)
    .map(({ part }) => (part.type === "text" ? part.text : ""))
    .join("")

  expect(await restart(begun + 2)).toBeLessThan(5_000)
  const kept = keptText((await client.attempts(id)).attempts)
  expect(surely).not.toBe("")
  expect(kept.slice(0, surely.length)).toBe(surely)
  expect(shown.startsWith(kept) || kept.startsWith(shown)).toBe(true)
  expect(words.join("").startsWith(kept)).toBe(true)

  const after = await client.stream(id, { cursor: before.cursor })
  await after.untilAnswered(1)
  expect(textOf(after.lastMessage)).toBe("Done.")
  await after.close()
})

it("ends the turn with a visible reason when the server dies again and again", async () => {
  const half = { items: [{ text: "half" }, { silence: true }] } as const
  const begun = provider.requests.length
  provider.script(half, half, half, { items: [{ text: "Back again." }] })
  const { id } = await client.createChat("Crash me")
  for (let crash = 1; crash <= 3; crash += 1) {
    // What a reader sees first is what was kept of the attempt before.
    await provider.requestArrived(begun + crash)
    const reader = await client.stream(id)
    await reader.until((seen) => seen.text === "half")
    await server.kill9()
    await server.start()
  }
  const reader = await client.stream(id)
  await reader.until((seen) => seen.status === "error")
  expect(reader.error).toMatchObject({ message: expect.stringContaining("went down several times"), retryable: false })
  await reader.close()
  expect(provider.left).toBe(1)

  await client.send(id, "Still there?")
  const again = await client.stream(id)
  await again.untilAnswered(3)
  expect(textOf(again.lastMessage)).toBe("Back again.")
  await again.close()
})
