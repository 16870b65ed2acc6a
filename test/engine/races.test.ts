import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { ChatHost } from "../../src/actors/host/chat-host.ts"
import type { BusyBehavior } from "../../src/contract/chats.ts"
import { ChatFamilies } from "../../src/db/chats/families.ts"
import type { LoadedChat } from "../../src/db/chats/store/loaded-chat.ts"
import type { ChatMachineEvent } from "../../src/machines/chat-events.ts"
import { CHAT_MACHINE_VERSION, QUEUE_LIMIT } from "../../src/machines/chat-setup.ts"
import { useInertChats } from "../support/inert-chats.ts"
import { faultOf, type Stored, stored } from "../support/random-lives.ts"
import { record, rounds } from "../support/soak.ts"

/** Two writers on one chat at a time, in every pair. Whoever comes second finds a whole chat, or is refused. */

/** Of what people do most, and of a pair with anything else. */
const ROUNDS = { often: rounds({ test: 200, soak: 200 }), seldom: rounds({ test: 25, soak: 200 }) }
const PAIRS_AT_A_TIME = 4
const TIMEOUT = rounds({ test: 600_000, soak: 1_200_000 })

const chats = useInertChats()

const input = () => ({
  content: [{ type: "text" as const, text: "hi" }],
  modelConfigId: chats.modelConfigId,
  createdBy: chats.userId,
})
const send = (busyBehavior: BusyBehavior): ChatMachineEvent => ({
  type: "SendMessage",
  busyBehavior,
  input: input(),
})

/** From outside: a transaction on the rows themselves, as the archive of a family is. */
const setArchived = async (chatId: string, archived: boolean) => {
  const done = await chats.run(
    Effect.flatMap(ChatFamilies, (families) =>
      families.setArchived(chatId, archived, chats.userId, CHAT_MACHINE_VERSION),
    ),
  )
  if ("reason" in done) return done.reason
  await chats.run(Effect.flatMap(ChatHost, (host) => host.forget(chatId)))
  return "done"
}

const firstOf = ({ messages }: Stored) => messages.find(({ role }) => role === "user")?.id ?? 0

const writers = {
  send: (chatId) => chats.send(chatId, send("queue")),
  "send and interrupt": (chatId) => chats.send(chatId, send("interrupt")),
  "send before the others": (chatId) => chats.send(chatId, send("preempt")),
  interrupt: (chatId) => chats.send(chatId, { type: "Interrupt" }),
  edit: async (chatId) => {
    const messageId = firstOf(await stored(chats, chatId))
    return chats.send(chatId, { type: "EditMessage", messageId, input: input() })
  },
  promote: (chatId) =>
    chats.send(chatId, ({ queue }) => ({
      type: "PromoteQueuedMessage",
      queuedMessageId: queue.at(-1)?.id ?? 0,
      steer: queue.at(-1)?.kind === "steer",
    })),
  "change a queued message": (chatId) =>
    chats.send(chatId, ({ queue }) => ({
      type: "ChangeQueuedMessage",
      queuedMessageId: queue[0]?.id ?? 0,
      steer: queue[0]?.kind === "steer",
      kind: "queue",
      content: input().content,
      place: { before: null },
    })),
  retry: (chatId) => chats.send(chatId, { type: "Retry", modelConfigId: chats.modelConfigId }),
  delete: (chatId) =>
    chats.send(chatId, ({ queue }) => ({
      type: "DeleteQueuedMessage",
      queuedMessageId: queue[0]?.id ?? 0,
      steer: queue[0]?.kind === "steer",
    })),
  archive: (chatId) => setArchived(chatId, true),
  compact: (chatId) => chats.send(chatId, { type: "RequestCompaction" }),
  clear: (chatId) => chats.send(chatId, { type: "ClearContext" }),
  "end of the turn": (chatId) =>
    chats.send(chatId, { type: "FinishTurn", messages: [{ role: "assistant", visibility: "both", content: [] }] }),
} satisfies Record<string, (chatId: string) => Promise<unknown>>

type Writer = keyof typeof writers
const names = Object.keys(writers) as ReadonlyArray<Writer>
const often: ReadonlySet<string> = new Set<Writer>(["send", "interrupt", "edit", "promote", "archive"])
const pairs = names.flatMap((first, index) =>
  names.slice(index).map((second) => {
    const kind = often.has(first) && often.has(second) ? "often" : "seldom"
    return { first, second, count: ROUNDS[kind] }
  }),
)
const allRounds = pairs.reduce((sum, { count }) => sum + count, 0)

/** Refused by the machine, or by the rows of the family, which are answers; anything else is a fault. */
const outcome = async (writing: Promise<unknown>): Promise<string> =>
  writing.then(
    (told) => (told === "active" || told === "same" ? "refused" : "done"),
    (error: unknown) => (String(error).includes("CommandRefused") ? "refused" : String(error)),
  )

const tryTo = (chatId: string, event: ChatMachineEvent) => chats.send(chatId, event).catch(() => undefined)

