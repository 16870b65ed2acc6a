// What a run may measure. A part says the scenarios it measures with given options, and measures them; each of its rows
// (`keep`) is one of those, and stands under its name in `results/<part>.json`.
import { directClient } from "./direct-client.mjs"
import { runHistory, runIdle, runReconnect, runTransitions } from "./engine-scenarios.mjs"
import { runInFlight, runTurns } from "./in-flight.mjs"
import { LIMITS } from "./limit-scripts.mjs"
import { runLimits } from "./limits.mjs"
import { runLoad } from "./load.mjs"
import { runLogins } from "./logins.mjs"
import { runPeople, runPolicy } from "./people-scenarios.mjs"
import { processFigures } from "./process-figures.mjs"
import { LAYOUTS, runLayout, runLists, runWatch } from "./read-scenarios.mjs"
import { BURST, PACED, runCrash, runFanOut, runStarts, warmClient } from "./scenarios.mjs"
import { medianRow } from "./statistics.mjs"
import { Installation } from "./troupe-server.mjs"

const LOAD_MODELS = [PACED, BURST]
const collectGarbage = new URL("collect-garbage.mjs", import.meta.url).href

/** The name of a row of load. `age` is `young` for the first such round that a server has seen, `warm` for later ones. */
export const loadName = ({ client, model, n, age }) => `${client} ${model} x ${n}${age ? ` ${age}` : ""}`

/** Rounds of `n` chats: enough turns for a median, and at least two that are not the first. */
const roundsOf = (n) => Math.max(3, Math.ceil(10 / n))

const isYoung = (options, n, round) => n === options.chats[0] && round === 0

/** Of a client that grows old: the first round of most chats comes first of all. */
const ageOf = (options) => (n, round) => (isYoung(options, n, round) ? "young" : "warm")
/** Of one for which that makes no difference. */
const ageless = () => undefined

/**
 * One client after the other gets rounds of many chats first, so that this is a young server's, and of few after them. All
 * rounds of the same age are one row, the median of each figure. `onEach` hands over each client, with what `runLoad` takes.
 */
async function measureLoads({ options, times, age, keep, say }, onEach) {
  const rows = new Map()
  const measure = async (model, on) => {
    for (const n of options.chats) {
      for (let round = 0; round < roundsOf(n); round++) {
        const row = { age: age(n, round), ...(await runLoad({ ...on, model, n })) }
        const scenario = loadName(row)
        say({ scenario, ...row })
        rows.set(scenario, [...(rows.get(scenario) ?? []), row])
      }
    }
  }
  for (let i = 0; i < times; i++) for (const model of LOAD_MODELS) await onEach((on) => measure(model, on))
  for (const [scenario, each] of rows) keep(scenario, { ...medianRow(each), rounds: each.length })
}

/** The names of all rows that `measureLoads` keeps. */
const loadNames = ({ chats }, client, age) => {
  const rounds = (n) => Array.from({ length: roundsOf(n) }, (_, round) => age(n, round))
  const names = LOAD_MODELS.flatMap((model) =>
    chats.flatMap((n) => rounds(n).map((each) => loadName({ client, model, n, age: each }))),
  )
  return [...new Set(names)]
}

/** A server of its own for one scenario, with settings that this needs. */
async function onServer({ providerUrl }, environment, scenario) {
  const installation = new Installation(environment)
  try {
    const server = await installation.start()
    const client = await warmClient(server, providerUrl)
    const pids = { serverPid: server.pid, postgresPid: installation.postgresPid() }
    return await scenario({ client, installation, pids, url: server.url })
  } finally {
    await installation.close()
  }
}

/** The row's own name gives way to that of the part's list, which says for how many, too. */
const keepAs = (keep, scenario, { scenario: _, ...figures }) => keep(scenario, figures)

async function pssAfterRestart(installation, providerUrl) {
  await installation.stop()
  const server = await installation.start()
  await warmClient(server, providerUrl)
  return processFigures(server.pid).pssMb
}

/**
 * In the order in which they run. `usual`: measured unless `--only` says otherwise; the others take minutes each.
 * `scenarios`: the names of the rows that `measure` keeps.
 */
