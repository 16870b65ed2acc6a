import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { afterEach, expect, it, vi } from "vitest"
import { Admission } from "../../src/actors/host/admission.ts"
import { ChatHost } from "../../src/actors/host/chat-host.ts"
import { Admissions } from "../../src/db/chats/admission.ts"
import { ChatCommits } from "../../src/db/chats/store/chat-commits.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { useHeldChats } from "../support/held-chats.ts"
import { eventually } from "../support/eventually.ts"
import { type Gate, openGate } from "../support/scripted-provider.ts"

/** Between the grant of a slot and the commit with which its chat begins to run, other commands of the chat may come first. */

/** No sweep looks after anything within a test. */
const engines = useEngines({ TROUPE_SWEEP_MS: "60000" })
const follow = useReaders()

const { begin: chat, endAll: letEnd, limit: setLimit, someoneElse } = useHeldChats(engines)

afterEach(() => {
  vi.restoreAllMocks()
})

const running = (engine: Engine, chatId: string) => follow(engine, chatId).activity("running.generating")

const limit = (engine: Engine, deployment: number | null) => setLimit(engine, { deployment })

/** Commits of chats by their event, each held before it reaches the database. */
const holdCommits = async (engine: Engine) => {
  const commits = await engine.run(ChatCommits)
  const commit = commits.commit
  const holds = new Map<string, { readonly reached: Gate; readonly gate: Gate }>()
  vi.spyOn(commits, "commit").mockImplementation((planned) => {
    const hold = holds.get(`${planned.journal.event} ${planned.chatId}`)
    if (hold === undefined) return commit(planned)
    return Effect.sync(() => hold.reached.open()).pipe(
      Effect.zipRight(Effect.promise(() => hold.gate.wait)),
      Effect.zipRight(commit(planned)),
    )
  })
  return (event: string, chatId: string) => {
    const hold = { reached: openGate(), gate: openGate() }
    holds.set(`${event} ${chatId}`, hold)
    return { reached: hold.reached.wait, open: hold.gate.open }
  }
}

/** Rings the host's doorbell, and resolves with the chats that have been given a slot since, once a round that began after it is over. */
const watchRounds = async (engine: Engine) => {
  const admissions = await engine.run(Admissions)
  const grant = admissions.grant
  const granted: Array<string> = []
  let begun = 0
  let over = 0
  vi.spyOn(admissions, "grant").mockImplementation((...given) =>
    Effect.suspend(() => {
      begun += 1
      const round = begun
      return grant(...given).pipe(
        Effect.tap((ids) => Effect.sync(() => granted.push(...ids))),
        Effect.ensuring(Effect.sync(() => void (over = round))),
      )
    }),
  )
  const { ring } = await engine.run(Admission)
  return async () => {
    const before = begun
    ring()
    await eventually(() => over > before, true)
    return granted.splice(0)
  }
}

/** Resolves once the next command of the chat stands in its mailbox. */
const watchCommands = async (engine: Engine) => {
  const host = await engine.run(ChatHost)
  const send = host.send
  const awaited = new Map<string, Gate>()
  vi.spyOn(host, "send").mockImplementation((command) =>
    // Its actor is there, so that nothing comes between this and the mailbox.
    Effect.zipRight(
      Effect.sync(() => awaited.get(command.chatId)?.open()),
      send(command),
    ),
  )
  return (chatId: string) => {
    const gate = openGate()
    awaited.set(chatId, gate)
    return gate.wait
  }
}

const runningChats = async () =>
  (
    await engines.query<{ id: string }>((sql) => sql`select id from chats where status = 'running' order by created_at`)
  ).map(({ id }) => id)

/**
 * One chat runs, and another, of the same person, is given the second slot while commands of its own are under way, the first of
 * which is at its commit. A third, of somebody else, would be the next to get one.
 */
const grantedMeanwhile = async (
  engine: Engine,
  event: string,
  commands: ReadonlyArray<(chatId: string) => Promise<unknown>>,
) => {
  const hold = await holdCommits(engine)
  const round = await watchRounds(engine)
  await limit(engine, 1)
  const name = randomUUID()
  const first = await chat(engine, `first ${name}`)
  await running(engine, first)
  const second = await chat(engine, `second ${name}`)
  // The first was given its slot with its creation.
  expect(await round()).toEqual([])
  const commit = hold(event, second)
  const given = await watchCommands(engine)
  const done: Array<Promise<unknown>> = []
  for (const command of commands) {
    const taken = given(second)
    done.push(command(second))
    await taken
  }
  await commit.reached
  await limit(engine, 2)
  expect(await round()).toEqual([second])
  // Who has fewer running chats is first in the line.
  const third = await chat(engine, `third ${name}`, await someoneElse(engine))
  expect(await round()).toEqual([])
  const admit = hold("Admit", second)
  commit.open()
  await Promise.all(done)
  await admit.reached
  const granted = await round()
  for (const id of granted) await running(engine, id)
  admit.open()
  return { first, second, third, granted, round }
}

const endAll = async (engine: Engine, chatIds: ReadonlyArray<string>) => {
  await limit(engine, null)
  letEnd()
  for (const chatId of chatIds) await follow(engine, chatId).activity("waiting")
}

it("a slot is kept by what its chat commits before it begins to run, and nobody runs above the limit", async () => {
  const engine = await engines.start()
  const seen = await grantedMeanwhile(engine, "SendMessage", [(chatId) => engine.send(chatId, "and this")])
  await running(engine, seen.second)
  expect({ granted: seen.granted, running: await runningChats() }).toEqual({
    granted: [],
    running: [seen.first, seen.second],
  })
  engines.provider.script({ when: "and this", items: [{ text: "done" }] })
  await endAll(engine, [seen.first, seen.second, seen.third])
})

it("a slot that its chat has given up meanwhile is not taken by what still waits in its mailbox", async () => {
  const engine = await engines.start()
  const seen = await grantedMeanwhile(engine, "Interrupt", [
    (chatId) => engine.interrupt(chatId),
    (chatId) => engine.send(chatId, "once more"),
  ])
  expect(seen.granted).toEqual([seen.third])
  // The chat waits for its turn again: it is the next.
  expect(await seen.round()).toEqual([])
  expect({ second: (await engine.row(seen.second)).activity, running: await runningChats() }).toEqual({
    second: "pending",
    running: [seen.first, seen.third],
  })
  await endAll(engine, [seen.first, seen.second, seen.third])
})
