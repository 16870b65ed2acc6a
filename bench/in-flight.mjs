// Many chats that stream at once, each slowly, for long; and many turns, one after the other.
import { setTimeout as sleep } from "node:timers/promises"
import { withDatabase } from "./database.mjs"
import { each } from "./engine-scenarios.mjs"
import { PROMPT_LIMIT_MS, sample, within } from "./load.mjs"
import { now } from "./scripted-text.mjs"
import { percentile, round, spread } from "./statistics.mjs"

const BEGINNING_MS = 20_000

/** Tokens of `clock-*` models are the moments at which the provider wrote them, so that a reader knows how late it is. */
const CLOCK = "clock-1200-d50"

/**
 * `chats` chats stream 20 tokens a second each, for a minute, with one reader each. They begin within a third of that, so that
 * it is not their beginning that is measured. `lag` is from the provider's write to the reader, in milliseconds, over all tokens
 * that were written while every chat was streaming.
 */
export async function runInFlight({ client, chats, pids }) {
  await client.liftLimits()
  const open = []
  await each(chats, async (i) => open.push(await within(PROMPT_LIMIT_MS, "opening a chat", client.open(`flight-${i}`))))
  const before = sample(pids)
  const began = now()
  const arrivals = []
  let streaming = 0
  let allFrom = Number.POSITIVE_INFINITY
  let firstEnd = Number.POSITIVE_INFINITY
  const turns = await Promise.allSettled(
    open.map(async (chat, index) => {
      await sleep((index / chats) * BEGINNING_MS)
      let started = false
      const seen = []
      const text = await within(
        PROMPT_LIMIT_MS,
        "a turn",
        client.prompt(chat, CLOCK, (delta) => {
          const at = now()
          if (!started) {
            started = true
            streaming += 1
            if (streaming === chats) allFrom = at
          }
          for (const token of delta.split(" ")) if (token !== "") seen.push({ at, written: Number(token) })
        }),
      )
      firstEnd = Math.min(firstEnd, now())
      arrivals.push(...seen)
      return text
    }),
  )
  const wallMs = now() - began
  const after = sample(pids)
  for (const chat of open) chat.close()
  const during = arrivals.filter(({ at, written }) => written >= allFrom && at <= firstEnd)
  const lags = during.map(({ at, written }) => at - written)
  const cpu = after.server.cpuSeconds - before.server.cpuSeconds
  return {
    scenario: "in-flight",
    chats,
    ok: turns.filter((turn) => turn.status === "fulfilled" && turn.value.trim().split(" ").length === 1200).length,
    errors: [...new Set(turns.flatMap((turn) => (turn.status === "rejected" ? [turn.reason.message] : [])))].slice(
      0,
      3,
    ),
    lagMs: spread(lags),
    lagP99: round(percentile(lags, 0.99)),
    tokensMeasured: lags.length,
    allStreamingMs: round(firstEnd - allFrom, 0),
    wallMs: round(wallMs, 0),
    serverCpuSeconds: round(cpu, 1),
    postgresCpuSeconds: round(after.postgres.cpuSeconds - before.postgres.cpuSeconds, 1),
    serverPssMb: { before: Math.round(before.server.pssMb), after: Math.round(after.server.pssMb) },
  }
}

/** Tables whose rows come and go; the others are the record of what happened and grow with it. */
const TRANSIENT = ["chats", "chat_parts", "chat_attempts", "instances", "command_receipts"]

const tableSizes = (installation) =>
  withDatabase(installation, async (query) => {
    const sizes = {}
    for (const table of TRANSIENT) {
      const [row] = await query(`select pg_total_relation_size($1::regclass)::bigint as bytes`, [table])
      sizes[table] = Math.round(Number(row.bytes) / 1024)
    }
    const [left] = await query(
      "select (select count(*) from chat_parts)::int as parts, (select count(*) from chat_attempts)::int as attempts",
    )
    return { sizes, left }
  })

/** `turns` turns over `chats` chats, a tenth of which are made anew for each tenth of the turns. Memory and tables at each tenth. */
export async function runTurns({ client, installation, turns, chats, pids }) {
  const points = []
  const began = now()
  const TENTHS = 10
  for (let tenth = 0; tenth < TENTHS; tenth++) {
    const open = []
    await each(chats, async (i) => open.push(await client.open(`turns-${tenth}-${i}`)))
    const perChat = Math.round(turns / TENTHS / chats)
    await Promise.all(
      open.map(async (chat) => {
        for (let i = 0; i < perChat; i++)
          await within(
            PROMPT_LIMIT_MS,
            "a turn",
            client.prompt(chat, "fake-8", () => {}),
          )
      }),
    )
    for (const chat of open) chat.close()
    const figures = sample(pids)
    const tables = await tableSizes(installation)
    points.push({
      turns: (tenth + 1) * perChat * chats,
      pssMb: Math.round(figures.server.pssMb),
      postgresPssMb: Math.round(figures.postgres.pssMb),
      ...tables,
    })
    console.log(JSON.stringify({ scenario: "turns", ...points.at(-1) }))
  }
  const values = (of) => points.map(of)
  const range = (numbers) => `${Math.min(...numbers)} to ${Math.max(...numbers)}`
  // Dead rows stay until the next vacuum, a minute apart: the tables that come and go are as big as a minute of turns.
  const sizes = (table) => values((point) => point.sizes[table]).join(", ")
  return {
    scenario: "turns",
    turns: points.at(-1).turns,
    turnsPerSecond: round(points.at(-1).turns / ((now() - began) / 1000)),
    "server PSS MB, from the first tenth on": range(values((point) => point.pssMb)),
    "Postgres PSS MB": range(values((point) => point.postgresPssMb)),
    "chat_parts KB": range(values((point) => point.sizes.chat_parts)),
    "chat_attempts KB, at each tenth": sizes("chat_attempts"),
    "chats KB, at each tenth, 50 more chats in each": sizes("chats"),
    "parts and attempts left": points.at(-1).left.parts + points.at(-1).left.attempts,
  }
}
