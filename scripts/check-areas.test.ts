import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, it } from "vitest"

const script = fileURLToPath(new URL("check-areas.mjs", import.meta.url))
const PAGE =
  "# A\n\nWhat it is.\n\n## Begin with\n\n- a\n\n## Rules\n\n- b\n\n## Tests\n\n- c\n\n## Known gaps\n\n- d\n"
const AREAS = ["src/actors/chat", "src/db/chats", "src/http", "web"]

let root = ""
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "check-areas-"))
  for (const area of AREAS) put(`${area}/AGENTS.md`, PAGE)
  put("AGENTS.md", AREAS.map((area) => `[${area}](${area}/AGENTS.md)`).join("\n"))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const put = (file: string, text: string) => {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
  writeFileSync(path.join(root, file), text)
}

const check = () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, root], { encoding: "utf8" })
  expect(stderr).toBe("")
  return { passed: status === 0, problems: stdout.split("\n").filter((line) => line !== "") }
}

it("passes where every area has its page", () => {
  expect(check()).toEqual({ passed: true, problems: [] })
})

describe("fails for", () => {
  it.each(["src/novel", "src/actors/novel", "src/db/novel", "bench"])("%s without a page", (area) => {
    put(`${area}/thing.ts`, "")
    expect(check().problems).toEqual([
      `${area}/AGENTS.md: missing; a page of another area shows what stands in it`,
      `AGENTS.md: does not lead to ${area}/AGENTS.md`,
    ])
  })

  it.each([
    ["no gaps", PAGE.replace(/## Known gaps[\s\S]*/, ""), "has the headings"],
    ["gaps that are not last", PAGE.replace("## Rules", "## Known gaps\n\n- d\n\n## Rules"), "has the headings"],
    ["something after the gaps", `${PAGE}\n## More\n\n- e\n`, "has the headings"],
    ["gaps that say nothing", PAGE.replace("- d", ""), 'says nothing under "Known gaps"'],
    ["more than a page", PAGE + "- e\n".repeat(60), "lines; 60 are a page"],
  ])("%s", (_, text, problem) => {
    put("src/http/AGENTS.md", text)
    expect(check().problems).toContainEqual(expect.stringContaining(`src/http/AGENTS.md: `))
    expect(check().problems.join("\n")).toContain(problem)
  })
})
