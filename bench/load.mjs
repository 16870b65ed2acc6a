import { processFigures, treeFigures } from "./process-figures.mjs"
import { answerOf, now, script } from "./scripted-text.mjs"
import { round, spread } from "./statistics.mjs"

export const PROMPT_LIMIT_MS = 120_000
const SAMPLE_MS = 250

const zero = { cpuSeconds: 0, pssMb: 0 }

/** Figures of the server and of its database at one moment; zero for what there is none of. */
export function sample({ serverPid, postgresPid }) {
  return {
    server: serverPid ? processFigures(serverPid) : zero,
    postgres: postgresPid ? treeFigures(postgresPid) : zero,
  }
}

export async function within(ms, what, promise) {
  let timer
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${ms / 1000} s`)), ms)
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
  }
}

async function promptOnce(client, chat, model) {
  const turn = { tag: chat.tag, sent: now(), first: Number.NaN, done: Number.NaN, deltas: 0 }
  const onDelta = () => {
    if (turn.deltas++ === 0) turn.first = now()
  }
  try {
    const text = await within(PROMPT_LIMIT_MS, "a turn", client.prompt(chat, model, onDelta))
    turn.done = now()
    if (text !== answerOf(model)) turn.error = `the text differs from the provider's (${text.length} characters)`
  } catch (error) {
    turn.error = error.message
  }
  return turn
}

/**
 * `n` chats are opened beforehand, then prompted at the same moment. The row: milliseconds as {p50, p95}, of which `before`
 * is send to arrival at the provider, `after` the provider's first byte to the first delta at the client, `first` send to
 * first delta and `turn` send to the end; tokens per second of wall time and per CPU-second of the server; CPU of the server and of
 * Postgres per turn; PSS in MB.
 */
export async function runLoad({ client, providerUrl, model, n, pids = {} }) {
  const run = Math.random().toString(36).slice(2, 8)
  const chats = []
  // One by one: what is measured is the turns, not the making of chats.
  for (let i = 0; i < n; i++) chats.push(await within(PROMPT_LIMIT_MS, "opening a chat", client.open(`${run}-${i}`)))
  await fetch(`${providerUrl}/requests`, { method: "DELETE" })

  const before = sample(pids)
  const samples = [before]
  const sampler = setInterval(() => samples.push(sample(pids)), SAMPLE_MS)
  const began = now()
  const turns = await Promise.all(chats.map((chat) => promptOnce(client, chat, model)))
  const wallMs = now() - began
  clearInterval(sampler)
  const after = sample(pids)
  samples.push(after)
  const peakOf = (which) => Math.max(...samples.map((each) => each[which].pssMb))
  for (const chat of chats) chat.close()

  const requests = await (await fetch(`${providerUrl}/requests`)).json()
  const good = turns.filter((turn) => !turn.error)
  const requestOf = (turn) => requests.find((request) => request.tag === turn.tag && request.model === model)
  const tokens = good.length * script(model).tokens
  const serverCpu = after.server.cpuSeconds - before.server.cpuSeconds
  const postgresCpu = after.postgres.cpuSeconds - before.postgres.cpuSeconds
  // A hundredth of a second is the finest that Linux counts: below a tenth this is noise.
  const counts = serverCpu > 0.1 && good.length > 0
  return {
    client: client.name,
    model,
    n,
    ok: good.length,
    errors: [...new Set(turns.flatMap((turn) => turn.error ?? []))].slice(0, 3),
    before: spread(good.map((turn) => requestOf(turn)?.arrived - turn.sent)),
    after: spread(good.map((turn) => turn.first - requestOf(turn)?.first)),
    first: spread(good.map((turn) => turn.first - turn.sent)),
    turn: spread(good.map((turn) => turn.done - turn.sent)),
    deltasPerTurn: spread(good.map((turn) => turn.deltas)).p50,
    wallMs: round(wallMs, 0),
    tokensPerSecond: Math.round((tokens * 1000) / wallMs),
    ...(pids.serverPid && {
      serverCpuSeconds: round(serverCpu, 2),
      postgresCpuSeconds: round(postgresCpu, 2),
      serverCpuMsPerTurn: counts ? round((serverCpu * 1000) / good.length) : null,
      postgresCpuMsPerTurn: counts ? round((postgresCpu * 1000) / good.length) : null,
      tokensPerCpuSecond: counts ? Math.round(tokens / serverCpu) : null,
      serverPssMb: { before: Math.round(before.server.pssMb), peak: Math.round(peakOf("server")) },
      postgresPssMb: { before: Math.round(before.postgres.pssMb), peak: Math.round(peakOf("postgres")) },
    }),
  }
}
