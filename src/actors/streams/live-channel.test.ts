import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import type { ChatTransition } from "../../contract/inspection.ts"
import type { LoggedPart } from "../../db/chats/parts.ts"
import { FlushPace } from "./flush-pace.ts"
import { LiveChannel, type LiveNotice } from "./live-channel.ts"

const CHAT = "00000000-0000-4000-8000-000000000001"
const COALESCE_MS = 16

/** A channel of an actor that is writing a message, with what it logged and told. */
const attached = () => {
  const logged: Array<LoggedPart> = []
  const notices: Array<LiveNotice> = []
  const untold: Array<unknown> = []
  const channel = new LiveChannel(
    CHAT,
    new FlushPace(COALESCE_MS),
    (part) => logged.push(part),
    (cause) => untold.push(cause),
  )
  channel.attach(3, { version: 7, historyVersion: 5, attempt: 1 })
  const unsubscribe = channel.subscribe((notice) => notices.push(notice))
  return { channel, logged, notices, untold, unsubscribe }
}

const text = (words: string) => ({ type: "text", text: words }) as const
const call = (id: string, delta: string) =>
  ({ type: "tool-call", tool_call_id: id, tool_name: "execute", args_delta: delta }) as const
const texts = (logged: ReadonlyArray<LoggedPart>) =>
  logged.map(({ part }) => (part.type === "text" || part.type === "reasoning" ? part.text : part.type))

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] })
})

afterEach(() => {
  vi.useRealTimers()
})

const eventsOf = (notice: LiveNotice) => (notice.type === "untold" ? [] : notice.events)
const framesIn = (notice: LiveNotice): ReadonlyArray<ReadonlyArray<unknown>> =>
  notice.type === "untold" ? [] : notice.frames.map((frame) => JSON.parse(frame.text) as ReadonlyArray<unknown>)

