// Figures of a measurement are written by the run that measured them: this fails when a page says otherwise.
//   node scripts/check-figures.mjs [root]
import { readFileSync, readdirSync } from "node:fs"
import { join, resolve } from "node:path"
import { BOUNDS } from "../bench/bounds.mjs"
import { readOptions } from "../bench/options.mjs"
import { PAGES, TABLES, fill, tablesIn, withoutFigures } from "../bench/page.mjs"
import { PARTS } from "../bench/parts.mjs"
import { valueOf } from "../bench/report.mjs"
import { readResults } from "../bench/results.mjs"

/** A number with a unit of time, memory, share or rate: on a page that shows figures, it looks like one. */
const FIGURE = /\d(?:[\d.,]*\d)?\s?(?:ms|µs|us|s|seconds?|[KMG]i?B|%|tok\/s|tokens?)(?![\w/-])/g
/** On other pages limits have units, too; these words only measurements have. */
const MEASURED = /\b(?:p50|p95|p99|PSS|tok\/s|tok\/CPU-s|tokens per (?:CPU-)?second)\b/
/** ADRs say what was known on their day, and soak.md is written by its own run. */
const RECORDS = /^docs\/(?:adr\/|soak\.md$)/

const root = resolve(process.argv[2] ?? ".")
const read = (page) => readFileSync(join(root, page), "utf8")
const problems = []

const results = readResults(root)
const shown = new Set()
for (const page of PAGES) {
  const text = read(page)
  for (const name of tablesIn(text)) shown.add(name)
  try {
    if (fill(text, results) !== text)
      problems.push(`${page}: its figures are not those of bench/results; \`npm run bench -- --page\` writes them`)
  } catch (error) {
    problems.push(`${page}: ${error.message}`)
  }
}

/** Prose as it is read: no fenced code, no code within a line. */
const proseOf = (text) => withoutFigures(text.replace(/^```[\s\S]*?^```/gm, "")).replace(/`[^`\n]*`/g, "``")

const otherPages = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name.replaceAll("\\", "/")}`)
  .filter((page) => !PAGES.includes(page) && !RECORDS.test(page))
for (const page of PAGES)
  for (const [found] of proseOf(read(page)).matchAll(FIGURE))
    problems.push(`${page}: "${found}" stands outside of the markers; bench/page.mjs says how prose quotes a figure`)
for (const page of otherPages)
  for (const line of proseOf(read(page)).split("\n"))
    if (MEASURED.test(line) && /\d/.test(line.replaceAll(/p50|p95|p99/g, "")))
      problems.push(`${page}: "${line.trim()}" quotes a measured figure; docs/performance.md is the place for it`)

const usual = readOptions([], PARTS)
const measurable = new Map(PARTS.map((part) => [part.name, part.scenarios(usual)]))
const everything = [...measurable.values()].flat()
for (const bound of BOUNDS) {
  for (const { scenario, figure } of [bound, ...(bound.less ? [bound.less] : [])]) {
    if (!everything.includes(scenario))
      problems.push(`bench/bounds.mjs: "${bound.name}" is about "${scenario}", which no part measures`)
    else if (
      Object.values(results).some((rows) => rows[scenario]) &&
      valueOf(results, { scenario, figure }) === undefined
    )
      problems.push(`bench/bounds.mjs: "${bound.name}" is about "${figure}", which "${scenario}" does not have`)
  }
}
for (const [part, rows] of Object.entries(results))
  for (const scenario of Object.keys(rows))
    if (!measurable.get(part)?.includes(scenario))
      problems.push(`bench/results/${part}.json: "${scenario}" is no row of a run with the usual options`)
for (const part of measurable.keys())
  if (!Object.entries(TABLES).some(([name, { parts }]) => parts.includes(part) && shown.has(name)))
    problems.push(`docs/performance.md: shows no table of the part "${part}"`)

for (const problem of problems) console.log(problem)
process.exitCode = problems.length > 0 ? 1 : 0
