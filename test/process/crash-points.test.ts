import { setTimeout as pause } from "node:timers/promises"
import { afterAll, beforeAll, expect, it } from "vitest"
import { parseCursor } from "../../src/actors/streams/cursor.ts"
import { ChatReader, partKey } from "../support/chat-reader.ts"
import { type ChatRecord, faultsOf, linesOf, readRecords } from "../support/chat-record.ts"
import { Client } from "../support/client.ts"
import { commandPoints } from "../support/crash-points/command-points.ts"
import type { CrashPoint } from "../support/crash-points/crash-point.ts"
import { toolPoints } from "../support/crash-points/tool-points.ts"
import { admission, turnPoints } from "../support/crash-points/turn-points.ts"
import { type HeldOutcome, HeldWrites } from "../support/held-writes.ts"
import { wordsOf } from "../support/part-words.ts"
import { makeWorkspace } from "../support/make-workspace.ts"
import { openGate, ScriptedProvider } from "../support/scripted-provider.ts"
import { useServerProcess } from "../support/server-process.ts"
import { record, rounds } from "../support/soak.ts"
import { type Stage, StagedChat } from "../support/staged-chat.ts"

/**
 * The server is killed at every step of a turn. In one round a chat stands at each point, twice where a commit is held: once it
 * never happens, once it happens and nobody learns of it. One kill ends them all; the next server goes on with each.
 */

const server = useServerProcess({
  TROUPE_DATABASE_POOL_SIZE: "80",
  TROUPE_RETRY_BASE_MS: "300",
})
const provider = await ScriptedProvider.start()
let held: HeldWrites
let stage: Stage

beforeAll(async () => {
  const client = await Client.signIn(server.url)
  await client.addScriptedModel(provider)
  held = await HeldWrites.install(server.database.url)
  const workspace = await makeWorkspace(client, provider, server.dataDir)
  stage = { client, organizationId: await client.organizationId(), workspaceId: workspace.id, home: workspace.home }
})
afterAll(async () => {
  await held.close()
  await provider.close()
})

interface Standing {
  readonly chat: StagedChat
  readonly point: CrashPoint
}

const everywhere = [...turnPoints, ...toolPoints, ...commandPoints]

/** A chat for each point; two where a write is held, with one end each. */
const standing = (round: number, points: ReadonlyArray<CrashPoint>): ReadonlyArray<Standing> =>
  points.flatMap((point): ReadonlyArray<Standing> =>
    point.holds === undefined
      ? [{ point, chat: new StagedChat(stage, `${point.name} ${round}`, undefined) }]
      : (["lost", "kept"] as const).map((outcome) => ({
          point,
          chat: new StagedChat(stage, `${point.name}, ${outcome} ${round}`, outcome),
        })),
  )

const each = (
  all: ReadonlyArray<Standing>,
  act: (chat: StagedChat, point: CrashPoint) => Promise<void> | void | undefined,
) =>
  Promise.all(
    all.map(async ({ chat, point }) => {
      try {
        await act(chat, point)
      } catch (error) {
        throw new Error(`At "${chat.title}"`, { cause: error })
      }
    }),
  )

/** Holds what each chat is to be held in, leads it there, and answers the places, by what is to become of them. */
const reachAll = async (
  all: ReadonlyArray<Standing>,
): Promise<Readonly<Record<HeldOutcome, ReadonlyArray<number>>>> => {
  const holding = all.flatMap(({ chat, point }) =>
    point.holds === undefined || chat.outcome === undefined
      ? []
      : [{ title: chat.title, write: point.holds, outcome: chat.outcome }],
  )
  const places = await held.arm(holding)
  await each(all, (chat, point) => point.reach?.(chat))
  await held.reached(places)
  const of = (outcome: HeldOutcome) => places.filter((_, index) => holding[index]?.outcome === outcome)
  return { lost: of("lost"), kept: of("kept") }
}

interface Progress {
  readonly id: string
  readonly title: string
  readonly activity: string
  readonly epoch: number
  readonly version: number
}

const progressOf = (all: ReadonlyArray<Standing>) =>
  held.query<Progress>(
    `select id, title, activity, owner_epoch::int as epoch, snapshot_version::int as version
     from chats where title = any($1)`,
    [all.map(({ chat }) => chat.title)],
  )

