import { Effect, Exit, Fiber, Scope } from "effect"
import { randomUUID } from "node:crypto"
import { mkdtemp, readFile as readText, rm, writeFile as writeText } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { bundleWorkspaceAgent, stopAgents } from "../../test/support/workspace-agent.ts"
import { makeLocalDriver } from "../workspaces/driver-local.ts"
import { type WorkspaceConnection, WorkspaceError } from "../workspaces/workspace.ts"
import type { ToolContext, ToolOutcome } from "./tool.ts"
import { workspaceTools } from "./workspace-source.ts"
import { StepWorkspace } from "./workspace-tool.ts"

const chatId = randomUUID()
const workspaceId = randomUUID()
/** Long enough to mean "never" on a busy machine. */
const soon = { timeout: 20_000 }

let agent: { file: string; remove: () => Promise<void> }
let folder: string
let scope: Scope.CloseableScope
let workspace: WorkspaceConnection

/** A server of its own on the same workspace, as after a restart. */
const connect = async (): Promise<WorkspaceConnection> => {
  const driver = await Effect.runPromise(
    Scope.extend(
      makeLocalDriver({
        dataDir: folder,
        enabled: true,
        agentProgram: agent.file,
        environment: process.env,
        bubblewrap: "/nonexistent/bwrap",
      }),
      scope,
    ),
  )
  return Effect.runPromise(driver.connect({ workspaceId, ownedBySiteOwner: true }))
}

beforeAll(async () => {
  agent = await bundleWorkspaceAgent()
  folder = await mkdtemp(path.join(tmpdir(), "troupe-tools-"))
  scope = Effect.runSync(Scope.make())
  workspace = await connect()
})

afterAll(async () => {
  await stopAgents(folder)
  await Effect.runPromise(Scope.close(scope, Exit.void))
  await agent.remove()
  await rm(folder, { recursive: true, force: true })
})

/** What a call is run with, its workspace among it. */
interface Given extends ToolContext {
  readonly workspace: StepWorkspace["Type"]
}

const contextOf = (more: Partial<Given> = {}): Given => ({
  chatId,
  messageId: 1,
  toolCallId: randomUUID(),
  callAgeMs: 20,
  repeat: false,
  stopping: () => "user",
  show: () => undefined,
  workspace: Effect.succeed(workspace),
  ...more,
})

const toolNamed = (name: string) => {
  const tool = workspaceTools.find((candidate) => candidate.name === name)
  if (tool === undefined) throw new Error(`no tool ${name}`)
  return tool
}

const run = (name: string, args: unknown, { workspace: dial, ...context }: Given) =>
  Effect.provideService(toolNamed(name).run(args, context), StepWorkspace, dial)

const call = (name: string, args: unknown, given: Partial<Given> = {}): Promise<ToolOutcome> =>
  Effect.runPromise(run(name, args, contextOf(given)))

const fileIn = (name: string) => path.join(workspace.directory, name)
const contentOf = (name: string) => readText(fileIn(name), "utf8").catch(() => "")
const processIdOf = (outcome: ToolOutcome): string => {
  const match = /"background_process_id":"([^"]+)"/.exec(JSON.stringify(outcome.result))
  if (match?.[1] === undefined) throw new Error("no process id")
  return match[1]
}

describe("the built-in tools", () => {
  it("say what they are, with a plain JSON schema, whether they only read and how a repeat is treated", () => {
    expect(workspaceTools.map(({ name, reads, replay }) => [name, reads, replay])).toEqual([
      ["read_file", true, "again"],
      ["write_file", false, "reattach"],
      ["edit_files", false, "reattach"],
      ["execute", false, "reattach"],
      ["process_output", true, "again"],
      ["process_list", true, "again"],
      ["process_signal", false, "reattach"],
    ])
    for (const { inputSchema } of workspaceTools) {
      expect(inputSchema).toMatchObject({ type: "object", additionalProperties: false })
      expect(inputSchema).not.toHaveProperty("$schema")
    }
    expect(toolNamed("execute").inputSchema).toMatchObject({
      required: ["command"],
      properties: { timeout: { type: "string", description: expect.stringContaining("10s") } },
    })
  })

  it.each([
    ["read_file", {}, "path: is missing"],
    ["read_file", { path: "a", offset: 0 }, "offset: must be 1 or more"],
    ["read_file", "path", "Expected"],
    ["write_file", { path: "a" }, "content: is missing"],
    ["edit_files", { files: [] }, "files: must not be empty"],
    ["edit_files", { files: [{ path: "a", edits: [{ search: "x" }] }] }, "files.0.edits.0.replace: "],
    ["execute", { command: " " }, "command: must not be empty"],
    ["execute", { command: "true", timeout: "soon" }, 'timeout: must be a duration such as "10s"'],
    ["process_signal", { process_id: "x", signal: "hup" }, "signal: "],
  ])("%s names the field at fault of %j", async (name, args, message) => {
    const outcome = await call(name, args)
    expect(outcome).toMatchObject({ isError: true, result: { error: expect.stringContaining(message) } })
  })

  it("tell the model when there is no workspace", async () => {
    const message = "This chat has no workspace."
    const none = Effect.fail(new WorkspaceError({ operation: "Workspaces.dial", reason: "no_workspace", message }))
    expect(await call("execute", { command: "true" }, { workspace: none })).toEqual({
      isError: true,
      result: { success: false, error: message },
    })
  })

  it("name the workspace that their call has made", async () => {
    const created = Effect.succeed({ ...workspace, created: { name: "workspace-1a2b" }, notice: "no sandbox" })
    expect(await call("execute", { command: "true" }, { workspace: created })).toMatchObject({
      result: { success: true, workspace_created: "workspace-1a2b", workspace_notice: "no sandbox" },
    })
  })
})

