import { readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { ToolResultPart } from "../../src/contract/parts.ts"
import type { ChatReader } from "../support/chat-reader.ts"
import { Client, textOf } from "../support/client.ts"
import { ScriptedProvider } from "../support/scripted-provider.ts"
import { useServerProcess } from "../support/server-process.ts"

/** The server goes away while a command runs in a workspace; the next one gets that same command's output. */

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

const contentOf = (file: string) => readFile(file, "utf8").catch(() => "")

const resultsOf = (reader: ChatReader): ReadonlyArray<ToolResultPart> =>
  [...reader.messages.values()].flatMap(({ content }) => content.filter((part) => part.type === "tool-result"))

/** A chat whose model runs this command; resolves when the command has written a line to the file `runs`. */
const runCommand = async (command: string): Promise<{ id: string; home: string; reader: ChatReader }> => {
  provider.script(
    { items: [{ calls: [{ tool: "execute", args: { command: `echo run >> runs; ${command}`, timeout: "60s" } }] }] },
    { items: [{ text: "It is done." }] },
  )
  const { id } = await client.createChat("Run it")
  const reader = await client.stream(id)
  await reader.until((seen) => seen.activity === "running.executing")
  const written = async () => contentOf(path.join(await homeOf(id), "runs"))
  // The workspace is made by this first call, and bound to the chat before the command runs.
  await expect.poll(() => written().catch(() => ""), { timeout: 20_000, interval: 20 }).toBe("run\n")
  return { id, home: await homeOf(id), reader }
}

const expectOneRun = async (chat: { id: string; home: string; reader: ChatReader }, output: string) => {
  const after = await client.stream(chat.id, { cursor: chat.reader.cursor })
  await after.untilAnswered(2)
  expect(resultsOf(after)).toMatchObject([
    { tool_name: "execute", is_error: false, result: { success: true, exit_code: 0, output } },
  ])
  expect(textOf(after.lastMessage)).toBe("It is done.")
  expect(await contentOf(path.join(chat.home, "runs"))).toBe("run\n")
  await after.close()
  // One call of the model before, one after: the step itself was not done again.
  expect(provider.left).toBe(0)
  expect(provider.refusals).toEqual([])
}

describe("a command that runs while the server goes away", () => {
  it("is taken up again after kill -9, and has run once", async () => {
    const chat = await runCommand("sleep 3; echo done >> log; echo done")
    await server.kill9()
    await chat.reader.closed
    await server.start()
    await expectOneRun(chat, "done\n")
    expect(await contentOf(path.join(chat.home, "log"))).toBe("done\n")
  })

  it("goes on while there is no server, and its output is there for the next one", async () => {
    const chat = await runCommand("while [ ! -e go ]; do sleep 0.02; done; echo went; echo over > log")
    await server.kill9()
    await writeFile(path.join(chat.home, "go"), "")
    await expect.poll(() => contentOf(path.join(chat.home, "log")), { timeout: 10_000 }).toBe("over\n")
    await server.start()
    await expectOneRun(chat, "went\n")
  })

  it("is left running by SIGTERM and taken up again by the next server", async () => {
    const chat = await runCommand("while [ ! -e go ]; do sleep 0.02; done; echo went")
    expect(await server.stop()).toEqual({ code: 0, signal: null })
    expect(await chat.reader.closed).toMatchObject({ code: 1001 })
    await server.start()
    const between = await client.stream(chat.id)
    await between.until((seen) => seen.activity === "running.executing")
    await between.close()
    // A hand-over is no crash.
    expect((await client.attempts(chat.id)).attempts).toEqual([])
    await writeFile(path.join(chat.home, "go"), "")
    await expectOneRun(chat, "went\n")
  })
})
