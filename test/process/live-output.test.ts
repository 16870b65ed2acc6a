import { SqlClient } from "@effect/sql"
import { Effect } from "effect"
import { writeFile } from "node:fs/promises"
import path from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { afterAll, beforeAll, expect, it } from "vitest"
import { addParts } from "../../src/contract/part-deltas.ts"
import type { ToolResultPart } from "../../src/contract/parts.ts"
import { type ChatReader, readWebSocket, webSocket } from "../support/chat-reader.ts"
import { Client } from "../support/client.ts"
import { ScriptedProvider } from "../support/scripted-provider.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"
import { record, rounds } from "../support/soak.ts"

/** Commands that write without end, and a server that is killed while one is being stopped. */

const MIB = 1024 * 1024
const server = useServerProcess()
const provider = await ScriptedProvider.start()
let client: Client

beforeAll(async () => {
  client = await Client.signIn(server.url)
  await client.addScriptedModel(provider)
})
afterAll(() => provider.close())

const homeOf = async (chatId: string): Promise<string> => {
  const { workspace_id } = await client.chat(chatId)
  if (workspace_id === undefined) throw new Error("The chat has no workspace")
  return path.join(server.dataDir, "workspaces", workspace_id, "home")
}

/** A chat whose model runs this command, and says "done" afterwards. */
const running = async (command: string) => {
  provider.script(
    { items: [{ calls: [{ tool: "execute", args: { command, timeout: "1h" }, id: "a" }] }] },
    { items: [{ text: "done" }] },
  )
  const { id } = await client.createChat("Run it")
  const reader = await client.stream(id)
  await reader.until((seen) => seen.activity === "running.executing")
  return { id, reader }
}

const shownOutput = ({ preview }: ChatReader): string =>
  addParts(preview.map(({ part }) => part)).flatMap((part) =>
    part.type === "tool-result" ? [part.result_delta ?? ""] : [],
  )[0] ?? ""

const resultOf = (reader: ChatReader): ToolResultPart | undefined =>
  [...reader.messages.values()].flatMap(({ content }) => content.filter((part) => part.type === "tool-result"))[0]

const stop = (chatId: string) => client.call("POST", `/chats/${chatId}/tool-calls/a/stop`)

/** Writes so many bytes, says so, and goes on until a file is there. */
const flooding = (bytes: number) =>
  `yes 'a line of some length that is written again and again' | head -c ${bytes}; echo; echo all written; ` +
  "while [ ! -e go ]; do sleep 0.05; done"

/** One command that writes this much before two readers, of which one has stopped to read. */
const flood = async (bytes: number) => {
  const { id, reader } = await running(flooding(bytes))
  const socket = webSocket(client.streamUrl(id), client.authorization)
  const slow = await readWebSocket(socket)
  await slow.until((seen) => seen.activity === "running.executing")
  socket.pause()
  let most = 0
  const watch = setInterval(() => (most = Math.max(most, server.run.pssBytes())), 200)
  const began = performance.now()
  await reader.until((seen) => shownOutput(seen).includes("all written"), 120_000)
  // Some seconds more, in which it is all the same.
  await pause(500)
  clearInterval(watch)
  const seconds = (performance.now() - began) / 1000
  const [log] = await server.database.run(
    Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql<{ rows: number; bytes: number }>`
        select count(*)::int as rows, sum(length(part::text))::int as bytes from chat_parts where chat_id = ${id}`,
    ),
  )
  socket.resume()
  await slow.until((seen) => shownOutput(seen).includes("all written"))
  const joined = await client.stream(id)
  await joined.until((seen) => shownOutput(seen).includes("all written"))
  const shown = [reader, slow, joined].map(shownOutput)
  const deltas = reader.parts.flatMap(({ part, at }) => (part.type === "tool-result" ? [{ part, at }] : []))
  await writeFile(path.join(await homeOf(id), "go"), "")
  for (const each of [reader, slow, joined]) {
    await each.until((seen) => seen.status === "waiting" && seen.messages.size >= 4, 30_000)
    expect(resultOf(each)).toMatchObject({ result: { success: true, truncated: { original_bytes: bytes + 13 } } })
    await each.close()
  }
  return { most, seconds, log, shown, deltas, before: server.run.pssBytes() }
}

it("gigabytes of output cost the server nothing that grows, and readers what they see of it", async () => {
  // What such a command costs anyway.
  const { before } = await flood(64 * MIB)
  const { most, seconds, log, shown, deltas } = await flood(rounds({ test: 1024, soak: 16 * 1024 }) * MIB)
  record("live output", { mebibytes: (most - before) / MIB, seconds, rows: log?.rows ?? 0, bytes: log?.bytes ?? 0 })
  expect(most - before).toBeLessThan(10 * MIB)
  expect(log?.rows).toBeLessThanOrEqual(10 * seconds + 20)
  expect(log?.bytes).toBeLessThan(1.5 * MIB)
  expect(new Set(shown).size).toBe(1)
  expect(shown[0]).toMatch(/^…\[\d+ bytes omitted\]…\n/)
  expect(shown[0]?.length).toBeLessThan(130_000)
  const bytes = deltas.reduce((sum, { part }) => sum + Buffer.byteLength(part.result_delta ?? ""), 0)
  expect(bytes / seconds).toBeLessThanOrEqual(64 * 1024 * 1.2)
  expect(deltas.length / seconds).toBeLessThanOrEqual(11)
}, 300_000)

it("a stop holds through kill -9: the next server ends the command, says who it was, and the turn goes on", async () => {
  // Deaf to TERM, so that the server is killed while it waits for the end.
  const { id, reader } = await running(`trap '' TERM; echo at work; while :; do sleep 0.05; done`)
  await reader.until((seen) => shownOutput(seen) === "at work\n")
  expect((await stop(id)).status).toBe(204)
  await server.kill9()
  await server.start()
  const after = await client.stream(id, { cursor: reader.cursor })
  await after.until((seen) => seen.status === "waiting" && seen.messages.size >= 2, 30_000)
  expect(resultOf(after)).toMatchObject({
    is_error: true,
    // Killed, after it would not be asked.
    result: { stopped_by: OWNER.username, output: "at work\n", exit_code: 137 },
  })
  expect((await stop(id)).status).toBe(204)
  await after.close()
}, 90_000)

it("a call is stopped over the API while it runs, and not what has ended, is unknown, or is somebody else's", async () => {
  const { id, reader } = await running("while [ ! -e go ]; do sleep 0.05; done")
  await expect.poll(() => homeOf(id).catch(() => "")).not.toBe("")
  const of = (chatId: string, call: string) => client.call("POST", `/chats/${chatId}/tool-calls/${call}/stop`)
  expect((await of(id, "b")).status).toBe(404)
  expect((await of("00000000-0000-4000-8000-000000000001", "a")).status).toBe(404)
  await writeFile(path.join(await homeOf(id), "go"), "")
  await reader.until((seen) => seen.status === "waiting" && seen.messages.size >= 4)
  expect((await of(id, "a")).status).toBe(409)
  await reader.close()
})
