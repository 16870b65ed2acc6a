// What reads cost: lists of chats that carry much, open sidebars, and long chats among others.
import { setTimeout as sleep } from "node:timers/promises"
import { withDatabase } from "./database.mjs"
import { each } from "./engine-scenarios.mjs"
import { PROMPT_LIMIT_MS, sample, within } from "./load.mjs"
import { now } from "./scripted-text.mjs"
import { round, spread } from "./statistics.mjs"

/** Milliseconds of `times` calls of `work`, one after the other. */
export async function timesOf(times, work) {
  const elapsed = []
  for (let i = 0; i < times; i++) {
    const began = now()
    await work()
    elapsed.push(now() - began)
  }
  return elapsed
}

/** More chats like this one, at rest; resolves with their ids. They have no messages. */
const moreChats = (query, chatId, count) =>
  query(
    `insert into chats (id, owner_id, organization_id, activity, machine_version, last_model_config_id, title)
     select gen_random_uuid(), owner_id, organization_id, 'waiting', machine_version, last_model_config_id, 'chat ' || n
     from chats, generate_series(1, $2) n where id = $1 returning id`,
    [chatId, count],
  ).then((rows) => rows.map(({ id }) => id))

/** A list of `chats` chats, without tools and with 200 tools of a client each (some 280 KB a chat); memory while ten are read at once. */
export async function runLists({ client, installation, pids, chats, times }) {
  const { id, close } = await client.open("list")
  close()
  await withDatabase(installation, (query) => moreChats(query, id, chats))
  const list = () => client.list(chats)
  const bytes = Buffer.byteLength(JSON.stringify(await list()))
  const without = await timesOf(times, list)
  await withDatabase(installation, (query) =>
    query(`update chats set dynamic_tools = (
      select jsonb_agg(jsonb_build_object('name', 'tool_' || n, 'input_schema', '{}'::jsonb, 'description',
        (select string_agg(md5(chats.id::text || n || m), '') from generate_series(1, 42) m)))
      from generate_series(1, 200) n)`),
  )
  await list()
  const before = sample(pids)
  const elapsed = await timesOf(times, list)
  await Promise.all(Array.from({ length: 10 }, list))
  const after = sample(pids)
  return {
    scenario: "lists",
    chats,
    answerKb: round(bytes / 1024, 0),
    withoutToolsMs: spread(without),
    ms: spread(elapsed),
    serverPssMb: `${Math.round(before.server.pssMb)} -> ${Math.round(after.server.pssMb)}`,
  }
}

/**
 * `tabs` open sidebars of one user of whom `chats` chats get another title, sixteen at a time. `lateMs` is from the answer to a
 * change until the last of the sidebars has it.
 */
export async function runWatch({ client, installation, pids, tabs, chats }) {
  const { id, close } = await client.open("watch")
  close()
  const ids = await withDatabase(installation, (query) => moreChats(query, id, chats))
  const missing = new Map(ids.map((chatId) => [chatId, tabs]))
  const heard = new Map()
  let events = 0
  let over
  const all = new Promise((resolve) => (over = resolve))
  const sockets = []
  for (let tab = 0; tab < tabs; tab++)
    sockets.push(
      await client.watch(({ kind, chat }) => {
        if (kind !== "title_change") return
        events += 1
        const left = missing.get(chat.id) - 1
        missing.set(chat.id, left)
        if (left === 0) heard.set(chat.id, now())
        if (heard.size === chats) over()
      }),
    )
  const before = sample(pids)
  const began = now()
  const changed = new Map()
  await each(chats, async (i) => {
    await client.rename(ids[i], `renamed ${i}`)
    changed.set(ids[i], now())
  })
  await within(PROMPT_LIMIT_MS, "telling the sidebars", all)
  const after = sample(pids)
  for (const socket of sockets) socket.close()
  return {
    scenario: "watch",
    tabs,
    changes: chats,
    events,
    wallMs: round(now() - began, 0),
    lateMs: spread(ids.map((chatId) => Math.max(0, heard.get(chatId) - changed.get(chatId)))),
    serverCpuSeconds: round(after.server.cpuSeconds - before.server.cpuSeconds, 2),
    postgresCpuSeconds: round(after.postgres.cpuSeconds - before.postgres.cpuSeconds, 2),
  }
}

/**
 * How the messages of 51 chats lie in the table: the one that is looked at first and each by itself, every second message a
 * prompt; or those of all among each other, every twentieth a prompt.
 */
export const LAYOUTS = {
  contiguous: { first: 10_848, prompt: 2, order: "place, n" },
  interleaved: { first: 5_000, prompt: 20, order: "n, place" },
}

const OTHER_CHATS = 50
const OTHER_MESSAGES = 5_000

/** Backends say what they have looked at once they have rested for so long. */
const STATISTICS_MS = 11_000

/** Reads of a long chat among 50 others; `buffers` are the pages of the table of messages and its indexes that one of them looks at. */
export async function runLayout({ client, installation, layout, times }) {
  const { id, close } = await client.open("layout")
  close()
  const { first, prompt, order } = LAYOUTS[layout]
  await withDatabase(installation, async (query) => {
    await query("delete from chat_messages")
    const ids = [id, ...(await moreChats(query, id, OTHER_CHATS))]
    await query(
      `insert into chat_messages (chat_id, created_version, role, content)
       select id, 1, case when n % ${prompt} = 0 then 'user' when n % 2 = 0 then 'tool' else 'assistant' end,
         jsonb_build_array(jsonb_build_object('type', 'text', 'text', 'message ' || n))
       from unnest($1::uuid[]) with ordinality as chat (id, place),
         generate_series(1, case when place = 1 then ${first} else ${OTHER_MESSAGES} end) n
       order by ${order}`,
      [ids],
    )
    await query("vacuum analyze chat_messages")
  })
  const looked = () =>
    withDatabase(installation, async (query) => {
      await sleep(STATISTICS_MS)
      const [row] = await query(
        `select (heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit)::float8 as pages
         from pg_statio_user_tables where relname = 'chat_messages'`,
      )
      return row.pages
    })
  const tail = () => client.snapshot(id, 50)
  const reads = { prompts: () => client.prompts(id), page: () => client.page(id, 200), tail }
  const figures = {}
  for (const [name, read] of Object.entries(reads)) {
    await read()
    const before = await looked()
    figures[`${name}Ms`] = spread(await timesOf(times, read))
    figures[`${name}Buffers`] = round(((await looked()) - before) / times, 0)
  }
  return { scenario: layout, messages: first + OTHER_CHATS * OTHER_MESSAGES, ...figures }
}
