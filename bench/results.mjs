// What runs have measured: one file per part, and in it one row per scenario with the run that measured it.
//   {"<scenario>": {"run": {machine, node, postgres, commit, date}, "figures": {...}}}
import { execFileSync } from "node:child_process"
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import { cpus, totalmem } from "node:os"
import { basename, join } from "node:path"
import { postgresVersion } from "./database.mjs"

const folderOf = (root) => join(root, "bench", "results")

/** Rows by part and scenario; none where nothing has been measured yet. */
export function readResults(root) {
  const folder = folderOf(root)
  let files = []
  try {
    files = readdirSync(folder).filter((name) => name.endsWith(".json"))
  } catch (error) {
    if (error.code !== "ENOENT") throw error
  }
  return Object.fromEntries(
    files.toSorted().map((file) => [basename(file, ".json"), JSON.parse(readFileSync(join(folder, file), "utf8"))]),
  )
}

/** Puts the rows of one run into the file of their part. What this run did not measure stays, with the run that did. */
export function mergeResults(root, part, rows, run) {
  const kept = readResults(root)[part] ?? {}
  for (const { scenario, ...figures } of rows) kept[scenario] = { run, figures }
  const sorted = Object.fromEntries(Object.entries(kept).toSorted(([a], [b]) => a.localeCompare(b, "en")))
  mkdirSync(folderOf(root), { recursive: true })
  writeFileSync(join(folderOf(root), `${part}.json`), `${JSON.stringify(sorted, null, 2)}\n`)
}

/** Where and of what a run is made. A changed tree is no commit, and says so. */
export async function runFacts(root) {
  const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim()
  const commit = git("rev-parse", "--short=7", "HEAD")
  const changed = git("status", "--porcelain", "--", ".", ":!bench/results", ":!docs", ":!README.md") !== ""
  return {
    machine: `${cpus()[0].model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    postgres: await postgresVersion(root),
    commit: changed ? `${commit} and changes` : commit,
    date: new Date().toISOString().slice(0, 10),
  }
}
