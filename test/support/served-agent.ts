import { once } from "node:events"
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll } from "vitest"
import { WorkspaceAgent } from "../../workspace-agent/src/agent.ts"
import { defaultProcessLimits } from "../../workspace-agent/src/process-table.ts"
import { askSocket } from "./workspace-agent.ts"

/** Headers of a request by a chat. */
export const chatHeaders = (chatId: string) => ({ "Coder-Chat-Id": chatId })

/** Headers of a request by a tool call of a chat. */
export const callHeaders = (chatId: string, toolCallId: string, ageMs = 0) => ({
  ...chatHeaders(chatId),
  "Coder-Tool-Call-Message-Id": "7",
  "Coder-Tool-Call-Id": toolCallId,
  "Coder-Tool-Call-Age-Ms": String(ageMs),
})

/** A workspace agent in this process, on a real socket, for the test file that calls this at its top level. */
export const useServedAgent = () => {
  let folder = ""
  let agent: WorkspaceAgent | undefined
  const homeOf = () => path.join(folder, "home")
  const socketOf = () => path.join(folder, "agent.sock")

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), "troupe-agent-test-")))
    await mkdir(homeOf())
    agent = await WorkspaceAgent.create({
      directory: homeOf(),
      environment: { PATH: process.env["PATH"], HOME: homeOf() },
      idleMs: 600_000,
      onEnd: () => undefined,
      processes: { ...defaultProcessLimits, termGraceMs: 300, maxRunning: 8 },
    })
    agent.server.listen(socketOf())
    await once(agent.server, "listening")
  })

  afterAll(async () => {
    await agent?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const ask = (method: "GET" | "POST", target: string, options: Parameters<typeof askSocket>[3] = {}) =>
    askSocket(socketOf(), method, target, options)

  return {
    /** What the workspace's folder lies in: outside the workspace. */
    outside: () => folder,
    home: homeOf,
    ask,
    read: (file: string, query = "") => ask("GET", `/read-file-lines?path=${encodeURIComponent(file)}${query}`),
    write: (file: string, body: string | Buffer) =>
      ask("POST", `/write-file?path=${encodeURIComponent(file)}`, { body }),
    edit: (files: ReadonlyArray<{ path: string; edits: ReadonlyArray<object> }>) =>
      ask("POST", "/edit-files", { body: JSON.stringify({ files }) }),
    start: (headers: Record<string, string>, command: string, more: object = {}) =>
      ask("POST", "/processes/start", { headers, body: JSON.stringify({ command, ...more }) }),
    output: (chatId: string, id: string, wait: number, signal?: AbortSignal) =>
      ask("GET", `/processes/${id}/output?wait=${wait}`, {
        headers: chatHeaders(chatId),
        ...(signal ? { signal } : {}),
      }),
    follow: (chatId: string, id: string, after: number, wait: number, signal?: AbortSignal) =>
      ask("GET", `/processes/${id}/follow?after=${after}&most=32768&wait=${wait}`, {
        headers: chatHeaders(chatId),
        ...(signal ? { signal } : {}),
      }),
    cancel: (headers: Record<string, string>) => ask("POST", "/tool-calls/cancel", { headers }),
  }
}
