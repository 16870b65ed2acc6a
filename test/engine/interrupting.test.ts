import { describe, expect, it } from "vitest"
import type { ChatMachineEvent } from "../../src/machines/chat-events.ts"
import { useInertChats } from "../support/inert-chats.ts"
import { stored } from "../support/random-lives.ts"
import { refusal } from "../support/refusal.ts"

/** What may be done to a chat between the wish to stop it and its having stopped. */

const chats = useInertChats()

const input = (text: string) => ({
  content: [{ type: "text" as const, text }],
  modelConfigId: chats.modelConfigId,
  createdBy: chats.userId,
})
const send = (text: string, busyBehavior: "queue" | "interrupt" = "queue"): ChatMachineEvent => ({
  type: "SendMessage",
  busyBehavior,
  input: input(text),
})

/** A chat that is being stopped, with two messages in its queue. */
const stopping = async () => {
  const { row } = await chats.create()
  await chats.send(row.id, { type: "Admit", modelConfigId: chats.modelConfigId })
  await chats.send(row.id, send("one"))
  await chats.send(row.id, send("two"))
  return chats.bring(row.id, { type: "Interrupt" })
}

const texts = async (chatId: string) =>
  (await stored(chats, chatId)).messages.map(({ content: [part] }) => (part?.type === "text" ? part.text : part?.type))

describe("a chat that is being stopped", () => {
  it("cannot be stopped twice", async () => {
    const { row } = await stopping()
    expect(await refusal(chats.send(row.id, { type: "Interrupt" }))).toMatchObject({
      _tag: "CommandRefused",
      reason: "not_allowed",
      activity: "running.interrupting",
    })
  })

  it("only moves a message that is promoted, and begins with it", async () => {
    const { row, queue } = await stopping()
    const two = queue.at(-1)?.id ?? 0
    const promoted = await chats.bring(row.id, { type: "PromoteQueuedMessage", queuedMessageId: two, steer: false })
    expect([promoted.row.activity, promoted.queue[0]?.id]).toEqual(["running.interrupting", two])
    const partial = { role: "assistant", visibility: "both", content: [{ type: "text", text: "half" }] } as const
    const next = await chats.bring(row.id, { type: "FinishInterruption", messages: [partial] })
    expect(next.row.activity).toBe("pending")
    expect(await texts(row.id)).toEqual(["go", "half", "two"])
  })

  it("takes more messages behind those that wait, even one that interrupts", async () => {
    const { row } = await stopping()
    const more = await chats.bring(row.id, send("three", "interrupt"))
    expect([more.row.activity, more.queue.length]).toEqual(["running.interrupting", 3])
    await chats.send(row.id, { type: "FinishInterruption", messages: [] })
    expect(await texts(row.id)).toEqual(["go", "one"])
  })

  it("forgets all of it when a message is edited", async () => {
    const { row } = await stopping()
    const [first] = (await stored(chats, row.id)).messages
    const edited = await chats.bring(row.id, { type: "EditMessage", messageId: first?.id ?? 0, input: input("better") })
    expect([edited.row.activity, edited.queue]).toEqual(["pending", []])
    expect(await texts(row.id)).toEqual(["better"])
    // What the stopped turn would still have said comes too late.
    const late = chats.send(row.id, { type: "FinishInterruption", messages: [] })
    expect(await refusal(late)).toMatchObject({ _tag: "CommandRefused" })
  })
})
