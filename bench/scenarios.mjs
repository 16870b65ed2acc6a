// What only a server can be asked: how it starts, what many readers of one chat cost, and what a SIGKILL leaves.
import { LIMITS } from "./limit-scripts.mjs"
import { PROMPT_LIMIT_MS, sample, within } from "./load.mjs"
import { answerOf, now, script } from "./scripted-text.mjs"
import { round, spread } from "./statistics.mjs"
import { troupeClient } from "./troupe-client.mjs"
import { FIRST_USER, Installation } from "./troupe-server.mjs"

export const PACED = "fake-200-d10"
export const BURST = "fake-2000"
const MODELS = [
  "fake-1",
  "fake-8",
  PACED,
  BURST,
  "fake-4000-d4",
  "clock-1200-d50",
  "clock-200-d50",
  ...Object.keys(LIMITS),
]

/** Signs in to a started server and takes it through one short turn, so that lazily loaded code is not what is measured. */
export async function warmClient(server, providerUrl) {
  const client = await troupeClient({ url: server.url, providerUrl, models: MODELS, ...FIRST_USER })
  const chat = await within(PROMPT_LIMIT_MS, "the first chat", client.open("warm-up"))
  await within(
    PROMPT_LIMIT_MS,
    "the first turn",
    client.prompt(chat, "fake-8", () => {}),
  )
  chat.close()
  return client
}

/** Milliseconds from `node` to `/healthz`: cold on an empty data folder (database made, migrations run), warm on a used one. */
export async function runStarts(times) {
  const cold = []
  const warm = []
  for (let i = 0; i < times; i++) {
    const installation = new Installation()
    try {
      cold.push((await installation.start()).startedMs)
      await installation.stop()
      warm.push((await installation.start()).startedMs)
    } finally {
      await installation.close()
    }
  }
  return { scenario: "start", times, coldMs: spread(cold), warmMs: spread(warm) }
}

/** A burst turn with `listeners` more readers; `lastMs` is from the prompt until the slowest of them has the whole text. */
export async function runFanOut({ client, listeners, pids }) {
  const chat = await within(PROMPT_LIMIT_MS, "opening a chat", client.open(`fan-out-${listeners}`))
  const readers = []
  for (let i = 0; i < listeners; i++) readers.push(await client.listen(chat))
  const before = sample(pids)
  const began = now()
  const turn = client.prompt(chat, BURST, () => {}).then((text) => ({ text, at: now() }))
  const texts = await within(PROMPT_LIMIT_MS, "the turn", Promise.all([turn, ...readers.map((reader) => reader.turn)]))
  const ended = now()
  const after = sample(pids)
  for (const reader of [chat, ...readers]) reader.close()
  const whole = answerOf(BURST)
  return {
    scenario: "fan-out",
    listeners,
    turnMs: round(texts[0].at - began, 0),
    lastMs: round(ended - began, 0),
    complete: texts.slice(1).filter((text) => text === whole).length,
    serverCpuSeconds: round(after.server.cpuSeconds - before.server.cpuSeconds, 2),
    serverPssMb: Math.round(after.server.pssMb),
  }
}

/** The moment to kill at: half of the answer has been shown. */
const KILL_AFTER_TOKENS = script(PACED).tokens / 2

/**
 * SIGKILL in mid-turn, then a start on the same folder. `missing*` is text that a reader had seen and that is no longer kept
 * (as characters, and as the time over which they had been shown). From the second `node`: `resumedMs` until the provider is
 * called again, `endedMs` until the chat is at rest, in status `endedAs`.
 */
export async function runCrash({ providerUrl }) {
  const installation = new Installation()
  try {
    const client = await warmClient(await installation.start(), providerUrl)
    const chat = await client.open("crash")
    await fetch(`${providerUrl}/requests`, { method: "DELETE" })
    const shown = await showUntil(client, chat, KILL_AFTER_TOKENS, () => installation.kill())

    const began = now()
    const server = await installation.start()
    const again = await troupeClient({ url: server.url, providerUrl, models: MODELS, ...FIRST_USER })
    const endedAs = await within(PROMPT_LIMIT_MS, "the turn after the crash", again.rest(chat.id))
    const endedMs = now() - began
    const calls = (await (await fetch(`${providerUrl}/requests`)).json()).filter((request) => request.tag === "crash")
    const resumed = calls.find((request) => request.arrived > began)
    const transcript = textOf(
      [...(await again.messages(chat.id))].sort((a, b) => a.id - b.id).findLast((m) => m.role === "assistant"),
    )
    const kept = (await again.attempts(chat.id)).filter((attempt) => attempt.reason === "crash").map(textOf)
    // The script says the same words again, so the message counts as kept only if no second call made it.
    if (!resumed) kept.push(transcript)
    const missing = missingOf(shown, kept)
    return {
      scenario: "crash",
      shownCharacters: shown.text.length,
      ...missing,
      startedMs: round(server.startedMs, 0),
      resumedMs: resumed ? round(resumed.arrived - began, 0) : null,
      endedMs: round(endedMs, 0),
      endedAs,
      whole: transcript === answerOf(PACED),
    }
  } finally {
    await installation.close()
  }
}

/** Prompts, and calls `kill` once `tokens` words have been shown; then reads what is still in the socket. */
async function showUntil(client, chat, tokens, kill) {
  const shown = { text: "", pieces: [] }
  let reached
  const enough = new Promise((resolve) => (reached = resolve))
  const turn = client.prompt(chat, PACED, (text) => {
    shown.text += text
    shown.pieces.push({ end: shown.text.length, at: now() })
    if (shown.text.split(" ").length >= tokens) reached()
  })
  const lost = turn.then(
    () => Promise.reject(new Error("the turn ended before the kill")),
    () => {},
  )
  await within(PROMPT_LIMIT_MS, "half of a turn", Promise.race([enough, lost]))
  await kill()
  await chat.closed
  await lost
  return shown
}

const textOf = (holder) =>
  (holder?.content ?? [])
    .filter((part) => part.type === "text")
    .map((part) => part.text)
    .join("")

function missingOf(shown, candidates) {
  const keptLength = Math.max(0, ...candidates.map((candidate) => commonLength(shown.text, candidate)))
  const firstMissing = shown.pieces.find((piece) => piece.end > keptLength)
  return {
    missingCharacters: shown.text.length - keptLength,
    missingMs: firstMissing ? round(shown.pieces.at(-1).at - firstMissing.at, 0) : 0,
  }
}

function commonLength(a, b) {
  let i = 0
  while (i < a.length && a[i] === b[i]) i++
  return i
}
