import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import type { LoggedPart } from "../../db/chats/parts.ts"
import { PartTail } from "./part-tail.ts"

const part = (seq: number, attempt = 1): LoggedPart => ({
  chat_id: "one",
  epoch: 1,
  history_version: 1,
  attempt,
  seq,
  role: "assistant",
  part: { type: "text", text: `part ${seq}` },
})

const seqs = (parts: ReadonlyArray<LoggedPart>) => parts.map(({ seq }) => seq)

const isOver = (wait: Effect.Effect<void>) =>
  Effect.runPromise(Effect.timeoutOption(wait, 0)).then((over) => over._tag === "Some")

describe("what a chat has shown and the log has not written", () => {
  it("is forgotten when nobody shows the chat any more and all is written, and not before", () => {
    const tail = new PartTail("one")
    tail.append(part(1))
    tail.release()
    expect(tail.isBlank).toBe(false)
    tail.take()
    expect(tail.isBlank).toBe(false)
    tail.arrived()
    expect(tail.isBlank).toBe(true)
    tail.append(part(2))
    tail.take()
    tail.arrived()
    expect(tail.isBlank).toBe(false)
  })

  it("is forgotten, too, when the database refuses the last of it after that", () => {
    const tail = new PartTail("one")
    tail.append(part(1))
    tail.take()
    tail.release()
    tail.cut()
    tail.arrived()
    expect(tail.isBlank).toBe(true)
  })

  it("keeps its order over withholding and giving back", () => {
    const tail = new PartTail("one")
    tail.append(part(1))
    tail.take()
    tail.append(part(2))
    tail.withhold()
    tail.append(part(3))
    tail.withhold()
    tail.append(part(4))
    expect(seqs(tail.unwritten)).toEqual([1, 2, 3, 4])
    expect(seqs(tail.writing)).toEqual([1])
    tail.giveBack()
    tail.arrived()
    tail.take()
    expect(seqs(tail.writing)).toEqual([2, 3, 4])
  })

  it("tells those who wait for what there is by then, and not of what comes later", async () => {
    const tail = new PartTail("one")
    expect(await isOver(tail.settled)).toBe(true)
    expect(tail.insertOver).toBeUndefined()
    tail.append(part(1))
    const first = tail.settled
    tail.take()
    tail.append(part(2))
    const second = tail.settled
    expect(await isOver(first)).toBe(false)
    tail.arrived()
    expect(await isOver(first)).toBe(true)
    expect(await isOver(second)).toBe(false)
    tail.withhold()
    expect(await isOver(second)).toBe(true)
  })

  it("loses nothing of another attempt when one is cut short", async () => {
    const tail = new PartTail("one")
    tail.append(part(1))
    tail.take()
    tail.append(part(2))
    tail.append(part(1, 2))
    const settled = tail.settled
    tail.cut()
    tail.arrived()
    expect(tail.unwritten).toEqual([part(1, 2)])
    expect(await isOver(settled)).toBe(false)
    tail.take()
    tail.arrived()
    expect(await isOver(settled)).toBe(true)
    expect(await isOver(tail.settled)).toBe(true)
  })
})
