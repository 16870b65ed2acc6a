// Every file says by its name what it is, is short enough to be read in one sitting, and silences no other check.
import { readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { sourceFiles } from "./source-files.mjs"

const MAX_LINES = 400
const COUNTED = /\.(ts|tsx|mts|mjs|cjs|css)$/
const VAGUE = /^(utils?|helpers?|common|misc)$/i
const SILENCER = /(eslint|oxlint)-disable|@ts-(ignore|nocheck|expect-error)/
const BARREL = /^index\.[cm]?[jt]sx?$/

const root = resolve(process.argv[2] ?? ".")
const problems = []
for (const path of sourceFiles(root)) {
  const names = path.split("/")
  const file = names.at(-1)
  for (const name of names) {
    const stem = name.split(".")[0]
    if (VAGUE.test(stem)) problems.push(`${path}: "${stem}" says nothing; name it by what is in it`)
  }
  if (BARREL.test(file)) problems.push(`${path}: no index files; import from the file that has the thing`)
  if (!COUNTED.test(file)) continue
  const text = readFileSync(join(root, path), "utf8")
  const silencer = SILENCER.exec(text)
  if (silencer) problems.push(`${path}: "${silencer[0]}"; mend the cause, or change the rule for everyone`)
  const lines = text.split("\n").length - 1
  if (lines > MAX_LINES) problems.push(`${path}: ${lines} lines; ${MAX_LINES} is the limit, two things live in it`)
}
for (const problem of problems) console.log(problem)
process.exitCode = problems.length > 0 ? 1 : 0