/** What goes on without a step that tells of it: a wait, or a summary. */
const WITHOUT_STEP = /^(running\.(backing_off|compacting)|requires_action\..*)$/
const RESTS = /^(waiting|error)$/

/** Chats with work that nobody has gone on with: not taken up, or taken up without a step where one is due. */
const stillDead = async (all: ReadonlyArray<Standing>, before: ReadonlyArray<Progress>) => {
  const now = await progressOf(all)
  return before
    .filter(({ activity, epoch, id, version }) => {
      const found = now.find((each) => each.id === id)
      if (found === undefined || RESTS.test(found.activity)) return false
      return found.epoch === epoch || (!WITHOUT_STEP.test(activity) && found.version === version)
    })
    .map(({ title }) => title)
}

const stillBusy = async (all: ReadonlyArray<Standing>) =>
  (await progressOf(all))
    .filter(({ activity }) => !RESTS.test(activity))
    .map(({ activity, title }) => `${title}: ${activity}`)

const recordsOf = async (all: ReadonlyArray<Standing>): Promise<ReadonlyMap<string, ChatRecord>> => {
  const query = <Row extends object>(text: string, values: ReadonlyArray<unknown>) => held.query<Row>(text, values)
  const records = await readRecords(
    query,
    all.map(({ chat }) => chat.id),
  )
  return new Map(records.map((found) => [found.title, found]))
}

/** Text that was on the screen for longer than 100 ms and is neither in a message nor in an attempt. */
const lostTexts = async (chat: StagedChat, found: ChatRecord, surelyBefore: number): Promise<ReadonlyArray<string>> => {
  const { attempts } = await stage.client.attempts(chat.id)
  const shown = new Map<string, { history: number; attempt: number; text: string }>()
  const [reader] = chat.readers
  for (const { at, generation_attempt: attempt, history_version: history, part } of reader?.parts ?? []) {
    if (part.type !== "text" || at > surelyBefore - 100) continue
    const known = shown.get(`${history}.${attempt}`)
    shown.set(`${history}.${attempt}`, { history, attempt, text: (known?.text ?? "") + part.text })
  }
  const messages = linesOf(found).map((line) => line.replace(/^assistant: /, ""))
  return [...shown.values()]
    .filter(({ attempt, history, text }) => {
      const kept = attempts.find((each) => each.history_version === history && each.attempt === attempt)
      const texts = kept === undefined ? messages : [kept.content.map(wordsOf).join("")]
      return !texts.some((each) => each.startsWith(text))
    })
    .map(({ text }) => text)
}

/** What the two readers of a chat saw, one after the other, as one screen. */
const screenOf = ({ before, after }: StagedChat): ChatReader => {
  const screen = new ChatReader(() => undefined, Promise.resolve({ code: 0, reason: "" }))
  for (const event of [...before.events, ...after.events]) screen.take(event)
  return screen
}

const checkReaders = async (chat: StagedChat, point: CrashPoint, found: ChatRecord) => {
  if (chat.readers.length < 2) return
  const { after, before } = chat
  const isThere = (reader: ChatReader) => (parseCursor(reader.cursor)?.version ?? 0) >= found.version
  if (!isThere(before) && point.unseen !== true) await after.until(isThere)
  const screen = screenOf(chat)
  const known = new Set(before.parts.map(partKey))
  expect({
    title: chat.title,
    screen: [...screen.messages.values()].map(({ id, role, content }) => ({ id, role, content })),
    queue: screen.queue,
    again: after.parts.map(partKey).filter((key) => known.has(key)),
  }).toEqual({ title: chat.title, screen: found.messages, queue: [], again: [] })
}

interface Recovery {
  /** Some commits of the dead server came through only after the next one was there. */
  readonly isLate: boolean
  /** How long after the new server served, or after the last such commit, the last chat went on. */
  readonly wentOnAfterMs: number
}

