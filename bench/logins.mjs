// How much later readers of streams get their text while many try to sign in.
import { fork } from "node:child_process"
import { once } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { each } from "./engine-scenarios.mjs"
import { PROMPT_LIMIT_MS, within } from "./load.mjs"
import { now } from "./scripted-text.mjs"
import { medianRow, percentile, round, spread } from "./statistics.mjs"
import { FIRST_USER } from "./troupe-server.mjs"

/** Ten seconds of tokens that are the moments at which they were written. */
const CLOCK = "clock-200-d50"
const CHATS = 10
const CONNECTIONS = 64
/** The flood has reached the server, and code that runs for the first time has run. */
const BEGUN_MS = 1_000

/** How far each token was behind, in milliseconds. */
async function lagsOf(client, chats) {
  const lags = []
  await Promise.all(
    chats.map(async (chat, index) => {
      // Tokens of all at the same moment would be the load of that, not of the logins.
      await sleep(index * 5)
      await within(
        PROMPT_LIMIT_MS,
        "a turn",
        client.prompt(chat, CLOCK, (delta) => {
          const at = now()
          for (const token of delta.split(" ")) if (token !== "") lags.push(at - Number(token))
        }),
      )
    }),
  )
  return lags
}

const figuresOf = (lags) => ({
  lagMs: spread(lags),
  p99: round(percentile(lags, 0.99)),
  most: round(percentile(lags, 1)),
})

async function deviceCookie(url) {
  const response = await fetch(`${url}/api/v2/users/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(FIRST_USER),
  })
  if (response.status !== 201) throw new Error(`the login answered ${response.status}`)
  const cookie = response.headers.getSetCookie().find((text) => text.startsWith("troupe_device_"))
  return cookie.split(";", 1)[0]
}

/** `lags` of what `read` reads while the flood goes on, and the answers that this got. */
async function whileFlooded(url, cookie, read) {
  const flood = fork(fileURLToPath(new URL("login-flood.mjs", import.meta.url)))
  try {
    flood.send({ url, connections: CONNECTIONS, cookie, ...FIRST_USER })
    await sleep(BEGUN_MS)
    const lags = await read()
    flood.send({})
    const [{ answers }] = await once(flood, "message")
    return { lags, answers }
  } finally {
    flood.disconnect()
  }
}

/**
 * Ten chats stream for ten seconds at rest, and again while 64 connections do nothing but try to sign in; `rounds` times, of which each
 * figure is the median.
 */
export async function runLogins({ client, url, rounds, say }) {
  const chats = []
  await each(CHATS, async (i) => chats.push(await within(PROMPT_LIMIT_MS, "opening a chat", client.open(`login-${i}`))))
  await lagsOf(client, chats)
  const cookie = await deviceCookie(url)
  const rows = []
  for (let i = 0; i < rounds; i++) {
    const atRest = figuresOf(await lagsOf(client, chats))
    const { lags, answers } = await whileFlooded(url, cookie, () => lagsOf(client, chats))
    const flooded = figuresOf(lags)
    rows.push({
      scenario: "logins",
      connections: CONNECTIONS,
      answers,
      atRest,
      flooded,
      addedP99Ms: round(flooded.p99 - atRest.p99),
      addedMostMs: round(flooded.most - atRest.most),
    })
    say(rows.at(-1))
  }
  for (const chat of chats) chat.close()
  return { ...medianRow(rows), rounds }
}
