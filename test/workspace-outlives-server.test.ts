import { Effect } from "effect"
import { spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, it } from "vitest"
import { execute } from "../src/tools/execute.ts"
import { StepWorkspace } from "../src/tools/workspace-tool.ts"
import { makeLocalDriver } from "../src/workspaces/driver-local.ts"
import type { ExecuteCall } from "./support/execute-call.ts"
import { bundleWorkspaceAgent, stopAgents } from "./support/workspace-agent.ts"

let agent: { file: string; remove: () => Promise<void> }
let dataDir: string

beforeAll(async () => {
  agent = await bundleWorkspaceAgent()
  dataDir = await mkdtemp(path.join(tmpdir(), "troupe-outlives-"))
})

afterAll(async () => {
  await stopAgents(dataDir)
  await agent.remove()
  await rm(dataDir, { recursive: true, force: true })
})

it("a command goes on when the server is killed with its whole process group, and the next server gets its output, run once", async () => {
  const call: ExecuteCall = {
    dataDir,
    agentProgram: agent.file,
    workspaceId: randomUUID(),
    chatId: randomUUID(),
    toolCallId: randomUUID(),
    command: "echo run >> runs; echo before; while [ ! -e go ]; do sleep 0.02; done; echo after",
  }
  const home = path.join(dataDir, "workspaces", call.workspaceId, "home")
  const script = fileURLToPath(new URL("support/execute-call.ts", import.meta.url))
  // A group of its own, as a shell gives a foreground job: Ctrl+C and the kill below reach all of it.
  const server = spawn(process.execPath, ["--import", "tsx", script, JSON.stringify(call)], {
    detached: true,
    stdio: ["ignore", "ignore", "inherit"],
  })
  const ended = once(server, "exit")
  await expect.poll(() => readFile(path.join(home, "runs"), "utf8").catch(() => ""), { timeout: 20_000 }).toBe("run\n")
  const killedAt = Date.now()
  process.kill(-(server.pid ?? 0), "SIGKILL")
  expect(await ended).toEqual([null, "SIGKILL"])
  await writeFile(path.join(home, "go"), "")

  const again = Effect.gen(function* () {
    const driver = yield* makeLocalDriver({
      dataDir,
      enabled: true,
      agentProgram: agent.file,
      environment: process.env,
    })
    return yield* execute
      .run(
        { command: call.command, timeout: "1m" },
        {
          chatId: call.chatId,
          messageId: 1,
          toolCallId: call.toolCallId,
          callAgeMs: Date.now() - killedAt,
          repeat: true,
          stopping: () => "shutdown",
          show: () => undefined,
        },
      )
      .pipe(
        Effect.provideService(StepWorkspace, driver.connect({ workspaceId: call.workspaceId, ownedBySiteOwner: true })),
      )
  })
  expect(await Effect.runPromise(Effect.scoped(again))).toMatchObject({
    isError: false,
    result: { success: true, output: "before\nafter\n", exit_code: 0 },
  })
  expect(await readFile(path.join(home, "runs"), "utf8")).toBe("run\n")
})
