import { Deferred, Effect, Exit, Fiber } from "effect"
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest"
import { ChatFeed } from "../../src/actors/streams/chat-feed.ts"
import { followChat } from "../../src/actors/streams/chat-reader.ts"
import { LiveChannel } from "../../src/actors/streams/live-channel.ts"
import { LiveChannels } from "../../src/actors/streams/live-channels.ts"
import { ChatCommits } from "../../src/db/chats/store/chat-commits.ts"
import { useReaders } from "../support/chat-view.ts"
import { type Engine, useEngines } from "../support/engine.ts"
import { refusal } from "../support/refusal.ts"

/** What goes wrong between a commit and those who follow it splits nobody from the rows. */

const engines = useEngines({ TROUPE_IDLE_ACTOR_MS: "60000" })
const follow = useReaders()
let engine: Engine

beforeAll(async () => {
  engine = await engines.start()
})

afterEach(() => {
  vi.restoreAllMocks()
})

const bug = () => {
  throw new Error("a bug of ours")
}

/** A chat whose first turn is over, with a reader. */
const atRest = async () => {
  engines.provider.script({ items: [{ text: "one" }] })
  const chatId = await engine.create("first")
  const reader = follow(engine, chatId)
  await reader.activity("waiting")
  return { chatId, reader }
}

/** Sends one more message, whose turn has to run like any other, from what the rows say. */
const goesOn = async ({ chatId, reader }: Awaited<ReturnType<typeof atRest>>, before: ReadonlyArray<string>) => {
  engines.provider.script({ items: [{ text: "last" }] })
  await engine.send(chatId, "more")
  const lines = [...before, "user: more", "assistant: last"]
  await reader.until((view) => view.lines.length === lines.length && view.activity === "waiting")
  expect(reader.view.lines).toEqual(lines)
  const journal = await engines.query<{ event: string; from_activity: string }>(
    (sql) => sql`select event, from_activity from chat_transitions where chat_id = ${chatId} and event = 'SendMessage'`,
  )
  expect(journal.every((step) => step.from_activity === "waiting")).toBe(true)
}

const logOf = (chatId: string, words: string) =>
  engine.log.filter((line) => line.includes(chatId) && line.includes(words))

const first = ["user: first", "assistant: one"]

describe("one who is told of a commit and throws", () => {
  it("is cut off alone, with a word in the log: a reader of the stream, a sidebar", async () => {
    const chat = await atRest()
    const { chatId } = chat
    const heard = { channel: 0, feed: 0 }
    const channel = (await engine.run(LiveChannels)).retain(chatId)
    channel.subscribe(() => {
      heard.channel += 1
      bug()
    })
    const leave = (await engine.run(ChatFeed)).subscribe(engine.caller.userId, (news) => {
      if (news.chatId !== chatId) return
      heard.feed += 1
      bug()
    })
    await goesOn(chat, first)
    expect(heard).toEqual({ channel: 1, feed: 1 })
    expect(logOf(chatId, "could not be told")).toHaveLength(2)
    expect(logOf(chatId, "was dropped")).toEqual([])
    leave()
  })

  it("is not waited for, however long its work takes", async () => {
    const chat = await atRest()
    const never = await Effect.runPromise(Deferred.make<void>())
    const begun: Array<Promise<void>> = []
    const leave = (await engine.run(ChatFeed)).subscribe(engine.caller.userId, () => {
      begun.push(Effect.runPromise(Deferred.await(never)))
    })
    await goesOn(chat, first)
    expect(begun.length).toBeGreaterThan(0)
    leave()
    await Effect.runPromise(Deferred.succeed(never, undefined))
    await Promise.all(begun)
  })

  it("loses its stream, instead of one that says nothing any more: a reader whose connection throws", async () => {
    const chat = await atRest()
    const { chatId } = chat
    const fiber = engine.runtime.runFork(
      followChat(
        chatId,
        { type: "snapshot", afterId: 0 },
        {
          write: (events) => {
            if (events.some((event) => event.type === "status" && event.json.includes("generating"))) bug()
          },
          bufferedBytes: () => 0,
          onDrain: () => undefined,
          inspects: false,
        },
      ),
    )
    const channel = (await engine.run(LiveChannels)).retain(chatId)
    await expect.poll(() => channel.listenerCount).toBe(2)
    await goesOn(chat, first)
    expect(Exit.isFailure(await Effect.runPromise(Fiber.await(fiber)))).toBe(true)
  })
})

describe("a defect of the actor after a commit", () => {
  it("drops it, and the chat is loaded again where its rows are: the command was carried out", async () => {
    const chat = await atRest()
    const { chatId, reader } = chat
    engines.provider.script({ items: [{ text: "two" }] })
    vi.spyOn(LiveChannel.prototype, "move").mockImplementationOnce(bug)
    await engine.send(chatId, "second")
    const lines = [...first, "user: second", "assistant: two"]
    await reader.until((view) => view.lines.length === lines.length && view.activity === "waiting")
    expect(reader.view.lines).toEqual(lines)
    expect(logOf(chatId, "was dropped: its rows have moved without it")).toHaveLength(1)
    await goesOn(chat, lines)
  })

  it("is not known to the caller as a success where its outcome cannot be told, nor as a fault of the server", async () => {
    const chat = await atRest()
    const { chatId, reader } = chat
    engines.provider.script({ items: [{ text: "two" }] })
    const commits = await engine.run(ChatCommits)
    const { commit } = commits
    vi.spyOn(commits, "commit").mockImplementationOnce((given) =>
      Effect.map(commit(given), (committed) => ({ ...committed, messageIds: null as never })),
    )
    expect(await refusal(engine.send(chatId, "second"))).toMatchObject({ _tag: "ChatUnavailable", untouched: false })
    const lines = [...first, "user: second", "assistant: two"]
    await reader.until((view) => view.lines.length === lines.length && view.activity === "waiting")
    expect(reader.view.lines).toEqual(lines)
    await goesOn(chat, lines)
  })

  it("costs readers no change that cannot be put into words: they read it from the rows", async () => {
    const chat = await atRest()
    vi.spyOn(LiveChannel.prototype, "tell").mockImplementationOnce(bug)
    engines.provider.script({ items: [{ text: "two" }] })
    await engine.send(chat.chatId, "second")
    const lines = [...first, "user: second", "assistant: two"]
    await chat.reader.until((view) => view.lines.length === lines.length && view.activity === "waiting")
    expect(chat.reader.view.lines).toEqual(lines)
  })
})
