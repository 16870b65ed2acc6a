import { Effect, Either, Exit, Scope } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { agentSockets, askSocket, bundleWorkspaceAgent, stopAgents } from "../../test/support/workspace-agent.ts"
import { type LocalDriver, type LocalDriverOptions, makeLocalDriver } from "./driver-local.ts"
import { sandboxWorks } from "./sandbox.ts"
import type { CallIdentity, WorkspaceConnection } from "./workspace.ts"

const hasSandbox = await sandboxWorks("bwrap")
const chatId = randomUUID()
/** Long enough to mean "never" on a busy machine. */
const soon = { timeout: 20_000 }

let agent: { file: string; remove: () => Promise<void> }
let folder: string
let dataDir: string
const scopes: Array<Scope.CloseableScope> = []

beforeAll(async () => {
  agent = await bundleWorkspaceAgent()
  folder = await mkdtemp(path.join(tmpdir(), "troupe-driver-"))
})

afterAll(async () => {
  await agent.remove()
  await rm(folder, { recursive: true, force: true })
})

afterEach(async () => {
  await stopAgents(dataDir)
  for (const scope of scopes.splice(0)) await Effect.runPromise(Scope.close(scope, Exit.void))
})

const newDataDir = async (name: string) => {
  dataDir = path.join(folder, name)
  await mkdir(dataDir, { mode: 0o700 })
}

const sockets = () => agentSockets(dataDir)

const driver = async (options: Partial<LocalDriverOptions> = {}): Promise<LocalDriver> => {
  const scope = Effect.runSync(Scope.make())
  scopes.push(scope)
  const environment = { PATH: process.env["PATH"], LANG: "C.UTF-8", SERVER_SECRET: "hush", TROUPE_DATABASE_URL: "hush" }
  const made = makeLocalDriver({ dataDir, enabled: true, agentProgram: agent.file, environment, ...options })
  return Effect.runPromise(Scope.extend(made, scope))
}

const call = (callAgeMs = 0, toolCallId = randomUUID()): CallIdentity => ({
  chatId,
  messageId: 1,
  toolCallId,
  callAgeMs,
})

const run = async (connection: WorkspaceConnection, command: string): Promise<string> => {
  const started = await Effect.runPromise(connection.startProcess(call(), { command, background: false }))
  return (await Effect.runPromise(connection.processOutput(chatId, started.id, 20_000))).output
}

const owner = { ownedBySiteOwner: true }
const plain = "/nonexistent/bwrap"

