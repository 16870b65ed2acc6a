import { SqlError } from "@effect/sql/SqlError"
import { Effect, Layer, ManagedRuntime, TestClock, TestContext } from "effect"
import { afterEach, describe, expect, it } from "vitest"
import { ChatParts, type LoggedPart } from "../../db/chats/parts.ts"
import { readSettings, Settings } from "../../settings.ts"
import { PartLog } from "./part-log.ts"

const part = (seq: number, chatId = "one"): LoggedPart => ({
  chat_id: chatId,
  epoch: 1,
  history_version: 1,
  attempt: 1,
  seq,
  role: "assistant",
  part: { type: "text", text: `part ${seq}` },
})

const runtimes: Array<ManagedRuntime.ManagedRuntime<PartLog, unknown>> = []

afterEach(async () => {
  for (const runtime of runtimes.splice(0)) await runtime.dispose()
})

/** A log on a table in memory. `append` stands for the insert and may be held or made to fail. */
const logOn = async (
  append: (parts: ReadonlyArray<LoggedPart>) => Effect.Effect<void, SqlError>,
  clock: Layer.Layer<never> = Layer.empty,
) => {
  const settings = Effect.map(readSettings({ TROUPE_DATA_DIR: "/nowhere", TROUPE_PART_FLUSH_MS: "1" }), Settings.layer)
  const layer = Layer.provideMerge(PartLog.layer, clock).pipe(
    Layer.provide(Layer.succeed(ChatParts, { append })),
    Layer.provide(Layer.unwrapEffect(settings)),
  )
  const runtime = ManagedRuntime.make(layer)
  runtimes.push(runtime)
  return { log: await runtime.runPromise(PartLog), run: <A>(effect: Effect.Effect<A>) => runtime.runPromise(effect) }
}

const table = () => {
  const rows: Array<number> = []
  const inserts: Array<number> = []
  const append = (parts: ReadonlyArray<LoggedPart>) =>
    Effect.sync(() => {
      inserts.push(parts.length)
      rows.push(...parts.map(({ seq }) => seq))
    })
  return { rows, inserts, append }
}

