// How long others wait while one chat receives the most that a provider may send.
import { setTimeout as sleep } from "node:timers/promises"
import { LIMITS } from "./limit-scripts.mjs"
import { PROMPT_LIMIT_MS, within } from "./load.mjs"
import { now } from "./scripted-text.mjs"
import { percentile, round, spread } from "./statistics.mjs"

/** Pause between two requests of the other chat. */
const PAUSE_MS = 2

/**
 * One row per limit: `waitMs` and `longestMs` are how long another chat's `GET` took from the prompt until the turn was over,
 * `usualMs` the same on a server at rest. No stream is read: what this process does is not to be measured.
 */
export async function runLimits({ client }) {
  const [other, chat] = [await client.open("other"), await client.open("at-the-limit")]
  other.close()
  chat.close()
  const look = async () => {
    const began = now()
    await client.chat(other.id)
    return now() - began
  }
  const usual = []
  for (let i = 0; i < 100; i++) usual.push(await look())
  const rows = []
  for (const [model, limit] of Object.entries(LIMITS)) {
    const waits = []
    const began = now()
    await client.send(chat.id, model)
    let over = false
    const looking = async () => {
      while (!over) {
        waits.push(await look())
        await sleep(PAUSE_MS)
      }
    }
    const resting = async () => {
      for (;;) {
        const { status } = await client.chat(chat.id)
        if (status === "waiting" || status === "error") return status
        await sleep(PAUSE_MS)
      }
    }
    const ending = within(PROMPT_LIMIT_MS, limit, resting()).finally(() => (over = true))
    const [endedAs] = await Promise.all([ending, looking()])
    rows.push({
      scenario: `limit: ${limit}`,
      endedAs,
      turnMs: round(now() - began, 0),
      requests: waits.length,
      usualMs: spread(usual),
      waitMs: spread(waits),
      longestMs: round(percentile(waits, 1)),
    })
  }
  return rows
}
