import { spawn } from "node:child_process"
import { once } from "node:events"
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"

const repository = fileURLToPath(new URL("../..", import.meta.url))

const files = {
  "package.json": '{ "type": "module" }',
  "package-lock.json": "{}",
  "tsconfig.json": "{}",
  "src/main.ts": `import { EventEmitter } from "node:events"
    const { later } = await import("./later.ts")
    console.log("started", later, new EventEmitter().listenerCount("none"), process.pid)`,
  "src/later.ts": `export const later: string = "later"`,
  "src/main/troupe.ts": `console.log("a command")`,
  "workspace-agent/src/main.ts": `import { name } from "./name.ts"\nconsole.log(name)`,
  "workspace-agent/src/name.ts": `export const name = "agent"`,
  "web/index.html": `<script type="module" src="/main.ts"></script>`,
  "web/main.ts": `document.title = "web"`,
  "web/vite.config.ts": "export default {}",
  "vitest.config.ts": `const project = (name, folder) => ({ test: { name, include: [folder + "/*.test.ts"] } })
    const projects = [project("unit", "src"), project("integration", "test"), project("browser", "test/e2e")]
    export default { test: { projects } }`,
}

/** A project of the same shape as this one and with its scripts, small enough to be built in a second. */
export interface SmallProject {
  readonly root: string
  readonly write: (name: string, text: string) => Promise<void>
  /** Runs Node in it; `output` is all that it printed. */
  readonly run: (
    command: ReadonlyArray<string>,
    environment?: Readonly<Record<string, string>>,
  ) => Promise<{ readonly code: number; readonly output: string; readonly pid: number | undefined }>
  readonly remove: () => Promise<void>
}

export const makeSmallProject = async (): Promise<SmallProject> => {
  const root = await mkdtemp(path.join(tmpdir(), "troupe-project-"))
  const write = async (name: string, text: string) => {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true })
    await writeFile(path.join(root, name), text)
  }
  for (const [name, text] of Object.entries(files)) await write(name, text)
  await cp(path.join(repository, "scripts"), path.join(root, "scripts"), { recursive: true })
  await symlink(path.join(repository, "node_modules"), path.join(root, "node_modules"))
  return {
    root,
    write,
    run: async (command, environment = {}) => {
      // Nothing of the run that we are part of.
      const env = { PATH: process.env["PATH"], ...environment }
      const child = spawn(process.execPath, command, { cwd: root, stdio: ["ignore", "pipe", "pipe"], env })
      let output = ""
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk: Buffer) => {
          output += chunk.toString("utf8")
        })
      }
      const [code] = await once(child, "close")
      return { code, output, pid: child.pid }
    },
    remove: () => rm(root, { recursive: true, force: true }),
  }
}
