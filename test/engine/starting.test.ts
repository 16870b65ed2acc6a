import { Effect } from "effect"
import { beforeAll, beforeEach, describe, expect, it } from "vitest"
import { interrupt } from "../../src/actors/chat/commands/interrupt.ts"
import { ChatHost } from "../../src/actors/host/chat-host.ts"
import { ZERO_UUID } from "../../src/contract/ids.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { type HeldReply, holdReply } from "../support/held-replies.ts"
import { refuseWrites } from "../support/refused-writes.ts"
import { openGate } from "../support/scripted-provider.ts"

/** Chats whose actor is only starting: what waits for it, and what becomes of it. */

const engines = useEngines({ TROUPE_IDLE_ACTOR_MS: "60000" })
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

const isActivation = (chatId: string) => (text: string, parameters: string) =>
  text.includes("set owner_instance") && text.includes("owner_epoch = owner_epoch + 1") && parameters.includes(chatId)

const row = async (chatId: string) => {
  const [found] = await engines.query<{
    readonly owner_instance: string | null
    readonly recovery_attempts: number
    readonly suspicion: number
  }>((sql) => sql`select owner_instance, recovery_attempts, suspicion from chats where id = ${chatId}`)
  return found
}

/** Ends the actor, so that the next command has to start one. */
const endActor = (chatId: string) => engine.run(Effect.flatMap(ChatHost, (host) => host.forget(chatId)))

const finishedTurn = async () => {
  engines.provider.script({ items: [{ text: "done" }] })
  const chatId = await engine.create("go")
  await follow(engine, chatId).activity("waiting")
  return chatId
}

describe("while the database does not start chats", () => {
  it(
    "asks it a few times for each chat, however many requests wait, and then says so",
    { timeout: 30_000 },
    async () => {
      const chatId = await finishedTurn()
      await endActor(chatId)
      const away = refuseWrites("ECONNREFUSED", isActivation(chatId))
      const told = await Promise.all(
        Array.from({ length: 20 }, () => engine.interrupt(chatId).then(String, (error: Error) => error.message)),
      )
      away.lift()
      expect(away.count()).toBeGreaterThan(4)
      expect(away.count()).toBeLessThan(20)
      expect(new Set(told)).toEqual(new Set(["The database cannot be reached. Try again."]))
    },
  )

  it("starts it soon when it is back, and every request that waits is carried out", async () => {
    const chatId = await finishedTurn()
    await endActor(chatId)
    const away = refuseWrites("ECONNREFUSED", isActivation(chatId))
    engines.provider.script({ items: [{ text: "back" }] })
    const sent = engine.send(chatId, "are you there?")
    await expect.poll(away.count).toBeGreaterThan(2)
    away.lift()
    await sent
    const { lines } = await follow(engine, chatId).activity("waiting")
    expect(lines.slice(2)).toEqual(["user: are you there?", "assistant: back"])
  })
})

describe("a server that stops", () => {
  beforeEach(async () => {
    await engine.stop()
    engine = await engines.start()
  })

  /** Stops the engine of the file while this reply is held, and lets it come when the host takes no commands any more. */
  const stopWhileHeld = async (reply: HeldReply) => {
    const host = await engine.run(ChatHost)
    await reply.reached
    const stopped = engine.stop()
    const refused = () =>
      Effect.runPromise(
        host.send(interrupt.of({ chatId: ZERO_UUID, caller: engine.caller, receipt: null }, {})).pipe(Effect.flip),
      )
    await expect.poll(refused).toMatchObject({ message: "The server is shutting down. Try again in a moment." })
    reply.release()
    await stopped
  }

  it("hands over a chat that is only starting, and no crash is counted", async () => {
    const gate = openGate()
    engines.provider.script({ items: [{ text: "begun" }, { gate: gate.wait }, { text: " and the rest" }] })
    const chatId = await engine.create("go")
    await follow(engine, chatId).shown("begun")
    await engine.stop()
    gate.open()
    const reply = holdReply(isActivation(chatId))
    engine = await engines.start()
    await stopWhileHeld(reply)
    expect(await row(chatId)).toEqual({ owner_instance: null, recovery_attempts: 0, suspicion: 0 })
    engines.provider.script({ items: [{ text: "went on" }] })
    engine = await engines.start()
    const view = await follow(engine, chatId).activity("waiting")
    expect(view.lines).toEqual(["user: go", "assistant: went on"])
    expect(await row(chatId)).toMatchObject({ recovery_attempts: 0, suspicion: 0 })
  })

  it("hands over a chat that is only being created", async () => {
    const reply = holdReply((text) => text.includes("insert into chats"))
    const created = engine.create("born late")
    await stopWhileHeld(reply)
    const chatId = await created
    expect(await row(chatId)).toEqual({ owner_instance: null, recovery_attempts: 0, suspicion: 0 })
    engines.provider.script({ items: [{ text: "hello" }] })
    engine = await engines.start()
    const view = await follow(engine, chatId).activity("waiting")
    expect(view.lines).toEqual(["user: born late", "assistant: hello"])
  })
})
