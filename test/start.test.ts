import { readdir, readFile, utimes } from "node:fs/promises"
import path from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { makeSmallProject, type SmallProject } from "./support/small-project.ts"

let project: SmallProject

beforeAll(async () => {
  project = await makeSmallProject()
})

afterAll(() => project.remove())

const start = () => project.run(["scripts/start.mjs"])
const builds = (output: string) => output.split("\n").filter((line) => line === "Building.").length

describe("npm start", () => {
  it("builds at the first start only, and runs the server", async () => {
    const first = await start()
    expect(first.output).toMatch(/^Building\.\n(  .* s\n){3}Built in [\d.]+ s\.\nstarted later 0 \d+\n$/)
    const second = await start()
    expect(second).toEqual({ code: 0, output: expect.stringMatching(/^started later 0 \d+\n$/), pid: second.pid })
  })

  it("leaves what is imported on first use in a file of its own, and the workspace agent in one", async () => {
    expect(await readFile(path.join(project.root, "dist/server/main.mjs"), "utf8")).not.toContain('"later"')
    const agent = await project.run(["dist/workspace-agent/main.mjs"])
    expect(agent.output).toBe("agent\n")
    expect((await readdir(path.join(project.root, "dist/workspace-agent"))).toSorted()).toEqual([
      "main.mjs",
      "main.mjs.map",
    ])
    expect(await readdir(path.join(project.root, "dist/web"))).toContain("index.html")
  })

  it("goes by contents, not times, and not by tests", async () => {
    await utimes(path.join(project.root, "src/main.ts"), new Date(), new Date())
    await project.write("src/main.test.ts", "new")
    expect(builds((await start()).output)).toBe(0)
  })

  it.each(["src/later.ts", "web/main.ts", "package-lock.json"])("builds again when %s has changed", async (name) => {
    await project.write(name, `${await readFile(path.join(project.root, name), "utf8")} `)
    expect(builds((await start()).output)).toBe(1)
    expect(builds((await start()).output)).toBe(0)
  })

  it("builds once when two start together", async () => {
    await project.write("src/later.ts", `export const later = "together"`)
    const [first, second] = await Promise.all([start(), start()])
    expect(builds(first.output + second.output)).toBe(1)
    expect([first.code, second.code]).toEqual([0, 0])
    for (const { output } of [first, second]) expect(output).toContain("started together")
  })

  it("keeps the last good build when a new one fails", async () => {
    const before = await readFile(path.join(project.root, "dist/server/main.mjs"), "utf8")
    const good = await readFile(path.join(project.root, "src/main.ts"), "utf8")
    await project.write("src/main.ts", "import './missing.ts'")
    const broken = await start()
    expect(broken.code).toBe(1)
    expect(broken.output).toContain('Could not resolve "./missing.ts"')
    expect(broken.output).not.toContain("started")
    expect(await readFile(path.join(project.root, "dist/server/main.mjs"), "utf8")).toBe(before)
    await project.write("src/main.ts", good)
    expect(builds((await start()).output)).toBe(0)
    expect((await readdir(path.join(project.root, "dist"))).toSorted()).toEqual([
      "fingerprint",
      "server",
      "web",
      "workspace-agent",
    ])
  })

  it("takes over from a build that was killed", async () => {
    const { pid } = await project.run(["--version"])
    await project.write("dist/.lock", String(pid))
    await project.write(`dist/.next-${pid}/server/main.mjs`, "")
    await project.write("src/later.ts", `export const later = "again"`)
    expect((await start()).output).toContain("started again")
    expect((await readdir(path.join(project.root, "dist"))).toSorted()).toEqual([
      "fingerprint",
      "server",
      "web",
      "workspace-agent",
    ])
  })
})
