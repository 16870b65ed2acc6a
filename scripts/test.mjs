// npm test: all tests. Arguments go on to vitest, such as `npm test -- src/db`.
// TROUPE_TEST_JITTER=1 makes things late at random (test/support/jitter.mjs), to find tests that depend on who is first.
import { spawn } from "node:child_process"
import { accessSync, constants, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { ensureBuild } from "./ensure-build.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))

const isProgram = (file) => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** `TROUPE_CHROMIUM` is the last word: when what it names is no program, there is none. */
const findChromium = () => {
  const usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  return (process.env.TROUPE_CHROMIUM ? [process.env.TROUPE_CHROMIUM] : usual).find(isProgram)
}

const listBrowserTests = () => {
  try {
    return readdirSync(path.join(root, "test", "e2e"), { recursive: true }).filter((name) => /\.test\.tsx?$/.test(name))
  } catch {
    return []
  }
}

const runVitest = (parameters, environment) =>
  new Promise((resolve) => {
    const vitest = path.join(root, "node_modules", "vitest", "vitest.mjs")
    const child = spawn(process.execPath, [vitest, "run", ...parameters], {
      cwd: root,
      stdio: "inherit",
      env: environment,
    })
    // Ctrl+C reaches the child as well; it stops its servers, and we wait to say how it ended.
    for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => child.kill(name))
    child.once("exit", (code) => resolve(code ?? 1))
  })

/** For a machine with bad luck; tests get more time there. */
const jitter = () => {
  if (process.env.TROUPE_TEST_JITTER !== "1") return { parameters: [], environment: {} }
  const preload = pathToFileURL(path.join(root, "test", "support", "jitter.mjs"))
  return {
    parameters: ["--testTimeout=180000", "--hookTimeout=180000"],
    environment: { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --import ${preload}`.trim() },
  }
}

/** A test file that could not be loaded has no tests to fail: it counts as one. */
const countFailures = (report) =>
  report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length + report.numFailedTests

const readReport = (file) => {
  try {
    return JSON.parse(readFileSync(file, "utf8"))
  } catch {
    return undefined
  }
}

const main = async () => {
  try {
    await ensureBuild(root)
  } catch (cause) {
    console.error(cause.message)
    console.log("0 passed, 1 failed, 0 skipped")
    return 1
  }
  const chromium = findChromium()
  const skippedFiles = chromium === undefined ? listBrowserTests() : []
  const browserRequired = Boolean(process.env.CI) && skippedFiles.length > 0
  const folder = mkdtempSync(path.join(tmpdir(), "troupe-report-"))
  const file = path.join(folder, "report.json")
  const { parameters, environment } = jitter()
  const code = await runVitest(
    [
      ...["--reporter=default", "--reporter=json", `--outputFile.json=${file}`],
      ...(chromium === undefined ? ["--project=unit", "--project=integration"] : []),
      ...parameters,
      ...process.argv.slice(2),
    ],
    { ...process.env, ...environment, ...(chromium === undefined ? {} : { TROUPE_CHROMIUM: chromium }) },
  )
  const report = readReport(file)
  rmSync(folder, { recursive: true, force: true })
  if (skippedFiles.length > 0) {
    console.log(
      `No Chromium was found (/usr/bin/chromium or TROUPE_CHROMIUM): ${skippedFiles.length} browser test files were ${
        browserRequired ? "not run, which fails in CI" : "skipped"
      }.`,
    )
  }
  const failed = (report === undefined ? 0 : countFailures(report)) + (browserRequired ? skippedFiles.length : 0)
  // An error outside of all tests fails the run too.
  const shown = failed === 0 && code !== 0 ? 1 : failed
  const skipped =
    (report === undefined ? 0 : report.numPendingTests + report.numTodoTests) +
    (browserRequired ? 0 : skippedFiles.length)
  console.log(`${report?.numPassedTests ?? 0} passed, ${shown} failed, ${skipped} skipped`)
  return shown === 0 ? 0 : code || 1
}

process.exitCode = await main()
