// Every area of the house has a page, AGENTS.md, that says what it is, where to begin, what holds there, how it is tested, and
// last of all what is known to be missing.
//   node scripts/check-areas.mjs [root]
import { existsSync, readFileSync, readdirSync } from "node:fs"
import { join, resolve } from "node:path"

/** Folders that are only shelves: their own folders are the areas. */
const SHELVES = ["src", "src/actors", "src/db"]
const OTHER_AREAS = ["workspace-agent", "web", "test", "bench", "scripts"]
const HEADINGS = ["Begin with", "Rules", "Tests", "Known gaps"]
const MAX_LINES = 60

const root = resolve(process.argv[2] ?? ".")
const problems = []

const foldersIn = (folder) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => `${folder}/${entry.name}`)
    : []
const areas = [
  ...SHELVES.flatMap(foldersIn).filter((folder) => !SHELVES.includes(folder)),
  ...OTHER_AREAS.filter((folder) => existsSync(join(root, folder))),
].sort()

function check(area) {
  const page = `${area}/AGENTS.md`
  if (!existsSync(join(root, page))) return [`${page}: missing; a page of another area shows what stands in it`]
  const text = readFileSync(join(root, page), "utf8")
  const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)
  const found = []
  if (headings.join() !== HEADINGS.join()) found.push(`${page}: has the headings ${HEADINGS.join(", ")}, in this order`)
  for (const section of text.split(/^## /m).slice(1))
    if (!/^- \S/m.test(section)) found.push(`${page}: says nothing under "${section.split("\n", 1)[0]}"`)
  const lines = text.split("\n").length - 1
  if (lines > MAX_LINES) found.push(`${page}: ${lines} lines; ${MAX_LINES} are a page`)
  return found
}

for (const area of areas) problems.push(...check(area))
const overview = join(root, "AGENTS.md")
if (existsSync(overview)) {
  const text = readFileSync(overview, "utf8")
  for (const area of areas)
    if (!text.includes(`(${area}/AGENTS.md)`)) problems.push(`AGENTS.md: does not lead to ${area}/AGENTS.md`)
} else problems.push("AGENTS.md: missing")
for (const problem of problems) console.log(problem)
process.exitCode = problems.length > 0 ? 1 : 0