describe.each([
  { name: "in a sandbox", bubblewrap: "bwrap", sandboxed: true },
  { name: "without a sandbox", bubblewrap: plain, sandboxed: false },
])("a local workspace $name", ({ bubblewrap, sandboxed }) => {
  it.skipIf(sandboxed && !hasSandbox)(
    "runs commands in its own folder with none of the server's environment",
    async () => {
      await newDataDir(`env-${sandboxed}`)
      const made = await driver({ bubblewrap })
      const connection = await Effect.runPromise(made.connect({ workspaceId: randomUUID(), ...owner }))
      expect(await run(connection, 'pwd; echo "$HOME $LANG $CODER_CHAT_ID"')).toBe(
        `${connection.directory}\n${connection.directory} C.UTF-8 ${chatId}\n`,
      )
      expect(await run(connection, "env")).not.toMatch(/hush|SERVER_SECRET|TROUPE_/)
      expect(connection.notice === undefined).toBe(sandboxed)
      const identity = call()
      await Effect.runPromise(connection.writeFile(identity, "a & b/ü.txt", "text\n"))
      const lines = await Effect.runPromise(connection.readFileLines("a & b/ü.txt", { offset: 1, limit: 10 }))
      expect(lines).toMatchObject({ success: true, content: "1\ttext" })
      expect(await readFile(path.join(connection.directory, "a & b/ü.txt"), "utf8")).toBe("text\n")
    },
  )

  it.skipIf(sandboxed && !hasSandbox)("has one agent though many dial at once, from several servers", async () => {
    await newDataDir(`race-${sandboxed}`)
    const workspaceId = randomUUID()
    const servers = [await driver({ bubblewrap }), await driver({ bubblewrap }), await driver({ bubblewrap })]
    const connections = await Promise.all(
      [...servers, ...servers].map((server) => Effect.runPromise(server.connect({ workspaceId, ...owner }))),
    )
    const starts = await Promise.all((await sockets()).map((socket) => askSocket(socket, "GET", "/health")))
    expect(starts).toHaveLength(1)
    const identity = call()
    const start = (connection: WorkspaceConnection) =>
      Effect.runPromise(connection.startProcess(identity, { command: "echo x >> starts", background: false }))
    const processes = await Promise.all(connections.map(start))
    expect(processes.filter((process) => process.started)).toHaveLength(1)
    expect(new Set(processes.map((process) => process.id))).toEqual(new Set([identity.toolCallId]))
    const [connection] = connections
    if (connection === undefined) throw new Error("no connection")
    await Effect.runPromise(connection.processOutput(chatId, identity.toolCallId, 10_000))
    expect(await readFile(path.join(connection.directory, "starts"), "utf8")).toBe("x\n")
  })

  it.skipIf(sandboxed && !hasSandbox)(
    "comes back after its agent has ended, and refuses what that agent may have done",
    async () => {
      await newDataDir(`again-${sandboxed}`)
      const made = await driver({ bubblewrap })
      const connection = await Effect.runPromise(made.connect({ workspaceId: randomUUID(), ...owner }))
      const [socket = ""] = await sockets()
      await askSocket(socket, "POST", "/stop")
      await expect.poll(sockets, soon).toEqual([])
      const refused = await Effect.runPromise(
        Effect.either(connection.startProcess(call(60_000), { command: "touch never", background: false })),
      )
      expect(Either.getLeft(refused)).toMatchObject({
        value: { reason: "conflict", code: "agent_started_after_tool_call" },
      })
      expect(await run(connection, "echo again; ls")).toBe("again\n")
    },
  )
})

describe("a sandbox", () => {
  it.skipIf(!hasSandbox)(
    "hides the data folder, other processes and root's secrets; the rest is read-only",
    async () => {
      await newDataDir("hidden")
      await writeFile(path.join(dataDir, "encryption-key"), "secret")
      const made = await driver()
      const neighbour = await Effect.runPromise(made.connect({ workspaceId: randomUUID(), ...owner }))
      await run(neighbour, "echo mine > mine.txt")
      const connection = await Effect.runPromise(made.connect({ workspaceId: randomUUID(), ...owner }))
      const seen = await run(
        connection,
        `cat ${dataDir}/encryption-key ${neighbour.directory}/mine.txt; ls ${dataDir}; ls /proc | grep -x ${process.pid}; ` +
          "cat /etc/shadow | wc -c; touch /usr/x /etc/x; echo ok > /tmp/x && cat /tmp/x; grep CapEff /proc/self/status",
      )
      expect(seen).not.toMatch(/secret|^mine|encryption-key$/m)
      expect(seen).not.toMatch(new RegExp(`^${process.pid}$`, "m"))
      expect(seen).toMatch(/^0$/m)
      expect(seen.match(/Read-only file system/g)).toHaveLength(2)
      expect(seen).toMatch(/^ok$/m)
      expect(seen).toMatch(/CapEff:\s+0000000000000000/)
      await expect(readFile("/tmp/x")).rejects.toMatchObject({ code: "ENOENT" })
    },
  )

  it.skipIf(!hasSandbox)("leaves no zombies of processes that lost their parent", async () => {
    await newDataDir("zombies")
    const made = await driver()
    const connection = await Effect.runPromise(made.connect({ workspaceId: randomUUID(), ...owner }))
    await run(
      connection,
      ": > orphans; for i in 1 2 3; do (sh -c 'echo $$ >> orphans' &); done; while [ $(wc -l < orphans) != 3 ]; do :; done",
    )
    const states =
      "for pid in $(cat orphans); do cut -d' ' -f3 /proc/$pid/stat 2>/dev/null || echo gone; done | sort -u"
    await expect.poll(() => run(connection, states), soon).toBe("gone\n")
  })

  it.skipIf(!hasSandbox)("ends with its agent, all processes included", async () => {
    await newDataDir("ends")
    const made = await driver()
    const connection = await Effect.runPromise(made.connect({ workspaceId: randomUUID(), ...owner }))
    const marker = `sleep 4${Math.floor(Math.random() * 1e6)}`
    await Effect.runPromise(
      connection.startProcess(call(), { command: `setsid ${marker} & setsid ${marker}`, background: true }),
    )
    const running = async () => {
      const commands = await Promise.all(
        (await readdir("/proc"))
          .filter((entry) => /^\d+$/.test(entry))
          .map((entry) => readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "")),
      )
      return commands.filter((command) => command.replaceAll("\0", " ").trim() === marker).length
    }
    await expect.poll(running, soon).toBe(2)
    const [socket = ""] = await sockets()
    await askSocket(socket, "POST", "/stop")
    await expect.poll(running, soon).toBe(0)
  })
})