export const PARTS = [
  {
    name: "direct",
    usual: true,
    scenarios: (options) => loadNames(options, "direct", ageless),
    async measure(run) {
      const client = directClient(run.providerUrl)
      // Its first call also opens sockets and compiles code.
      await client.prompt(await client.open("warm-up"), "fake-8", () => {})
      await measureLoads({ ...run, times: 1, age: ageless }, (load) => load({ client, providerUrl: run.providerUrl }))
    },
  },
  {
    name: "start",
    usual: true,
    scenarios: () => ["start"],
    measure: async ({ options, keep }) => keepAs(keep, "start", await runStarts(options.times)),
  },
  {
    name: "load",
    usual: true,
    scenarios: (options) => loadNames(options, "troupe", ageOf(options)),
    measure: (run) =>
      measureLoads({ ...run, times: run.options.times, age: ageOf(run.options) }, (load) =>
        onServer(run, {}, ({ client, pids }) => load({ client, providerUrl: run.providerUrl, pids })),
      ),
  },
  {
    name: "fan-out",
    usual: true,
    scenarios: ({ listeners }) => listeners.map((n) => `fan-out ${n}`),
    measure: (run) =>
      onServer(run, {}, async ({ client, pids }) => {
        for (const listeners of run.options.listeners)
          keepAs(run.keep, `fan-out ${listeners}`, await runFanOut({ client, listeners, pids }))
      }),
  },
  {
    name: "crash",
    usual: true,
    scenarios: () => ["crash"],
    async measure({ options, providerUrl, keep, say }) {
      const rows = []
      for (let i = 0; i < options.times; i++) {
        rows.push(await runCrash({ providerUrl }))
        say(rows.at(-1))
      }
      const all = (name) => rows.map((row) => row[name])
      keep("crash", {
        times: rows.length,
        whole: all("whole").filter(Boolean).length,
        missingMs: { each: all("missingMs"), most: Math.max(...all("missingMs")) },
        missingCharacters: { each: all("missingCharacters") },
        resumedMs: { each: all("resumedMs") },
      })
    },
  },
  {
    name: "limits",
    scenarios: () => Object.values(LIMITS).map((limit) => `limit: ${limit}`),
    measure: (run) =>
      onServer(run, {}, async (on) => {
        for (const row of await runLimits(on)) keepAs(run.keep, row.scenario, row)
      }),
  },
  {
    name: "logins",
    scenarios: () => ["logins"],
    async measure({ options, providerUrl, keep, say }) {
      const row = await onServer({ providerUrl }, { TROUPE_TRUSTED_PROXIES: "127.0.0.1" }, (on) =>
        runLogins({ ...on, rounds: options.times, say }),
      )
      keepAs(keep, "logins", row)
    },
  },
  {
    name: "engine",
    scenarios: () => ["transition", "reconnect", "history"],
    async measure(run) {
      const measured = async (scenario, environment, of) =>
        keepAs(run.keep, scenario, await onServer(run, environment, of))
      await measured("transition", {}, ({ client }) => runTransitions({ client, turns: 300 }))
      await measured("reconnect", { TROUPE_COALESCE_MS: "0" }, ({ client }) => runReconnect({ client, times: 20 }))
      await measured("history", {}, (on) => runHistory({ ...on, messages: 10_000, times: 20 }))
    },
  },
  {
    name: "reads",
    scenarios: () => ["lists", "watch", ...Object.keys(LAYOUTS)],
    async measure(run) {
      keepAs(run.keep, "lists", await onServer(run, {}, (on) => runLists({ ...on, chats: 200, times: 20 })))
      keepAs(run.keep, "watch", await onServer(run, {}, (on) => runWatch({ ...on, tabs: 20, chats: 500 })))
      for (const layout of Object.keys(LAYOUTS))
        keepAs(run.keep, layout, await onServer(run, {}, (on) => runLayout({ ...on, layout, times: 20 })))
    },
  },
  {
    name: "people",
    scenarios: () => ["policy", "people"],
    async measure(run) {
      keepAs(run.keep, "policy", runPolicy())
      keepAs(run.keep, "people", await onServer(run, {}, (on) => runPeople({ ...on, accounts: 100_000, times: 20 })))
    },
  },
  {
    name: "in-flight",
    scenarios: ({ flight }) => flight.map((chats) => `in-flight ${chats}`),
    async measure(run) {
      for (const chats of run.options.flight)
        keepAs(run.keep, `in-flight ${chats}`, await onServer(run, {}, (on) => runInFlight({ ...on, chats })))
    },
  },
  {
    name: "idle",
    scenarios: ({ idle }) => [`idle ${idle}`],
    async measure(run) {
      const environment = { TROUPE_IDLE_ACTOR_MS: "1000", NODE_OPTIONS: `--import ${collectGarbage}` }
      const row = await onServer(run, environment, (on) =>
        runIdle({
          ...on,
          chats: run.options.idle,
          restart: () => pssAfterRestart(on.installation, run.providerUrl),
        }),
      )
      keepAs(run.keep, `idle ${run.options.idle}`, row)
    },
  },
  {
    name: "turns",
    scenarios: () => ["turns"],
    async measure(run) {
      const row = await onServer(run, { TROUPE_IDLE_ACTOR_MS: "1000" }, (on) =>
        runTurns({ ...on, turns: run.options.turns, chats: 50 }),
      )
      keepAs(run.keep, "turns", row)
    },
  },
]
