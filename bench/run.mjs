// `npm run bench`: what Troupe adds to a direct connection, on this machine. `-- --help` says what there is to measure.
// One JSON line per round and row, then the tables. Loopback only; ends only the processes it started. TROUPE_DATABASE_URL
// benchmarks against that (empty) database, without the Postgres columns.
import { fork } from "node:child_process"
import { once } from "node:events"
import { appendFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { ensureBuild } from "../scripts/ensure-build.mjs"
import { helpText, readOptions } from "./options.mjs"
import { TABLES, writePages } from "./page.mjs"
import { PARTS } from "./parts.mjs"
import { mergeResults, runFacts } from "./results.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))

function optionsOrExit() {
  try {
    return readOptions(process.argv.slice(2), PARTS)
  } catch (error) {
    console.error(error.message)
    return process.exit(2)
  }
}

const isWhole = ({ ok, n, chats = n }) => ok === undefined || ok === chats

async function main(options) {
  const facts = await runFacts(root)
  const rows = new Map()
  const say = (row) => {
    const line = JSON.stringify(row)
    console.log(line)
    if (options.json) appendFileSync(options.json, `${line}\n`)
  }
  const measure = async (part, providerUrl) => {
    rows.set(part.name, [])
    const expected = part.scenarios(options)
    const keep = (scenario, figures) => {
      if (!expected.includes(scenario))
        throw new Error(`the part "${part.name}" does not say that it measures "${scenario}"`)
      rows.get(part.name).push({ scenario, ...figures })
      say({ scenario, ...figures })
    }
    await part.measure({ options, providerUrl, keep, say })
  }

  await ensureBuild(root)
  const provider = fork(fileURLToPath(new URL("fake-provider.mjs", import.meta.url)))
  try {
    const [{ url }] = await once(provider, "message")
    say(facts)
    for (const part of options.parts) await measure(part, url)
  } catch (error) {
    // What was measured until then is still worth showing.
    console.error(`\nstopped: ${error.message}`)
    process.exitCode = 1
  } finally {
    provider.disconnect()
  }

  const results = Object.fromEntries(
    [...rows].map(([part, each]) => [
      part,
      Object.fromEntries(each.map(({ scenario, ...figures }) => [scenario, { run: facts, figures }])),
    ]),
  )
  for (const { parts, render } of Object.values(TABLES))
    if (parts.some((part) => rows.get(part)?.length > 0)) console.log(`\n${render(results)}`)
  if (![...rows.values()].flat().every(isWhole)) process.exitCode = 1
  if (!options.write) return
  if (process.exitCode === 1) {
    console.error("\nnothing is kept: a run that was stopped, or a turn of which failed, is no measurement")
    return
  }
  for (const [part, each] of rows) mergeResults(root, part, each, facts)
  writePages(root)
}

const options = optionsOrExit()
if (options.help) console.log(helpText(PARTS))
else if (options.page) writePages(root)
else await main(options)