describe("the local driver", () => {
  it("refuses when it is turned off, and without a sandbox whoever is no site owner", async () => {
    await newDataDir("refuses")
    const off = await driver({ enabled: false })
    const noSandbox = await driver({ bubblewrap: plain })
    const refusal = (made: LocalDriver, ownedBySiteOwner: boolean) =>
      Effect.runPromise(Effect.flip(made.connect({ workspaceId: randomUUID(), ownedBySiteOwner })))
    expect(await refusal(off, true)).toMatchObject({
      reason: "refused",
      message: expect.stringContaining("TROUPE_LOCAL_WORKSPACES=on"),
    })
    expect(await refusal(noSandbox, false)).toMatchObject({
      reason: "refused",
      message: expect.stringContaining("bubblewrap"),
    })
    expect(await readdir(dataDir)).toEqual([])
  })

  it("says why an agent does not start, at once, and tries again the next time", async () => {
    await newDataDir("broken")
    const program = path.join(folder, "broken.mjs")
    await writeFile(program, 'throw new Error("no luck today")')
    const made = await driver({ bubblewrap: plain, agentProgram: program })
    const dial = made.connect({ workspaceId: "8d9f0d8e-0000-4000-8000-000000000001", ...owner })
    expect(await Effect.runPromise(Effect.flip(dial))).toMatchObject({
      reason: "unreachable",
      message: expect.stringContaining("no luck today"),
    })
    await writeFile(program, await readFile(agent.file))
    expect(await run(await Effect.runPromise(dial), "echo up")).toBe("up\n")
  })

  it("uses a short folder for the socket when the data folder's path is long", async () => {
    await newDataDir(`long-${"x".repeat(100)}`)
    const made = await driver({ bubblewrap: plain })
    const connection = await Effect.runPromise(made.connect({ workspaceId: randomUUID(), ...owner }))
    expect(await run(connection, "echo up")).toBe("up\n")
    expect(await sockets()).toEqual([])
    const listed = (await readdir(tmpdir())).filter((entry) => entry.startsWith(`troupe-${process.getuid?.() ?? 0}-`))
    for (const entry of listed) {
      const parent = path.join(tmpdir(), entry)
      for (const found of await readdir(parent, { recursive: true })) {
        if (!found.endsWith(".sock")) continue
        const socket = path.join(parent, found)
        const health = await askSocket(socket, "GET", "/health").catch(() => undefined)
        if (JSON.stringify(health?.body).includes(connection.directory)) {
          await askSocket(socket, "POST", "/stop")
          await rm(parent, { recursive: true, force: true })
        }
      }
    }
  })

  it("does not follow a symbolic link that a workspace puts in the place of its socket", async () => {
    await newDataDir("symlink")
    const made = await driver({ bubblewrap: plain })
    const workspaceId = randomUUID()
    const connection = await Effect.runPromise(made.connect({ workspaceId, ...owner }))
    let visited = false
    const outside = createServer((_, response) => {
      visited = true
      response.end("{}")
    })
    outside.listen(path.join(dataDir, "outside.sock"))
    await once(outside, "listening")
    const [socket = ""] = await sockets()
    await run(connection, `mv ${socket} ${path.join(dataDir, "real.sock")}; ln -s ${dataDir}/outside.sock ${socket}`)
    const again = await Effect.runPromise((await driver({ bubblewrap: plain })).connect({ workspaceId, ...owner }))
    expect(await run(again, "echo safe")).toBe("safe\n")
    expect(visited).toBe(false)
    outside.close()
    await askSocket(path.join(dataDir, "real.sock"), "POST", "/stop")
  })
})