describe("parts", () => {
  it("go out at once when none went out lately, and then joined", () => {
    const { channel, logged } = attached()
    channel.push("assistant", text("a"))
    expect(texts(logged)).toEqual(["a"])
    channel.push("assistant", text("b"))
    channel.push("assistant", text("c"))
    expect(texts(logged)).toEqual(["a"])
    vi.advanceTimersByTime(COALESCE_MS)
    expect(texts(logged)).toEqual(["a", "bc"])
    vi.advanceTimersByTime(COALESCE_MS)
    channel.push("assistant", text("d"))
    expect(texts(logged)).toEqual(["a", "bc", "d"])
  })

  it("are joined with their like only", () => {
    const { channel, logged } = attached()
    channel.push("assistant", text("first"))
    channel.push("assistant", { type: "reasoning", text: "r" })
    channel.push("assistant", text("t"))
    channel.push("assistant", call("a", "{"))
    channel.push("assistant", call("a", "}"))
    channel.push("assistant", call("b", "{"))
    channel.push("tool", text("t"))
    channel.flush()
    expect(logged.slice(1).map(({ role, part }) => [role, part])).toEqual([
      ["assistant", { type: "reasoning", text: "r" }],
      ["assistant", text("t")],
      ["assistant", call("a", "{}")],
      ["assistant", call("b", "{")],
      ["tool", text("t")],
    ])
  })

  it("are numbered without gaps, and logged with the owner's epoch as they are told", () => {
    const { channel, logged, notices } = attached()
    channel.push("assistant", text("a"))
    channel.push("assistant", { type: "reasoning", text: "b" })
    channel.push("assistant", text("c"))
    channel.flush()
    expect(logged.map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect(logged[0]).toMatchObject({ chat_id: CHAT, epoch: 3, history_version: 5, attempt: 1 })
    const events = notices.flatMap(eventsOf)
    expect(events.map(({ seq, cursor }) => [seq, cursor])).toEqual([
      [1, "7.5.1.1"],
      [2, "7.5.1.2"],
      [3, "7.5.1.3"],
    ])
    expect(notices.flatMap(framesIn)).toEqual(
      notices.map((notice) => eventsOf(notice).map(({ json }) => JSON.parse(json))),
    )
  })

  it("are told as the database will give them back", () => {
    const { channel, logged, notices } = attached()
    channel.push("assistant", text("nul \u0000, half \ud800"))
    expect(texts(logged)).toEqual(["nul \ufffd, half \ufffd"])
    expect(notices.flatMap(framesIn)).toMatchObject([[{ message_part: { part: text("nul \ufffd, half \ufffd") } }]])
  })

  it("are cut into frames of 256", () => {
    const { channel, notices } = attached()
    channel.push("assistant", text("first"))
    for (let index = 0; index < 600; index += 1) channel.push("assistant", call(`call-${index}`, "{}"))
    channel.flush()
    expect(notices.flatMap(framesIn).map((frame) => frame.length)).toEqual([1, 256, 256, 88])
  })

  it("are told to those who have read up to where an actor takes over, and untold changes to all", () => {
    const { channel, notices } = attached()
    channel.attach(4, { version: 7, historyVersion: 5, attempt: 1 })
    expect(notices).toEqual([])
    channel.attach(5, { version: 8, historyVersion: 5, attempt: 1 })
    expect(notices).toEqual([{ type: "untold" }])
  })

  it("reach nobody who has left", () => {
    const { channel, notices, unsubscribe } = attached()
    unsubscribe()
    channel.push("assistant", text("a"))
    expect(notices).toEqual([])
    expect(channel.listenerCount).toBe(0)
  })
})

const TRANSITION: ChatTransition = {
  version: 8,
  event: "FinishTurn",
  detail: {},
  from: "running.generating",
  to: "waiting",
  epoch: 1,
  machine_version: 1,
  created_at: "2026-01-01T00:00:00.000Z",
}

describe("a commit", () => {
  it("within the same message goes on counting", () => {
    const { channel, logged } = attached()
    channel.push("assistant", text("a"))
    channel.move({ version: 8, historyVersion: 5, attempt: 1 })
    channel.tell(TRANSITION, () => [])
    channel.flush()
    vi.advanceTimersByTime(COALESCE_MS)
    channel.push("assistant", text("b"))
    expect(logged.map(({ seq }) => seq)).toEqual([1, 2])
  })

  it("that ends the message drops what was not sent and counts from one again", () => {
    const { channel, logged, notices } = attached()
    channel.push("assistant", text("a"))
    channel.push("assistant", text("never sent"))
    channel.move({ version: 8, historyVersion: 8, attempt: 0 })
    channel.tell(TRANSITION, () => [])
    vi.advanceTimersByTime(10 * COALESCE_MS)
    expect(texts(logged)).toEqual(["a"])
    channel.push("assistant", text("b"))
    expect(logged.at(-1)).toMatchObject({ seq: 1, history_version: 8, attempt: 0 })
    expect(notices.map(({ type }) => type)).toEqual(["parts", "change", "parts"])
  })

  it("tells where readers come from and where they are then", () => {
    const { channel } = attached()
    channel.push("assistant", text("a"))
    const positions: Array<unknown> = []
    channel.move({ version: 8, historyVersion: 5, attempt: 1 })
    channel.tell(TRANSITION, (from, to) => {
      positions.push(from, to)
      return []
    })
    expect(positions).toEqual([
      { version: 7, historyVersion: 5, attempt: 1, seq: 1 },
      { version: 8, historyVersion: 5, attempt: 1, seq: 1 },
    ])
  })
})

describe("between a commit and its telling", () => {
  const to = { version: 8, historyVersion: 8, attempt: 1 }

  it("what is shown belongs to the new message, is logged at once, and is told after the change", () => {
    const { channel, logged, notices } = attached()
    channel.move(to)
    channel.push("assistant", text("first"))
    expect(logged).toMatchObject([{ history_version: 8, attempt: 1, seq: 1 }])
    expect(notices).toEqual([])
    channel.tell(TRANSITION, () => [])
    expect(notices.map(({ type }) => type)).toEqual(["change", "parts"])
  })

  it("a change that nobody tells is left to be read, and so is what was shown behind it told", async () => {
    const { channel, notices } = attached()
    channel.move(to)
    channel.push("assistant", text("first"))
    await Promise.resolve()
    expect(notices.map(({ type }) => type)).toEqual(["untold", "parts"])
    channel.tell(TRANSITION, () => [])
    expect(notices).toHaveLength(2)
  })

  it("a change that cannot be put into words is left to be read, and the next is told", () => {
    const { channel, notices, untold } = attached()
    channel.move(to)
    channel.tell(TRANSITION, () => {
      throw new Error("no words")
    })
    expect(notices.map(({ type }) => type)).toEqual(["untold"])
    expect(untold).toEqual([new Error("no words")])
    channel.move({ ...to, version: 9 })
    channel.tell(TRANSITION, () => [])
    expect(notices.map(({ type }) => type)).toEqual(["untold", "change"])
  })
})

it("a listener that throws is cut off alone, and told so", () => {
  const { channel, notices, untold } = attached()
  let heard = 0
  let cut = 0
  channel.subscribe(
    () => {
      heard += 1
      throw new Error("a bug of the reader")
    },
    () => void (cut += 1),
  )
  const later: Array<LiveNotice> = []
  channel.subscribe((notice) => later.push(notice))
  channel.push("assistant", text("a"))
  channel.push("assistant", text("b"))
  channel.flush()
  expect([heard, cut, untold]).toEqual([1, 1, [new Error("a bug of the reader")]])
  expect(notices).toHaveLength(2)
  expect(later).toEqual(notices)
  expect(channel.listenerCount).toBe(2)
})

describe("a new owner", () => {
  it("does not go on with what the one before it had gathered", () => {
    const { channel, logged } = attached()
    channel.push("assistant", text("a"))
    channel.push("assistant", text("of the old owner"))
    channel.attach(4, { version: 7, historyVersion: 5, attempt: 1 })
    vi.advanceTimersByTime(10 * COALESCE_MS)
    expect(texts(logged)).toEqual(["a"])
  })
})
