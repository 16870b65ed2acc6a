import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, it } from "vitest"

/** Figures of pages, on a copy of what makes and checks them. */

const repository = fileURLToPath(new URL("..", import.meta.url))
const PAGE = "docs/performance.md"

let root = ""
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "check-figures-"))
  for (const name of ["bench", "scripts", "docs", "README.md"])
    cpSync(path.join(repository, name), path.join(root, name), { recursive: true })
  symlinkSync(path.join(repository, "node_modules"), path.join(root, "node_modules"))
  rmSync(path.join(root, "bench/results"), { recursive: true, force: true })
  writePages()
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const node = (...args: ReadonlyArray<string>) => spawnSync(process.execPath, [...args], { cwd: root, encoding: "utf8" })

/** `npm run bench -- --page` */
const writePages = () => expect(node("bench/run.mjs", "--page")).toMatchObject({ status: 0, stderr: "" })

const check = () => {
  const { status, stdout, stderr } = node("scripts/check-figures.mjs")
  expect(stderr).toBe("")
  return { passed: status === 0, problems: stdout.split("\n").filter((line) => line !== "") }
}

const edit = (file: string, change: (text: string) => string) => {
  const before = readFileSync(path.join(root, file), "utf8")
  const after = change(before)
  expect(after).not.toBe(before)
  writeFileSync(path.join(root, file), after)
}

const run = { machine: "a machine", node: "v20.19.0", postgres: "18.4", commit: "1234567", date: "2026-01-31" }

const store = (part: string, rows: Readonly<Record<string, object>>) => {
  mkdirSync(path.join(root, "bench/results"), { recursive: true })
  const kept = Object.fromEntries(Object.entries(rows).map(([scenario, figures]) => [scenario, { run, figures }]))
  writeFileSync(path.join(root, "bench/results", `${part}.json`), JSON.stringify(kept))
}

const transition = (p50: number) => ({ transition: { count: 1500, ms: { p50, p95: 4.25 }, p99: 5.5 } })

it("this repository's pages show what has been measured", () => {
  const { status, stdout } = spawnSync(process.execPath, [path.join(repository, "scripts/check-figures.mjs")], {
    cwd: repository,
    encoding: "utf8",
  })
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" })
})

describe("a page", () => {
  it("shows the rows that are kept, with the run that measured them and against the bounds", () => {
    store("engine", transition(1.5))
    writePages()
    expect(check()).toEqual({ passed: true, problems: [] })
    const page = readFileSync(path.join(root, PAGE), "utf8")
    expect(page).toMatch(/\| transition +\| ms +\| 1\.5 \/ 4\.25 +\|/)
    expect(page).toContain("2026-01-31, commit `1234567`, a machine, Node v20.19.0, Postgres 18.4.")
    expect(page).toMatch(/to its commit, p50 +\| <= 1\.7 ms +\| <= 1\.2 ms +\| 1\.5 ms +\| as needed +\|/)
    expect(page).toMatch(/to its commit, p99 +\| <= 6 ms +\| <= 5 ms +\| 5\.5 ms +\| as needed +\|/)
  })

  it("shows loads beside the direct run, the young server before the warm one", () => {
    const pss = { before: 100, peak: 120.5 }
    const load = (client: string, n: number, age?: string) => ({
      ...{
        age,
        client,
        model: "fake-200-d10",
        n,
        ok: n,
        first: { p50: n + 1.25, p95: n + 2 },
        turn: { p50: 2000, p95: 2100 },
      },
      ...(client === "troupe" && {
        serverCpuMsPerTurn: 9.5,
        postgresCpuMsPerTurn: null,
        serverPssMb: pss,
        postgresPssMb: pss,
      }),
    })
    store("direct", { "direct fake-200-d10 x 100": load("direct", 100), "direct fake-200-d10 x 1": load("direct", 1) })
    store("load", {
      "troupe fake-200-d10 x 100 warm": load("troupe", 100, "warm"),
      "troupe fake-200-d10 x 100 young": load("troupe", 100, "young"),
      "troupe fake-200-d10 x 1 warm": { ...load("troupe", 1, "warm"), first: { p50: 6.2, p95: 7 } },
    })
    writePages()
    expect(check()).toEqual({ passed: false, problems: [expect.stringContaining('"postgres-cpu-per-turn" is about')] })
    const lines = readFileSync(path.join(root, PAGE), "utf8").replaceAll(/ +/g, " ").split("\n")
    const from = lines.findIndex((line) => line.startsWith("| Chats, server |"))
    expect(lines.slice(from + 2, from + 5)).toEqual([
      "| 1, warm | 2.25 / 3 | 6.2 / 7 | 1 | 9.5 + - | 100 -> 121 | 100 -> 121 |",
      "| 100, young | 101 / 102 | 101 / 102 | 1 | 9.5 + - | 100 -> 121 | 100 -> 121 |",
      "| 100, warm | 101 / 102 | 101 / 102 | 1 | 9.5 + - | 100 -> 121 | 100 -> 121 |",
    ])
    expect(lines).toContainEqual(
      expect.stringMatching(/1 paced chat, warm \| <= 8 ms \| <= 5 ms \| 4 ms \| at its goal \|/),
    )
  })

  it("names each run where the rows of a table are of several", () => {
    const other = { ...run, commit: "89abcde" }
    store("engine", transition(1.5))
    const file = path.join(root, "bench/results/engine.json")
    const kept: unknown = JSON.parse(readFileSync(file, "utf8"))
    writeFileSync(
      file,
      JSON.stringify({ ...Object(kept), history: { run: other, figures: { snapshotMs: { p50: 9, p95: 10 } } } }),
    )
    writePages()
    expect(check()).toEqual({ passed: true, problems: [] })
    const page = readFileSync(path.join(root, PAGE), "utf8")
    expect(page).toContain("- 2026-01-31, commit `1234567`, a machine, Node v20.19.0, Postgres 18.4: transition.")
    expect(page).toContain("- 2026-01-31, commit `89abcde`, a machine, Node v20.19.0, Postgres 18.4: history.")
  })

  it("names figures in words", () => {
    store("turns", {
      turns: { serverPssMb: { before: 1, after: 2 }, cpuSeconds: 1.5, "chats KB, at each tenth": "1, 2" },
    })
    writePages()
    const page = readFileSync(path.join(root, PAGE), "utf8")
    for (const line of ["server PSS, MB ", "CPU, s ", "chats KB, at each tenth "])
      expect(page).toContain(`| turns    | ${line}`)
  })

  it("says of a bound whether it is missed, needed or a goal that is reached", () => {
    for (const [p50, said] of [
      [1.8, "**missed**"],
      [1.7, "as needed"],
      [1.2, "at its goal"],
    ] as const) {
      store("engine", transition(p50))
      writePages()
      expect(readFileSync(path.join(root, PAGE), "utf8")).toContain(`| ${p50} ms       | ${said}`)
    }
  })

  it("is told from one that somebody has edited", () => {
    store("engine", transition(1.5))
    writePages()
    edit(PAGE, (text) => text.replace("1.5 / 4.25", "1.2 / 4.25"))
    expect(check().problems).toEqual([expect.stringMatching(/^docs\/performance\.md: its figures are not those of/)])
  })

  it("is older than results that were measured since", () => {
    store("engine", transition(1.5))
    writePages()
    store("engine", transition(1.4))
    expect(check().problems).toEqual([expect.stringMatching(/^docs\/performance\.md: its figures are not those of/)])
  })

  it("quotes a figure in a sentence, and then that is written, too", () => {
    edit("README.md", (text) => `${text}\nA step is committed in <!-- figure: transition-p50 -->?<!-- /figure -->.\n`)
    expect(check().passed).toBe(false)
    store("engine", transition(1.5))
    writePages()
    expect(check()).toEqual({ passed: true, problems: [] })
    expect(readFileSync(path.join(root, "README.md"), "utf8")).toContain(
      "committed in <!-- figure: transition-p50 -->1.5 ms<",
    )
  })

  it.each(["figures: nothing", "figure: nothing"])("cannot show <!-- %s -->", (marker) => {
    const [kind] = marker.split(":")
    edit(PAGE, (text) => `${text}\n<!-- ${marker} -->\n<!-- /${kind} -->\n`)
    expect(check().problems).toEqual([
      expect.stringMatching(/^docs\/performance\.md: no (table|bound) is called "nothing"/),
    ])
  })

  it("has a table of every part", () => {
    edit(PAGE, (text) => text.replace(/<!-- figures: crash -->[\s\S]*?<!-- \/figures -->/, ""))
    expect(check().problems).toEqual(['docs/performance.md: shows no table of the part "crash"'])
  })
})