describe("the agent as a process", () => {
  const children: Array<ChildProcess> = []
  const startAgent = async (directory: string, runDirectory: string, generation: number, idleMs = 600_000) => {
    const args = ["--directory", directory, "--run-directory", runDirectory, "--generation", String(generation)]
    const child = spawn(process.execPath, [agent.file, ...args, "--idle-ms", String(idleMs)], {
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    })
    children.push(child)
    return child
  }
  const serving = async (child: ChildProcess) => {
    for await (const chunk of child.stderr ?? []) if (String(chunk).includes("serving")) return
  }
  const prepare = async (name: string) => {
    await newDataDir(name)
    const runDirectory = path.join(dataDir, "run")
    await mkdir(runDirectory)
    return runDirectory
  }

  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL")
  })

  it("ends when idle, but not while a process runs or before its end was read", async () => {
    const runDirectory = await prepare("idle")
    const child = await startAgent(dataDir, runDirectory, 1, 800)
    const ended = once(child, "exit")
    await serving(child)
    const socket = path.join(runDirectory, "1.sock")
    const headers = {
      "Coder-Chat-Id": chatId,
      "Coder-Tool-Call-Message-Id": "1",
      "Coder-Tool-Call-Id": randomUUID(),
      "Coder-Tool-Call-Age-Ms": "0",
    }
    const command = "sleep 1.2; echo still here"
    await askSocket(socket, "POST", "/processes/start", { headers, body: JSON.stringify({ command }) })
    const noticed = once(child, "exit", { signal: AbortSignal.timeout(2500) })
    await expect(noticed).rejects.toMatchObject({ name: "AbortError" })
    const target = `/processes/${headers["Coder-Tool-Call-Id"]}/output?wait=5000`
    expect((await askSocket(socket, "GET", target, { headers })).body).toMatchObject({ output: "still here\n" })
    expect(await ended).toEqual([0, null])
    expect(await readdir(runDirectory)).toEqual(["1.claim"])
  })

  it("survives SIGHUP and a reader of its log that goes away, and ends its processes on SIGTERM", async () => {
    const runDirectory = await prepare("signals")
    const child = await startAgent(dataDir, runDirectory, 1)
    await serving(child)
    child.stderr?.destroy()
    child.kill("SIGHUP")
    const socket = path.join(runDirectory, "1.sock")
    const body = JSON.stringify({ command: "echo $$ > pid; exec sleep 300" })
    await askSocket(socket, "POST", "/processes/start", { headers: { "Coder-Chat-Id": chatId }, body })
    const pidFile = path.join(dataDir, "pid")
    await expect.poll(() => readFile(pidFile, "utf8").catch(() => ""), soon).toMatch(/\d/)
    const pid = Number(await readFile(pidFile, "utf8"))
    const ended = once(child, "exit")
    child.kill("SIGTERM")
    expect(await ended).toEqual([0, null])
    expect(() => process.kill(pid, 0)).toThrow("ESRCH")
  })

  it("gives way to a later one", async () => {
    const runDirectory = await prepare("superseded")
    await writeFile(path.join(runDirectory, "2.claim"), "")
    const child = await startAgent(dataDir, runDirectory, 1)
    expect(await once(child, "exit")).toEqual([0, null])
    expect(await readdir(runDirectory)).toEqual(["2.claim"])
  })
})