describe("the part log", () => {
  it("writes what has gathered with one insert, in order", async () => {
    const { rows, inserts, append } = table()
    const { log, run } = await logOn(append)
    for (const seq of [1, 2, 3]) log.append(part(seq))
    log.append(part(4, "two"))
    await run(Effect.all([log.settle("one"), log.settle("two")]))
    expect(rows).toEqual([1, 2, 3, 4])
    expect(inserts).toEqual([4])
  })

  it("writes by itself, without being waited for", async () => {
    const { rows, append } = table()
    const { log } = await logOn(append)
    log.append(part(1))
    await expect.poll(() => rows).toEqual([1])
  })

  it("settles one chat without waiting for what another goes on adding", async () => {
    const ENOUGH = 1000
    const { rows, append } = table()
    const { log, run } = await logOn((parts) =>
      Effect.zipRight(
        append(parts),
        Effect.sync(() => {
          if (rows.length < ENOUGH) log.append(part(rows.length + 1, "two"))
        }),
      ),
    )
    log.append(part(1))
    await run(log.settle("one"))
    expect(rows).toContain(1)
    expect(rows.length).toBeLessThan(ENOUGH)
  })

  it("settles a chat without waiting for what is added after that", async () => {
    const ENOUGH = 1000
    const { rows, append } = table()
    const { log, run } = await logOn((parts) =>
      Effect.zipRight(
        append(parts),
        Effect.sync(() => {
          if (rows.length < ENOUGH) log.append(part(rows.length + 1))
        }),
      ),
    )
    log.append(part(1))
    await run(log.settle("one"))
    expect(rows).toContain(1)
    expect(rows.length).toBeLessThan(ENOUGH)
  })

  it("counts a part as unwritten until its insert is confirmed", async () => {
    const { append, rows } = table()
    let confirm: () => void = () => undefined
    const confirmed = new Promise<void>((resolve) => {
      confirm = resolve
    })
    const { log, run } = await logOn((parts) =>
      Effect.zipRight(
        append(parts),
        Effect.promise(() => confirmed),
      ),
    )
    log.append(part(1))
    await expect.poll(() => rows).toEqual([1])
    log.append(part(2))
    log.append(part(9, "two"))
    expect(log.unwritten("one").map(({ seq }) => seq)).toEqual([1, 2])
    confirm()
    await run(Effect.all([log.settle("one"), log.settle("two")]))
    expect(log.unwritten("one")).toEqual([])
    expect(rows).toEqual([1, 2, 9])
  })

  it("withholds the parts of one chat and waits for the insert that carries some", async () => {
    const { append, rows } = table()
    let confirm: () => void = () => undefined
    const confirmed = new Promise<void>((resolve) => {
      confirm = resolve
    })
    const { log, run } = await logOn((parts) =>
      Effect.zipRight(
        append(parts),
        Effect.promise(() => confirmed),
      ),
    )
    log.append(part(1))
    await expect.poll(() => rows).toEqual([1])
    log.append(part(2))
    log.append(part(9, "two"))
    let withheld = false
    const withholding = run(log.withhold("one") ?? Effect.void).then(() => {
      withheld = true
    })
    // One turn of the event loop: time enough for what does not wait.
    await new Promise<void>((resolve) => setImmediate(resolve))
    expect(withheld).toBe(false)
    confirm()
    await withholding
    await run(Effect.all([log.settle("one"), log.settle("two")]))
    expect(rows).toEqual([1, 9])
    expect(log.unwritten("one").map(({ seq }) => seq)).toEqual([2])
    log.discard("one")
    expect(log.unwritten("one")).toEqual([])
  })

  it("writes what it withheld when that has not become a message", async () => {
    const { append, rows } = table()
    const { log, run } = await logOn(append)
    log.append(part(1))
    log.append(part(2))
    await run(log.withhold("one") ?? Effect.void)
    log.append(part(9, "two"))
    await run(log.settle("two"))
    expect(rows).toEqual([9])
    log.giveBack("one")
    await run(log.settle("one"))
    expect(rows).toEqual([9, 1, 2])
  })

  it("writes a part that could not be written when the database is back", async () => {
    const { append, rows } = table()
    let failures = 2
    const { log, run } = await logOn((parts) =>
      Effect.suspend(() => {
        failures -= 1
        return failures >= 0 ? new SqlError({ cause: new Error("away"), message: "away" }) : append(parts)
      }),
    )
    log.append(part(1))
    await run(Effect.all([log.settle("one"), log.settle("two")]))
    expect(rows).toEqual([1])
  })

  it("keeps every part, in order, however long the database is away", async () => {
    const { append, rows } = table()
    let away = true
    const asked: Array<() => void> = []
    const { log, run } = await logOn(
      (parts) =>
        Effect.suspend(() => {
          for (const tell of asked.splice(0)) tell()
          return away ? new SqlError({ cause: new Error("away"), message: "away" }) : append(parts)
        }),
      TestContext.TestContext,
    )
    const askedAgain = () => new Promise<void>((resolve) => void asked.push(resolve))
    const first = askedAgain()
    log.append(part(1))
    await first
    log.append(part(2))
    await run(TestClock.adjust("1 minute"))
    expect(rows).toEqual([])
    away = false
    const settled = run(log.settle("one"))
    await run(TestClock.adjust("1 second"))
    await settled
    expect(rows).toEqual([1, 2])
  })

  it("writes nothing of a chat behind text that the database does not take, and all of the others'", async () => {
    const { append, rows } = table()
    const refused = new SqlError({ cause: Object.assign(new Error("no such character"), { code: "22P05" }) })
    const { log, run } = await logOn((parts) => (parts.some(({ seq }) => seq === 13) ? refused : append(parts)))
    log.append(part(12))
    await run(log.settle("one"))
    log.append(part(13))
    log.append(part(90, "two"))
    await run(Effect.all([log.settle("one"), log.settle("two")]))
    log.append(part(14))
    log.append({ ...part(1), attempt: 2 })
    await run(log.settle("one"))
    expect(rows).toEqual([12, 90, 1])
  })

  it("forgets whose text was cut short when nobody shows that any more", async () => {
    const { append, rows } = table()
    const refused = new SqlError({ cause: Object.assign(new Error("no such character"), { code: "22P05" }) })
    const { log, run } = await logOn((parts) => (parts.some(({ seq }) => seq === 13) ? refused : append(parts)))
    log.append(part(13))
    await run(log.settle("one"))
    log.append(part(14))
    expect(log.unwritten("one")).toEqual([])
    log.release("one")
    log.append(part(15))
    await run(log.settle("one"))
    expect(rows).toEqual([15])
  })

  /** A database that is away, a log with so many parts of each chat, and how often a part has been looked at since then. */
  const backlog = async (chats: number, partsOfEach: number) => {
    let looks = 0
    const counted = (seq: number, chatId: string): LoggedPart => ({
      ...part(seq),
      get chat_id() {
        looks += 1
        return chatId
      },
    })
    let away = true
    let written = 0
    let tellAsked: () => void = () => undefined
    const asked = new Promise<void>((resolve) => void (tellAsked = resolve))
    const { log, run } = await logOn((parts) =>
      Effect.suspend(() => {
        tellAsked()
        if (away) return new SqlError({ cause: new Error("away"), message: "away" })
        written += parts.length
        return Effect.void
      }),
    )
    const ids = Array.from({ length: chats }, (_, index) => `chat ${index}`)
    log.append(part(0, "first"))
    await asked
    for (let seq = 1; seq <= partsOfEach; seq += 1) for (const id of ids) log.append(counted(seq, id))
    return {
      log,
      run,
      ids,
      written: () => written,
      comeBack: () => void (away = false),
      looksOf: async (work: () => unknown) => {
        const before = looks
        await work()
        return looks - before
      },
    }
  }

  it("looks at the parts of one chat only, however much of the others' waits", async () => {
    const PARTS = 250
    const { log, run, looksOf, comeBack } = await backlog(200, PARTS)
    const own = () => log.unwritten("chat 7")
    expect(own()).toHaveLength(PARTS)
    expect(await looksOf(own)).toBeLessThanOrEqual(PARTS)
    const limited = Effect.timeoutOption(log.settle("chat 7"), "1 milli")
    expect(await looksOf(() => run(limited))).toBeLessThanOrEqual(PARTS)
    expect(await looksOf(() => run(log.settle("silent")))).toBe(0)
    const becomesMessage = async () => {
      await run(log.withhold("chat 7") ?? Effect.void)
      log.giveBack("chat 7")
      await run(log.withhold("chat 7") ?? Effect.void)
      log.discard("chat 7")
    }
    expect(await looksOf(becomesMessage)).toBeLessThanOrEqual(4 * PARTS)
    expect(own()).toEqual([])
    expect(log.unwritten("chat 8")).toHaveLength(PARTS)
    comeBack()
  })

  it("writes what twice as many chats have shown with twice the work", async () => {
    const PARTS = 50
    const workFor = async (chats: number) => {
      const { run, log, ids, comeBack, looksOf, written } = await backlog(chats, PARTS)
      const looks = await looksOf(async () => {
        comeBack()
        await run(Effect.forEach(ids, log.settle, { concurrency: "unbounded", discard: true }))
      })
      expect(written()).toBe(1 + chats * PARTS)
      // To have looked at each part once would be enough.
      return Math.max(looks, chats * PARTS)
    }
    const [one, two] = [await workFor(100), await workFor(200)]
    expect(two / one).toBeLessThan(2.5)
  })

  it("writes what has gathered in a long absence with several inserts, and each chat's in order", async () => {
    const PARTS = 5000
    const { rows, inserts, append } = table()
    let away = true
    const { log, run } = await logOn((parts) =>
      Effect.suspend(() => (away ? new SqlError({ cause: new Error("away"), message: "away" }) : append(parts))),
    )
    const chats = ["one", "two", "three", "four", "five"]
    for (let seq = 0; seq < PARTS; seq += 1) for (const chatId of chats) log.append(part(seq, chatId))
    away = false
    await run(Effect.forEach(chats, log.settle, { discard: true }))
    expect(inserts).toEqual([10_000, 10_000, 5000])
    expect(rows).toEqual(chats.flatMap(() => Array.from({ length: PARTS }, (_, seq) => seq)))
  })
})