/**
 * Brings the chat from where the last round has left it to where the next begins: idle in every third, else in a turn with
 * two messages in the queue. Returns the version that it has then.
 */
const prepare = async (chatId: string, round: number, left: Stored): Promise<number> => {
  if (left.row["archived"] === true) await setArchived(chatId, false)
  await chats.send(chatId, { type: "EditMessage", messageId: firstOf(left), input: input() })
  await tryTo(chatId, { type: "Admit", modelConfigId: chats.modelConfigId })
  if (round % 3 !== 0) await chats.send(chatId, send("queue"))
  const { version } = await chats.send(
    chatId,
    round % 3 === 0 ? { type: "FinishTurn", messages: [] } : send(round % 2 === 0 ? "queue" : "steer"),
  )
  return version
}

const race = async ({ first, second, count }: (typeof pairs)[number]): Promise<ReadonlyArray<string>> => {
  const faults: Array<string> = []
  const { row } = await chats.create()
  let after = await stored(chats, row.id)
  for (let round = 0; round < count; round += 1) {
    const before = await prepare(row.id, round, after)
    const order = round % 2 === 0 ? [first, second] : [second, first]
    const outcomes = await Promise.all(order.map((name) => outcome(writers[name](row.id))))
    after = await stored(chats, row.id)
    const fault = (text: string) => faults.push(`round ${round}, ${order.join(" and ")}: ${text}`)

    for (const told of outcomes) if (told !== "done" && told !== "refused") fault(told)
    const { status, archived, snapshot_version: version } = after.row
    if (after.queue.length > QUEUE_LIMIT) fault(`${after.queue.length} in the queue`)
    if (status === "waiting" && after.queue.length > 0) fault("idle with a queue")
    if (archived === true && status !== "waiting" && status !== "error") fault(`archived and ${String(status)}`)
    const broken = faultOf(after)
    if (broken !== undefined) fault(broken)
    const accepted = outcomes.filter((told) => told === "done").length
    if (Number(version) !== before + accepted) fault(`${Number(version) - before} versions by ${accepted} writers`)
  }
  // One journal row for each version.
  const [journal] = await chats.query<{ rows: number; last: number }>(
    (sql) =>
      sql`select count(*)::int as rows, max(version)::int as last from chat_transitions where chat_id = ${row.id}`,
  )
  const last = Number(after.row["snapshot_version"])
  if (journal?.rows !== last || journal.last !== last) faults.push(`${first} and ${second}: the journal has gaps`)
  return faults
}

describe("two writers at a time", () => {
  it(`leave a chat whole, in ${allRounds} rounds of ${pairs.length} pairs`, { timeout: TIMEOUT }, async () => {
    const startedAt = performance.now()
    const left = [...pairs]
    const faults: Array<string> = []
    const one = async () => {
      for (let pair = left.pop(); pair !== undefined; pair = left.pop()) faults.push(...(await race(pair)))
    }
    await Promise.all(Array.from({ length: PAIRS_AT_A_TIME }, one))
    expect(faults).toEqual([])
    record("two writers on one chat", {
      pairs: pairs.length,
      rounds: allRounds,
      seconds: Math.round((performance.now() - startedAt) / 1000),
    })
  })

  it("of which one is full of them lose nothing but what is refused", async () => {
    const { row } = await chats.create()
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => outcome(writers.send(row.id))))
    expect(outcomes.filter((told) => told === "done")).toHaveLength(QUEUE_LIMIT)
    expect(outcomes.filter((told) => told === "refused")).toHaveLength(40 - QUEUE_LIMIT)
    const ids = (await stored(chats, row.id)).queue.map(({ id }) => id)
    expect(new Set(ids).size).toBe(QUEUE_LIMIT)
  })

  it("on two chats of a family do not wait for each other for ever", async () => {
    const family: ReadonlyArray<LoadedChat> = await Promise.all(Array.from({ length: 4 }, () => chats.create()))
    const [root, ...children] = family.map(({ row }) => row.id)
    for (const child of children) {
      await chats.query(
        (sql) => sql`update chats set root_chat_id = ${root ?? ""}, parent_chat_id = ${root ?? ""}
          where id = ${child} returning id`,
      )
    }
    for (const { row } of family) await chats.send(row.id, { type: "Interrupt" })
    for (let round = 0; round < 20; round += 1) {
      const told = await Promise.all([
        setArchived(root ?? "", round % 2 === 0),
        setArchived(root ?? "", round % 2 === 0),
        ...children.map((child) => outcome(writers.send(child))),
      ])
      expect(told.filter((word) => !["done", "refused", "same", "active"].includes(word))).toEqual([])
      const rows = await chats.query<{ archived: boolean }>(
        (sql) => sql`select archived from chats where id = ${root ?? ""} or root_chat_id = ${root ?? ""}`,
      )
      // All of the family or none.
      expect(new Set(rows.map(({ archived }) => archived)).size).toBe(1)
      for (const { row } of family) await tryTo(row.id, { type: "Interrupt" })
      for (const { row } of family) await tryTo(row.id, { type: "Interrupt" })
    }
  })
})