describe("file tools", () => {
  it("write, read and edit", async () => {
    expect(await call("write_file", { path: fileIn("f/a.txt"), content: "one\ntwo\n" })).toEqual({
      isError: false,
      result: { ok: true },
    })
    const edits = [{ search: "two", replace: "deux" }]
    expect(await call("edit_files", { files: [{ path: "f/a.txt", edits }] })).toEqual({
      isError: false,
      result: {
        ok: true,
        files: [{ path: "f/a.txt", diff: "--- f/a.txt\n+++ f/a.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+deux\n" }],
      },
    })
    expect(await call("read_file", { path: fileIn("f/a.txt"), offset: 2, limit: null })).toEqual({
      isError: false,
      result: { success: true, file_size: 9, total_lines: 2, lines_read: 1, content: "2\tdeux" },
    })
  })

  const replaced = { search: "old", replace: "new" }
  it.each([
    ["nested", { files: [{ path: "forms.txt", edits: [replaced] }] }],
    ["nested as JSON text", { files: JSON.stringify([{ path: "forms.txt", edits: [replaced] }]) }],
    ["inner list as JSON text", { files: [{ path: "forms.txt", edits: JSON.stringify([replaced]) }] }],
    ["flat", { edits: [{ path: "forms.txt", old_text: "old", new_text: "new" }] }],
    ["flat as JSON text", { edits: JSON.stringify([{ path: "forms.txt", old_text: "old", new_text: "new" }]) }],
    [
      "flat in two entries",
      {
        edits: [
          { path: "forms.txt", old_text: "old", new_text: "mid" },
          { path: "forms.txt", old_text: "mid", new_text: "new", replace_all: true },
        ],
      },
    ],
  ])("take edits in the %s form", async (_, args) => {
    await writeText(fileIn("forms.txt"), "old\n")
    expect(await call("edit_files", args)).toMatchObject({ isError: false })
    expect(await contentOf("forms.txt")).toBe("new\n")
  })

  it("explain paths outside the workspace, missing files and windows past the end", async () => {
    const outside = await call("read_file", { path: "/etc/passwd" })
    expect(outside).toMatchObject({
      isError: true,
      result: { error: expect.stringContaining("outside the workspace") },
    })
    const missing = await call("edit_files", { files: [{ path: "missing", edits: [replaced] }] })
    expect(missing).toMatchObject({
      isError: true,
      result: { error: expect.stringContaining("no file or folder at missing") },
    })
    await writeText(fileIn("one-line"), "x\n")
    expect(await call("read_file", { path: "one-line", offset: 5 })).toMatchObject({
      isError: true,
      result: { success: false, total_lines: 1, error: expect.stringContaining("past the end") },
    })
  })

  it("write once, though the call is repeated after a crash", async () => {
    const context = { toolCallId: randomUUID() }
    const args = { path: "once.txt", content: "from the model" }
    await call("write_file", args, context)
    await writeText(fileIn("once.txt"), "from the user")
    expect(await call("write_file", args, { ...context, repeat: true, callAgeMs: 5 })).toMatchObject({ isError: false })
    expect(await contentOf("once.txt")).toBe("from the user")
  })
})

