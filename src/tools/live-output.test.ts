import { Clock, Duration, Effect, Exit } from "effect"
import { describe, expect, it } from "vitest"
import { type OutputPiece, type WorkspaceConnection, WorkspaceError } from "../workspaces/workspace.ts"
import { showOutput } from "./live-output.ts"

const KIB = 1024
const WHOLE = 1024 * KIB
const RECENT = 32 * KIB

/** A clock that goes on by what is slept, and by nothing else; whoever would sleep beyond its end is interrupted. */
const clockUntil = (endMs: number): Clock.Clock => {
  let now = 0
  const nanos = () => BigInt(now) * 1_000_000n
  return {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => now,
    unsafeCurrentTimeNanos: nanos,
    currentTimeMillis: Effect.sync(() => now),
    currentTimeNanos: Effect.sync(nanos),
    sleep: (duration) =>
      Effect.suspend(() => {
        now += Duration.toMillis(duration)
        return now > endMs ? Effect.interrupt : Effect.void
      }),
  }
}

/** A process that writes so many bytes a millisecond, in a workspace that keeps what an agent keeps. */
const writing = (bytesPerMs: number, endsAtMs: number, more: Partial<WorkspaceConnection> = {}) => {
  const followProcess: WorkspaceConnection["followProcess"] = (_chat, _id, { after, most, waitMs }) =>
    Effect.gen(function* () {
      for (let waited = 0; ; waited += 10) {
        const now = yield* Clock.currentTimeMillis
        const total = Math.floor(Math.min(now, endsAtMs) * bytesPerMs)
        const kept = total <= WHOLE ? 0 : total - RECENT
        const from = Math.max(after, kept)
        const text = "x".repeat(Math.min(most, Math.max(0, total - from)))
        const running = now < endsAtMs
        if (text !== "" || !running || waited >= waitMs) return { from, next: from + text.length, text, running }
        yield* Effect.sleep(10)
      }
    })
  // Only this is asked of it.
  return { followProcess, ...more } as WorkspaceConnection
}

interface Shown {
  readonly at: number
  readonly text: string
  readonly how: "more" | "anew"
}

/** All that is shown in so long a time, and what a reader has of it at the end. */
const seen = async (workspace: WorkspaceConnection, forMs: number) => {
  const shown: Array<Shown> = []
  const clock = clockUntil(forMs)
  const exit = await showOutput(workspace, "chat", "process", (text, how) => {
    shown.push({ at: clock.unsafeCurrentTimeMillis(), text, how })
  }).pipe(Effect.withClock(clock), Effect.runPromiseExit)
  const text = shown.reduce((before, part) => (part.how === "anew" ? part.text : before + part.text), "")
  return { shown, text, isOver: Exit.isSuccess(exit) }
}

/** The most of something in any second. */
const mostInASecond = (shown: ReadonlyArray<Shown>, sizeOf: (part: Shown) => number) =>
  Math.max(
    ...shown.map(({ at }) =>
      shown.filter((other) => other.at >= at && other.at < at + 1000).reduce((sum, part) => sum + sizeOf(part), 0),
    ),
  )

describe("the output of a running command", () => {
  it("is shown whole and at once while it is little", async () => {
    const workspace = writing(1, 3000)
    const { shown, text, isOver } = await seen(workspace, 5000)
    expect(text).toHaveLength(3000)
    expect(isOver).toBe(true)
    expect(mostInASecond(shown, () => 1)).toBeLessThanOrEqual(10)
    expect(shown[0]?.at).toBeLessThanOrEqual(500)
  })

  it.each([
    ["10 MiB a second", 10 * 1024],
    ["a gigabyte a second", 1024 * 1024],
    ["100 KiB a second", 100],
  ])("comes in 10 pieces and 64 KiB a second at most (%s)", async (_name, bytesPerMs) => {
    const workspace = writing(bytesPerMs, 60_000)
    const { shown } = await seen(workspace, 60_000)
    expect(mostInASecond(shown, () => 1)).toBeLessThanOrEqual(10)
    expect(mostInASecond(shown, ({ text }) => text.length)).toBeLessThanOrEqual(64 * KIB)
  })

  it("goes on with the newest 32 KiB past 1 MiB, and counts what is left out", async () => {
    const workspace = writing(1024, 60_000)
    const { shown, text } = await seen(workspace, 59_000)
    const last = shown.findLast(({ how }) => how === "anew")
    const omitted = Number(/^…\[(\d+) bytes omitted\]…\n/.exec(last?.text ?? "")?.[1])
    expect(omitted).toBe((last?.at ?? 0) * 1024 - RECENT)
    expect(text.length).toBeLessThan(100 * KIB)
  })

  it("is never longer to a reader than 1 MiB, however slowly it comes", async () => {
    const workspace = writing(40, 3_600_000)
    const { shown, text } = await seen(workspace, 600_000)
    expect(text.length).toBeLessThan(140 * KIB)
    expect(shown.filter(({ how }) => how === "anew").length).toBeGreaterThan(10)
  })

  it("takes fewer than 10,000 pieces in four hours", async () => {
    const workspace = writing(0.1, 14_400_000)
    const { shown } = await seen(workspace, 14_400_000)
    expect(shown.length).toBeLessThan(10_000)
    expect(shown.length).toBeGreaterThan(1000)
  })

  it("is not followed where the agent is older than that", async () => {
    const refused = new WorkspaceError({ operation: "followProcess", reason: "not_found", message: "There is no GET." })
    const workspace = writing(1, 5000, { followProcess: () => refused })
    expect(await seen(workspace, 5000)).toEqual({ shown: [], text: "", isOver: true })
  })

  it("is followed again when the workspace is back", async () => {
    const workspace = writing(1, 10_000)
    let failures = 3
    const away = new WorkspaceError({ operation: "followProcess", reason: "unreachable", message: "It is away." })
    const followProcess: WorkspaceConnection["followProcess"] = (...asked) =>
      Effect.suspend(() => ((failures -= 1) >= 0 ? away : workspace.followProcess(...asked)))
    const { text } = await seen({ ...workspace, followProcess }, 15_000)
    expect(text).toHaveLength(10_000)
  })

  it.each([
    ["more than was asked for", { from: 0, next: 40_000, text: "x".repeat(40_000), running: true }],
    ["a place before itself", { from: 10, next: 5, text: "x", running: true }],
    ["a place before the beginning", { from: -5, next: 5, text: "x", running: true }],
  ] satisfies ReadonlyArray<[string, OutputPiece]>)(
    "is not believed of an agent that tells %s",
    async (_what, piece) => {
      const workspace = writing(1, 5000, { followProcess: () => Effect.succeed(piece) })
      expect(await seen(workspace, 5000)).toEqual({ shown: [], text: "", isOver: true })
    },
  )
})