describe("prose", () => {
  it("names no figure of its own", () => {
    const sentences: ReadonlyArray<readonly [page: string, sentence: string, found: string]> = [
      [PAGE, "A turn takes 12 ms.", "12 ms"],
      [PAGE, "It was 1.5 s then.", "1.5 s"],
      [PAGE, "A third, 33 %, is saved.", "33 %"],
      [PAGE, "139,000 tokens a second", "139,000 tokens"],
      ["README.md", "It needs 110 MB.", "110 MB"],
    ]
    for (const [page, sentence] of sentences) edit(page, (text) => `${text}\n${sentence}\n`)
    const expected = sentences.map(([page, , found]) => `${page}: "${found}" stands outside of the markers`)
    expect(
      check()
        .problems.map((problem) => problem.split(";")[0])
        .toSorted(),
    ).toEqual(expected.toSorted())
  })

  it("may have code, names of models and words for figures", () => {
    const texts = ["`sleep(12 ms)` is code", "```\n12 ms\n```", "`fake-200-d10` is 200 of them", "p95 is a percentile"]
    edit(PAGE, (text) => [text, ...texts, ""].join("\n\n"))
    expect(check()).toEqual({ passed: true, problems: [] })
  })

  it("names limits on other pages, and no figures", () => {
    edit("docs/architecture.md", (text) => `${text}\nA sweep comes every 2 s.\n`)
    expect(check()).toEqual({ passed: true, problems: [] })
    edit("docs/architecture.md", (text) => `${text}\nIts p95 is 12 ms.\n`)
    expect(check().problems).toEqual([
      'docs/architecture.md: "Its p95 is 12 ms." quotes a measured figure; ' + PAGE + " is the place for it",
    ])
  })
})

describe("results and bounds", () => {
  it("a bound on a scenario that no part measures", () => {
    edit("bench/bounds.mjs", (text) => text.replace('scenario: "transition"', 'scenario: "transitions"'))
    expect(check().problems).toEqual([
      'bench/bounds.mjs: "transition-p50" is about "transitions", which no part measures',
    ])
  })

  it("a bound on a figure that the scenario does not have", () => {
    edit("bench/bounds.mjs", (text) => text.replace('figure: "p99"', 'figure: "p98"'))
    store("engine", transition(1.5))
    writePages()
    expect(check().problems).toEqual([
      'bench/bounds.mjs: "transition-p99" is about "p98", which "transition" does not have',
    ])
  })

  it("a short run, whose rows are not those of the page", () => {
    store("fan-out", { "fan-out 3": { listeners: 3 } })
    writePages()
    expect(check().problems).toEqual([
      'bench/results/fan-out.json: "fan-out 3" is no row of a run with the usual options',
    ])
  })
})