/** One life of all chats: up to the kill, over it, and to rest. */
const play = async (round: number, points: ReadonlyArray<CrashPoint> = everywhere): Promise<Recovery> => {
  const all = standing(round, points)
  const firstRequest = provider.requests.length
  provider.script(...all.flatMap(({ chat, point }) => point.model(chat)))
  await each(all, (chat, point) => point.prepare?.(chat))
  // What is promised is a span of time: older than this, nothing may be lost.
  await pause(150)
  const surelyBefore = performance.now()
  const places = await reachAll(all)

  expect(await server.kill9()).toEqual({ code: null, signal: "SIGKILL" })
  await Promise.all(all.flatMap(({ chat }) => chat.readers.map((reader) => reader.closed)))
  expect(await Promise.all(all.map(({ chat }) => chat.hungUp))).toEqual(all.map(() => true))
  await held.disarm()
  await held.settle("lost", places.lost)
  await each(all, (chat, point) => point.between?.(chat))
  // The database may also end a dead server's commits only when the next server is there already.
  const isLate = round % 2 === 0
  if (!isLate) await held.settle("kept", places.kept)
  const before = await progressOf(all)

  await server.start()
  if (isLate) await held.settle("kept", places.kept)
  const readyAt = performance.now()
  await expect.poll(() => stillDead(all, before), { timeout: 15_000, interval: 100 }).toEqual([])
  const wentOnAfterMs = performance.now() - readyAt
  await each(all, async (chat, point) => {
    if (chat.id !== "") await chat.readOn()
    await point.resume?.(chat)
  })
  await expect.poll(() => stillBusy(all), { timeout: 15_000, interval: 50 }).toEqual([])

  const records = await recordsOf(all)
  const requests = provider.requests.slice(firstRequest)
  await each(all, async (chat, point) => {
    const found = records.get(chat.title)
    if (found === undefined) throw new Error("The chat is gone")
    expect({ lines: linesOf(found), activity: found.activity }).toEqual({
      lines: point.lines(chat),
      activity: point.ends ?? "waiting",
    })
    const calls = requests.filter((request) => chat.isAsked(request)).length - (point.untold ?? 0)
    expect(faultsOf(found, { calls, recoveries: 1, attempts: 2 })).toEqual([])
    expect(await lostTexts(chat, found, surelyBefore)).toEqual([])
    await point.effects?.(chat)
    await checkReaders(chat, point, found)
    chat.gate.open()
    await Promise.all(chat.readers.map((reader) => reader.close()))
  })
  expect(requests.flatMap(({ refusal }) => refusal ?? [])).toEqual([])
  return { isLate, wentOnAfterMs }
}

it(
  "goes on from every step of a turn, and loses and repeats nothing",
  { timeout: rounds({ test: 120_000, soak: 4 * 3_600_000 }) },
  async () => {
    const recoveries: Array<Recovery> = []
    const count = rounds({ test: 3, soak: 100 })
    for (let round = 1; round <= count; round += 1) {
      provider.reset()
      recoveries.push(await play(round))
    }
    const times = recoveries.flatMap(({ isLate, wentOnAfterMs }) => (isLate ? [] : [Math.round(wentOnAfterMs)]))
    const worst = Math.max(...times)
    expect(worst).toBeLessThan(5_000)
    record("killed at every step of a turn", {
      kills: count,
      "chats per kill": standing(0, everywhere).length,
      "last chat went on after ms, median": times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0,
      "last chat went on after ms, worst": worst,
    })
  },
)

it("goes on from the admission of chats that stood in the line", { timeout: 120_000 }, async () => {
  const limit = (deployment: number | null) =>
    stage.client.call("PUT", "/chats/config/capacity", {
      body: { deployment, per_user: null, per_organization: null },
    })
  for (const round of [1, 2]) {
    provider.reset()
    const gate = openGate()
    const runners = [`runner 1 of ${round}`, `runner 2 of ${round}`]
    for (const title of runners) provider.script({ when: title, items: [{ text: "on " }, { gate: gate.wait }] })
    await limit(runners.length)
    for (const title of runners) {
      const { id } = await stage.client.createChat(title)
      await expect.poll(async () => (await stage.client.chat(id)).activity).toBe("running.generating")
    }
    await play(round, [admission(gate.open)])
  }
  await limit(null)
})
