import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, expect, it } from "vitest"

const script = fileURLToPath(new URL("check-files.mjs", import.meta.url))

let root = ""
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "check-files-"))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function check(path: string, lines: number, line = "x") {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), `${line}\n`.repeat(lines))
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, root], { encoding: "utf8" })
  expect(stderr).toBe("")
  return { passed: status === 0, output: stdout }
}

it.each([
  ["src/db/chats.ts", 400],
  ["web/src/api/generated/client.ts", 5000],
  ["web/src/routeTree.gen.ts", 5000],
  ["web/index.html", 10],
  ["web/public/words.json", 5000],
])("%s with %i lines passes", (path, lines) => {
  expect(check(path, lines)).toEqual({ passed: true, output: "" })
})

it.each([
  ["src/db/chats.ts", 401],
  ["web/src/theme.css", 401],
  ["scripts/build.mjs", 401],
  ["src/db/utils.ts", 1],
  ["src/helpers/text.ts", 1],
  ["src/db/index.ts", 1],
])("%s with %i lines fails and is named", (path, lines) => {
  const { passed, output } = check(path, lines)
  expect(passed).toBe(false)
  expect(output.startsWith(`${path}: `)).toBe(true)
})

it("a comment that silences the linter or the compiler fails", () => {
  for (const comment of [["eslint", "disable-next-line no-console"].join("-"), ["@ts", "ignore"].join("-")]) {
    const { passed, output } = check("src/db/chats.ts", 1, `// ${comment}`)
    expect(passed).toBe(false)
    expect(output).toMatch(/^src\/db\/chats\.ts: "/)
  }
})
