// npm run soak: every proof that counts its rounds, with many more of them than `npm test` has time for; writes docs/soak.md.
//   npm run soak -- crash races     only files whose path contains one of these words; "turns" is the last part, 20,000 turns
//   npm run soak -- --list          says which files there are; with words, which of them those mean
// TROUPE_TEST_SEED repeats the random choices of an earlier run.
import { execFileSync, spawn } from "node:child_process"
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { ensureBuild } from "./ensure-build.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const page = path.join(root, "docs", "soak.md")
const LONGEST_TEST_MS = 4 * 3_600_000

const program = (...parts) => path.join(root, "node_modules", ...parts)

/** Test files that say how often they repeat themselves. */
const listFiles = (words) =>
  ["src", "test"]
    .flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true }).map((name) => path.join(folder, name)),
    )
    .filter((name) => name.endsWith(".test.ts"))
    .filter((name) => readFileSync(path.join(root, name), "utf8").includes("support/soak.ts"))
    .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
    .toSorted()

const run = (command, parameters, environment) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [command, ...parameters], { cwd: root, stdio: "inherit", env: environment })
    // Ctrl+C reaches the child as well; it stops its servers, and we wait to say how it ended.
    for (const name of ["SIGINT", "SIGTERM"]) process.once(name, () => child.kill(name))
    child.once("exit", (code) => resolve(code ?? 1))
  })

const readReport = (file) => {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line))
  } catch {
    return []
  }
}

const row = (...cells) => `| ${cells.join(" | ")} |`
const table = (head, rows) =>
  [row(...head), row(...head.map(() => "---")), ...rows.map((cells) => row(...cells))].join("\n")

const figuresText = (figures) =>
  Object.entries(figures)
    .map(([name, value]) => `${name}: ${typeof value === "number" ? value.toLocaleString("en") : value}`)
    .join("; ")

const duration = (seconds) => (seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`)

const pageText = (records, files) => {
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: root, encoding: "utf8" }).trim()
  return `# Soak

\`npm run soak\` runs the proofs of \`npm test\` that repeat themselves many times more, one file after the other, and writes this page.
\`TROUPE_TEST_SEED\` repeats the random choices of a run.

Commit ${commit}, Node ${process.version}, ${availableParallelism()} cores.

${table(
  ["Proof", "Seed", "Figures"],
  records.map(({ figures, proof, seed }) => [proof, seed, figuresText(figures)]),
)}

${table(
  ["File", "Time", "Result"],
  files.map(({ code, name, seconds }) => [`\`${name}\``, duration(seconds), code === 0 ? "passed" : "**failed**"]),
)}
`
}

const main = async () => {
  const isList = process.argv.includes("--list")
  const words = process.argv.slice(2).filter((word) => word !== "--list")
  const names = listFiles(words)
  const withTurns = words.length === 0 || words.includes("turns")
  if (names.length === 0 && !withTurns) {
    console.error("No test file with rounds has such a name.")
    return 2
  }
  if (isList) {
    for (const name of names) console.log(name)
    return 0
  }
  await ensureBuild(root)
  const seed = process.env.TROUPE_TEST_SEED || String(Date.now() % 1_000_000)
  console.log(`TROUPE_TEST_SEED=${seed}`)
  const folder = mkdtempSync(path.join(tmpdir(), "troupe-soak-"))
  const report = path.join(folder, "report.jsonl")
  const environment = { ...process.env, TROUPE_SOAK: "1", TROUPE_SOAK_REPORT: report, TROUPE_TEST_SEED: seed }
  const files = []
  const timed = async (name, running) => {
    const began = performance.now()
    const code = await running
    files.push({ name, code, seconds: Math.round((performance.now() - began) / 1000) })
    // After each, so that a run that is stopped has not been for nothing.
    writeFileSync(page, pageText(readReport(report), files))
  }
  for (const name of names) {
    const parameters = ["run", "--project=integration", "--project=unit", `--testTimeout=${LONGEST_TEST_MS}`, name]
    await timed(name, run(program("vitest", "vitest.mjs"), parameters, environment))
  }
  if (withTurns) {
    const lines = path.join(folder, "turns.jsonl")
    const parameters = ["--only", "turns", "--json", lines]
    await timed("bench/in-flight.mjs", run(path.join(root, "bench", "run.mjs"), parameters, process.env))
    for (const { scenario, ...figures } of readReport(lines)) {
      if (scenario !== "turns") continue
      appendFileSync(report, `${JSON.stringify({ proof: "memory and tables over many turns", seed: "", figures })}\n`)
    }
    writeFileSync(page, pageText(readReport(report), files))
  }
  rmSync(folder, { recursive: true, force: true })
  await run(program("oxfmt", "bin", "oxfmt"), [page], process.env)
  const failed = files.filter(({ code }) => code !== 0)
  console.log(
    `docs/soak.md is written. ${files.length - failed.length} of ${files.length} files passed with seed ${seed}.`,
  )
  return failed.length === 0 ? 0 : 1
}

process.exitCode = await main()
