// The durable engine: what a transition costs, how fast a reader that was away is up to date, and what long and many chats cost.
import { PROMPT_LIMIT_MS, sample, within } from "./load.mjs"
import { withDatabase } from "./database.mjs"
import { now } from "./scripted-text.mjs"
import { percentile, round, spread } from "./statistics.mjs"

/** Clients that work at once while many chats are made. */
const AT_ONCE = 16

/** Runs `work` for 0 to `count` - 1, a few at a time. */
export async function each(count, work) {
  let next = 0
  const worker = async () => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, worker))
}

/** Milliseconds of every transition of `turns` turns of one chat, from its command to its commit, as the journal tells. */
export async function runTransitions({ client, turns }) {
  const chat = await within(PROMPT_LIMIT_MS, "opening a chat", client.open("transitions"))
  const times = []
  const stream = await client.inspect(chat.id, (event) => {
    if (event.type === "transition" && event.transition.duration_us !== null)
      times.push(event.transition.duration_us / 1000)
  })
  for (let i = 0; i < turns; i++)
    await within(
      PROMPT_LIMIT_MS,
      "a turn",
      client.prompt(chat, "fake-8", () => {}),
    )
  stream.close()
  chat.close()
  return { scenario: "transition", count: times.length, ms: spread(times), p99: round(percentile(times, 0.99)) }
}

const HELD_PARTS = 2000

/**
 * A reader that has seen the first of over 2,000 parts of a message that is still being written comes back. `ms` is from
 * opening the socket until it has the last part that there was when it did. Needs a server that joins no deltas.
 */
export async function runReconnect({ client, times }) {
  const chat = await within(PROMPT_LIMIT_MS, "opening a chat", client.open("reconnect"))
  let first
  let last = 0
  const watcher = await client.follow(chat.id, (event) => {
    if (event.type !== "message_part") return
    first ??= event.cursor
    last = event.message_part.seq
  })
  const turn = client.prompt(chat, "fake-4000-d4", () => {})
  while (last < HELD_PARTS + 1) await new Promise((resolve) => setTimeout(resolve, 20))
  const elapsed = []
  const behind = []
  for (let i = 0; i < times; i++) {
    const goal = last
    const began = now()
    let reached
    const caughtUp = new Promise((resolve) => (reached = resolve))
    const reader = await client.follow(
      chat.id,
      (event) => {
        if (event.type === "message_part" && event.message_part.seq >= goal) reached(now())
      },
      first,
    )
    elapsed.push((await within(PROMPT_LIMIT_MS, "catching up", caughtUp)) - began)
    behind.push(goal - 1)
    reader.close()
  }
  watcher.close()
  await within(PROMPT_LIMIT_MS, "the turn", turn)
  chat.close()
  return { scenario: "reconnect", behind: spread(behind), ms: spread(elapsed) }
}

/** A chat of 10,000 messages: its first snapshot with `tail`, and what a step of it costs against one of a short chat. */
export async function runHistory({ client, installation, messages, times }) {
  const [long, short] = [await client.open("long"), await client.open("short")]
  long.close()
  short.close()
  await withDatabase(installation, (query) =>
    query(
      `insert into chat_messages (chat_id, created_version, role, content)
       select $1, 1, case when n % 2 = 0 then 'user' else 'assistant' end,
         jsonb_build_array(jsonb_build_object('type', 'text', 'text', 'message ' || n || repeat(' word', 40)))
       from generate_series(1, $2) n`,
      [long.id, messages],
    ).then(() => query("analyze chat_messages")),
  )
  const snapshot = async (id) => {
    const began = now()
    await within(PROMPT_LIMIT_MS, "a snapshot", client.snapshot(id, 50))
    return now() - began
  }
  const elapsed = []
  const ofShort = []
  for (let i = 0; i < times; i++) {
    ofShort.push(await snapshot(short.id))
    elapsed.push(await snapshot(long.id))
  }
  return { scenario: "history", messages, snapshotMs: spread(elapsed), shortChatMs: spread(ofShort) }
}

/** Memory of the server before and after `chats` chats were made and left alone; it must have stopped their actors by then. */
export async function runIdle({ client, installation, pids, chats, restart }) {
  const before = sample(pids)
  await each(chats, async (i) => (await within(PROMPT_LIMIT_MS, "opening a chat", client.open(`idle-${i}`))).close())
  const after = sample(pids)
  // Actors go after a second without work, and one sweep looks at all of them.
  await new Promise((resolve) => setTimeout(resolve, 15_000))
  const rested = sample(pids)
  const owned = await withDatabase(installation, (query) =>
    query("select count(*)::int as n from chats where owner_instance is not null"),
  )
  const again = await restart()
  return {
    scenario: "idle",
    chats,
    actors: owned[0].n,
    serverPssMb: `${Math.round(before.server.pssMb)} -> ${Math.round(after.server.pssMb)} -> ${Math.round(rested.server.pssMb)}`,
    afterRestartMb: Math.round(again),
  }
}
