import { spawnSync } from "node:child_process"
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"

/** What pages name, on a copy of the pages beside the sources as they are. */

const repository = fileURLToPath(new URL("..", import.meta.url))
const COPIED = ["docs", "README.md", "CONTRIBUTING.md", "AGENTS.md"]
const LINKED = [
  ...["package.json", "package-lock.json", "src", "web", "test", "bench", "scripts", "workspace-agent", "migrations"],
  ...["node_modules", "LICENSE", ".ci", ".changeset"],
]

let root = ""
const copyPages = () => {
  for (const name of COPIED) cpSync(path.join(repository, name), path.join(root, name), { recursive: true })
}
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), "check-docs-"))
  copyPages()
  for (const name of LINKED) symlinkSync(path.join(repository, name), path.join(root, name))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))
afterEach(copyPages)

const check = () => {
  const script = path.join(repository, "scripts/check-docs.mjs")
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, root], { encoding: "utf8" })
  expect(stderr).toBe("")
  return { passed: status === 0, problems: stdout.split("\n").filter((line) => line !== "") }
}

it("everything that the pages of this repository name is there", () => {
  expect(check()).toEqual({ passed: true, problems: [] })
})

/** Appends to pages, and looks at all of them at once: each look takes a second. */
const checkWith = (additions: ReadonlyArray<readonly [page: string, text: string]>) => {
  for (const [page, text] of additions) appendFileSync(path.join(root, page), `\n${text}\n`)
  return check()
}

describe("a page may not name", () => {
  const cases = [
    ["docs/architecture.md", "`src/db/novel.ts`", "names src/db/novel.ts, which is not there"],
    ["docs/recipes/tool.md", "`src/tools/novel/`", "names src/tools/novel/, which is not there"],
    ["docs/recipes/tool.md", "`src/db/{chats,novel}/rows.ts`", "names src/db/novel/rows.ts, which is not there"],
    ["docs/architecture.md", "`turn/novel.ts`", "names turn/novel.ts, which is not there"],
    ["README.md", "[page](docs/novel.md#part)", "names docs/novel.md, which is not there"],
    ["docs/adr/README.md", "[page](0001-novel.md)", "names 0001-novel.md, which is not there"],
    ["docs/recipes/page.md", '`src/settings.test.ts`: "novel"', 'src/settings.test.ts has no test "novel"'],
    ["README.md", "`npm run novel`", 'does not work: package.json has no script "novel"'],
    ["README.md", "```sh\nnpm ci && npm run new  # once\n```", 'does not work: package.json has no script "new"'],
    ["README.md", "`npm run bench --write`", 'npm keeps "--write" for itself'],
    ["AGENTS.md", "`npm run check -- imports novel`", "no check is called novel"],
    ["docs/performance.md", "`npm run bench -- --only load,novel`", "no such part: novel"],
    ["docs/performance.md", "`npm run bench -- --novel 3`", "Unknown option '--novel'"],
    ["docs/soak.md", "`npm run soak -- novel`", "No test file with rounds has such a name."],
    ["AGENTS.md", "`npm test -- test/novel`", "no test file is called test/novel"],
    ["docs/patterns/testing.md", "`TROUPE_TEST_JITTER=1 npx vitest run src/novel`", "no test file is called src/novel"],
    ["CONTRIBUTING.md", "`npx novel`", 'no package here has a program "novel"'],
    ["CONTRIBUTING.md", "`node scripts/novel.mjs --all`", "there is no scripts/novel.mjs"],
    ["docs/security.md", "`TROUPE_NOVEL=on`", "nothing reads the variable TROUPE_NOVEL"],
  ] as const
  let problems: ReadonlyArray<string> = []
  beforeAll(() => {
    problems = checkWith(cases.map(([page, text]) => [page, text] as const)).problems
  })

  it.each(cases)("%s: %j", (page, _, problem) => {
    expect(problems.filter((line) => line.startsWith(`${page}: `) && line.includes(problem))).toHaveLength(1)
  })

  it("and nothing else is complained of", () => {
    expect(problems).toHaveLength(new Set(cases.map(([page, , problem]) => `${page} ${problem}`)).size)
  })
})

it("a page may use placeholders, other people's paths, and commands with all that they take", () => {
  const texts = [
    "`src/tools/NAME.ts`, `NNNN_name.sql`, `src/**/*.ts`",
    "`application/json`, `a/b`, `GET /chats/{chat}`",
    "`TROUPE_SWEEP_MS=50 npm start`",
    '`npm run check -- "dead code" imports`',
    "`npm run bench -- --only load --chats 1,2 --times 1`",
    "<https://example.com/novel.md>, [there](https://example.com/novel.md)",
  ]
  expect(checkWith(texts.map((text) => ["README.md", text] as const))).toEqual({ passed: true, problems: [] })
})

it("the README has every setting of the environment that is not for tests", () => {
  const file = path.join(root, "README.md")
  writeFileSync(file, readFileSync(file, "utf8").replace(/^\| `TROUPE_DATABASE_URL`.*\n/m, ""))
  expect(check().problems).toContain("README.md: does not name the setting TROUPE_DATABASE_URL")
})
