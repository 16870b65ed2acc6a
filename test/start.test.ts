import { spawn } from "node:child_process"
import { once } from "node:events"
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const repository = fileURLToPath(new URL("..", import.meta.url))

/** A project of the same shape and with the same scripts, small enough to be built in a second. */
let root = ""

const files = {
  "package.json": '{ "type": "module" }',
  "package-lock.json": "{}",
  "tsconfig.json": "{}",
  "src/main.ts": `import { EventEmitter } from "node:events"
    const { later } = await import("./later.ts")
    console.log("started", later, new EventEmitter().listenerCount("none"), process.pid)`,
  "src/later.ts": `export const later: string = "later"`,
  "workspace-agent/src/main.ts": `import { name } from "./name.ts"\nconsole.log(name)`,
  "workspace-agent/src/name.ts": `export const name = "agent"`,
  "web/index.html": `<script type="module" src="/main.ts"></script>`,
  "web/main.ts": `document.title = "web"`,
  "web/vite.config.ts": "export default {}",
}

const write = async (name: string, text: string) => {
  await mkdir(path.dirname(path.join(root, name)), { recursive: true })
  await writeFile(path.join(root, name), text)
}

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "troupe-start-"))
  for (const [name, text] of Object.entries(files)) await write(name, text)
  await cp(path.join(repository, "scripts"), path.join(root, "scripts"), { recursive: true })
  await symlink(path.join(repository, "node_modules"), path.join(root, "node_modules"))
})

afterAll(() => rm(root, { recursive: true, force: true }))

const run = async (...command: ReadonlyArray<string>) => {
  const child = spawn(process.execPath, command, { cwd: root, stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()))
  const [code] = await once(child, "close")
  return { code, output, pid: child.pid }
}

const start = () => run("scripts/start.mjs")
const builds = (output: string) => output.split("\n").filter((line) => line === "Building.").length

describe("npm start", () => {
  it("builds at the first start only, and becomes the server", async () => {
    const first = await start()
    expect(first.output).toMatch(/^Building\.\n(  .* s\n){3}Built in [\d.]+ s\.\nstarted later 0 \d+\n$/)
    const second = await start()
    expect(second).toEqual({ code: 0, output: `started later 0 ${second.pid}\n`, pid: second.pid })
  })

  it("leaves what is imported on first use in a file of its own, and the workspace agent in one", async () => {
    expect(await readFile(path.join(root, "dist/server/main.mjs"), "utf8")).not.toContain('"later"')
    const agent = await run("dist/workspace-agent/main.mjs")
    expect(agent.output).toBe("agent\n")
    expect((await readdir(path.join(root, "dist/workspace-agent"))).toSorted()).toEqual(["main.mjs", "main.mjs.map"])
    expect(await readdir(path.join(root, "dist/web"))).toContain("index.html")
  })

  it("goes by contents, not times, and not by tests", async () => {
    await utimes(path.join(root, "src/main.ts"), new Date(), new Date())
    await write("src/main.test.ts", "new")
    expect(builds((await start()).output)).toBe(0)
  })

  it.each(["src/later.ts", "web/main.ts", "package-lock.json"])("builds again when %s has changed", async (name) => {
    await write(name, `${await readFile(path.join(root, name), "utf8")} `)
    expect(builds((await start()).output)).toBe(1)
    expect(builds((await start()).output)).toBe(0)
  })

  it("builds once when two start together", async () => {
    await write("src/later.ts", `export const later = "together"`)
    const [first, second] = await Promise.all([start(), start()])
    expect(builds(first.output + second.output)).toBe(1)
    expect([first.code, second.code]).toEqual([0, 0])
    for (const { output } of [first, second]) expect(output).toContain("started together")
  })

  it("keeps the last good build when a new one fails", async () => {
    const before = await readFile(path.join(root, "dist/server/main.mjs"), "utf8")
    const good = await readFile(path.join(root, "src/main.ts"), "utf8")
    await write("src/main.ts", "import './missing.ts'")
    const broken = await start()
    expect(broken.code).toBe(1)
    expect(broken.output).toContain('Could not resolve "./missing.ts"')
    expect(broken.output).not.toContain("started")
    expect(await readFile(path.join(root, "dist/server/main.mjs"), "utf8")).toBe(before)
    await write("src/main.ts", good)
    expect(builds((await start()).output)).toBe(0)
    expect((await readdir(path.join(root, "dist"))).toSorted()).toEqual([
      "fingerprint",
      "server",
      "web",
      "workspace-agent",
    ])
  })

  it("takes over from a build that was killed", async () => {
    const { pid } = await run("--version")
    await write("dist/.lock", String(pid))
    await write(`dist/.next-${pid}/server/main.mjs`, "")
    await write("src/later.ts", `export const later = "again"`)
    expect((await start()).output).toContain("started again")
    expect((await readdir(path.join(root, "dist"))).toSorted()).toEqual([
      "fingerprint",
      "server",
      "web",
      "workspace-agent",
    ])
  })
})