describe("execute", () => {
  it("gives output, exit code and duration", async () => {
    expect(await call("execute", { command: "echo out; echo err >&2; exit 3" })).toEqual({
      isError: false,
      result: { success: false, output: "out\nerr\n", exit_code: 3, wall_duration_ms: expect.any(Number) },
    })
    expect(await call("execute", { command: "pwd", workdir: workspace.directory })).toMatchObject({
      result: { success: true, output: `${workspace.directory}\n`, exit_code: 0 },
    })
  })

  it("leaves a command that outlives its timeout running, and process_output reads it on", async () => {
    const command = "echo first; while [ ! -e late-go ]; do sleep 0.02; done; echo second"
    const outcome = await call("execute", { command, timeout: "200ms" })
    expect(outcome).toMatchObject({
      isError: false,
      result: { success: false, output: "first\n", exit_code: -1, error: expect.stringContaining("not stopped") },
    })
    const process_id = processIdOf(outcome)
    expect(await call("process_output", { process_id, wait_timeout: "0s" })).toMatchObject({
      result: {
        success: true,
        output: "first\n",
        background_process_id: process_id,
        note: expect.stringContaining("still running"),
      },
    })
    await writeText(fileIn("late-go"), "")
    expect(await call("process_output", { process_id, wait_timeout: 20 })).toMatchObject({
      result: { success: true, output: "first\nsecond\n", exit_code: 0 },
    })
  })

  it.each([{ command: "sleep 300 &" }, { command: "sleep 300", run_in_background: true }])(
    "answers %j at once; the process is listed and can be ended",
    async (args) => {
      const outcome = await call("execute", args)
      expect(outcome).toMatchObject({ isError: false, result: { success: true } })
      const process_id = processIdOf(outcome)
      const listed = await call("process_list", {})
      expect(listed).toMatchObject({
        result: {
          processes: expect.arrayContaining([
            expect.objectContaining({ id: process_id, command: "sleep 300", background: true, running: true }),
          ]),
        },
      })
      expect(await call("process_signal", { process_id, signal: "terminate" })).toEqual({
        isError: false,
        result: { success: true, message: `Sent TERM to process ${process_id}.` },
      })
      expect(await call("process_output", { process_id })).toMatchObject({ result: { exit_code: 143 } })
      expect(await call("process_signal", { process_id, signal: "kill" })).toMatchObject({
        isError: true,
        result: { error: expect.stringContaining("not running") },
      })
    },
  )

  it("leaves other uses of & alone", async () => {
    expect(await call("execute", { command: "true && echo both 2>&1" })).toMatchObject({ result: { output: "both\n" } })
  })

  it("lists at most ten processes and says how many there are", async () => {
    const other = { chatId: randomUUID() }
    await Promise.all(Array.from({ length: 12 }, () => call("execute", { command: "true" }, other)))
    const { result } = await call("process_list", {}, other)
    expect(result).toMatchObject({ total: 12 })
    expect(result).toHaveProperty("processes.length", 10)
  })

  it("advises read_file where a file is dumped, and only there", async () => {
    await writeText(fileIn("dump.txt"), "text\n")
    const noted = await Promise.all(
      ["cat dump.txt", "cat dump.txt | wc -l", "cat > made.txt <<X\ny\nX"].map((command) =>
        call("execute", { command }),
      ),
    )
    const notes = noted.map(({ result }) => JSON.stringify(result).includes("read_file"))
    expect(notes).toEqual([true, false, false])
  })

  it("keeps the ends of endless output, within 32 KiB, and replaces what is not UTF-8", async () => {
    const { result } = await call("execute", {
      command: "echo begin; head -c 300000000 /dev/zero; echo; echo end",
      timeout: "1m",
    })
    expect(result).toMatchObject({
      success: true,
      truncated: { strategy: "head_tail", original_bytes: 300_000_000 + 11 },
    })
    const text = JSON.stringify(result)
    expect(text).toContain("begin")
    expect(text).toContain("end")
    expect(text).not.toContain("\\u0000")
    const random = await call("execute", { command: "head -c 200000 /dev/urandom", timeout: "1m" })
    expect(Buffer.byteLength(JSON.stringify(random.result))).toBeLessThan(80_000)
  })

  it("runs once though started again by a later server, which gets the same process's output", async () => {
    const context = contextOf()
    const args = {
      command: "echo run >> runs; while [ ! -e attach-go ]; do sleep 0.02; done; echo done",
      timeout: "30s",
    }
    const first = Effect.runFork(run("execute", args, { ...context, stopping: () => "shutdown" }))
    await expect.poll(() => contentOf("runs"), soon).toBe("run\n")
    await Effect.runPromise(Fiber.interrupt(first))

    const later = await connect()
    const again = call("execute", args, { ...context, repeat: true, callAgeMs: 10, workspace: Effect.succeed(later) })
    await writeText(fileIn("attach-go"), "")
    expect(await again).toMatchObject({ isError: false, result: { success: true, output: "done\n", exit_code: 0 } })
    expect(await contentOf("runs")).toBe("run\n")
  })

  it("ends the process when the user stops the turn", async () => {
    const args = { command: "echo $$ > stop.pid; trap '' TERM; while :; do sleep 0.05; done", timeout: "5m" }
    const fiber = Effect.runFork(run("execute", args, contextOf()))
    await expect.poll(() => contentOf("stop.pid"), soon).toMatch(/\d/)
    const pid = Number(await contentOf("stop.pid"))
    await Effect.runPromise(Fiber.interrupt(fiber))
    expect(() => process.kill(pid, 0)).toThrow("ESRCH")
  })

  it("says that the outcome is unknown when the workspace has lost its record", async () => {
    const outcome = await call("execute", { command: "touch never" }, { repeat: true, callAgeMs: 86_400_000 })
    expect(outcome).toMatchObject({
      isError: true,
      result: { outcome: "unknown", error: expect.stringContaining("before you repeat it") },
    })
    expect(await contentOf("never")).toBe("")
  })

  it("says that the outcome is unknown when the agent dies under the command", async () => {
    const command = "echo up > under; sleep 300"
    const outcome = call("execute", { command, timeout: "1m" })
    await expect.poll(() => contentOf("under"), soon).toBe("up\n")
    await stopAgents(folder)
    expect(await outcome).toMatchObject({ isError: true, result: { outcome: "unknown" } })
    expect(await call("execute", { command: "echo back" })).toMatchObject({ result: { output: "back\n" } })
  })
})
