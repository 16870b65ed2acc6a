// `npm run check`: everything that can be said about the code without running it. `npm run check -- lint format` runs
// those only, `-- --list` says which there are; `npm run check -- --fix` first lets the formatter and the linter mend what they can.
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = (name) => join(root, "node_modules", ".bin", name)
const node = process.execPath
const script = (name) => [node, join(root, "scripts", name)]

const CHECKS = [
  { name: "types", command: [bin("tsc"), "-p", ".", "--noEmit"] },
  { name: "web types", command: [bin("tsc"), "-p", "web", "--noEmit"], needs: "web/tsconfig.json" },
  { name: "lint", command: [bin("oxlint"), "--deny-warnings"], fix: "--fix" },
  { name: "format", command: [bin("oxfmt"), "--check"], fixCommand: [bin("oxfmt"), "--write"] },
  { name: "imports", command: script("check-imports.mjs") },
  { name: "ids", command: script("check-ids.mjs") },
  { name: "files", command: script("check-files.mjs") },
  { name: "areas", command: script("check-areas.mjs") },
  { name: "docs", command: script("check-docs.mjs") },
  { name: "generated docs", command: [node, "--import", "tsx", join(root, "scripts", "generate-docs.ts"), "--check"] },
  { name: "reference", command: script("check-reference.mjs") },
  {
    name: "figures",
    command: script("check-figures.mjs"),
    fixCommand: [node, join(root, "bench", "run.mjs"), "--page"],
  },
  { name: "dead code", command: [bin("knip"), "--no-progress"] },
]
/** The machine may be small, and each of these uses more than one core of its own. */
const AT_ONCE = 2

function run([command, ...args]) {
  const started = performance.now()
  return new Promise((done) => {
    const chunks = []
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] })
    child.stdout.on("data", (chunk) => chunks.push(chunk))
    child.stderr.on("data", (chunk) => chunks.push(chunk))
    const end = (ok, extra = "") =>
      done({
        ok,
        output: Buffer.concat(chunks).toString("utf8") + extra,
        seconds: (performance.now() - started) / 1000,
      })
    child.on("error", (error) => end(false, `cannot run ${command}: ${error.message}\n`))
    child.on("close", (code, signal) => end(code === 0, signal ? `ended by ${signal}\n` : ""))
  })
}

const args = process.argv.slice(2)
if (args.includes("--list")) {
  for (const { name } of CHECKS) console.log(name)
  process.exit(0)
}
const fix = args.includes("--fix")
const wanted = args.filter((arg) => !arg.startsWith("--"))
const unknown = [
  ...args.filter((arg) => arg.startsWith("--") && arg !== "--fix"),
  ...wanted.filter((name) => !CHECKS.some((check) => check.name === name)),
]
if (unknown.length > 0) {
  console.error(`no such check: ${unknown.join(", ")}. There are: ${CHECKS.map((check) => check.name).join(", ")}`)
  process.exit(2)
}
const checks = CHECKS.filter(
  (check) =>
    (wanted.length === 0 || wanted.includes(check.name)) && (!check.needs || existsSync(join(root, check.needs))),
)

if (fix) {
  // One after the other: both write the same files.
  for (const check of checks) {
    if (check.fix) await run([...check.command, check.fix])
    if (check.fixCommand) await run(check.fixCommand)
  }
}

const failed = []
const waiting = [...checks]
const worker = async () => {
  for (let check = waiting.shift(); check; check = waiting.shift()) {
    const { ok, output, seconds } = await run(check.command)
    console.log(`${ok ? "ok    " : "FAILED"}  ${check.name} (${seconds.toFixed(1)} s)`)
    if (!ok) failed.push({ check, output })
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, worker))

for (const { check, output } of failed) console.log(`\n--- ${check.name}\n${output.trim()}`)
console.log(
  failed.length === 0
    ? `\nall ${checks.length} checks passed`
    : `\n${failed.length} of ${checks.length} checks failed: ${failed.map(({ check }) => check.name).join(", ")}`,
)
process.exitCode = failed.length === 0 ? 0 : 1
