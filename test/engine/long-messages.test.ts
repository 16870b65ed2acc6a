import { Effect } from "effect"
import { expect, it } from "vitest"
import { followChat } from "../../src/actors/streams/chat-reader.ts"
import { messageToWire } from "../../src/actors/streams/chat-wire.ts"
import { EVENT_BYTES } from "../../src/actors/streams/event-size.ts"
import type { ChatStreamEvent } from "../../src/contract/stream.ts"
import { type MessagePage, PAGE_BYTES } from "../../src/db/chats/message-reads.ts"
import { ChatReads } from "../../src/db/chats/reads.ts"
import { useInertChats } from "../support/inert-chats.ts"

/** Messages that are long, alone or together: pages, frames and events have a length that every reader can take. */

const chats = useInertChats()
const MIB = 1024 * 1024

/** A chat with messages of such lengths after its first, and their ids. */
const chatOf = async (lengths: ReadonlyArray<number>) => {
  const { row } = await chats.create()
  const ids: Array<number> = []
  for (const length of lengths) {
    const content = JSON.stringify([{ type: "text", text: "x".repeat(length) }])
    const [inserted] = await chats.query<{ readonly id: number }>(
      (sql) => sql`insert into chat_messages (chat_id, created_version, role, content)
        values (${row.id}, 1, 'assistant', ${content}::jsonb) returning id`,
    )
    ids.push(inserted?.id ?? 0)
  }
  return { chatId: row.id, ids }
}

const pageOf = async (chatId: string, page: MessagePage) => {
  const { rows, hasMore } = await chats.run(Effect.flatMap(ChatReads, (reads) => reads.messages(chatId, page)))
  const bytes = Buffer.byteLength(JSON.stringify(rows.map(messageToWire)))
  return { ids: rows.map(({ id }) => id), hasMore, bytes }
}

it("a page ends before it is longer than 4 MiB, and goes on where it ended, in both directions", async () => {
  const { chatId, ids } = await chatOf([MIB, 2 * MIB, 2 * MIB, 5 * MIB, 100])
  const [one = 0, two = 0, three = 0, four = 0, five = 0] = ids
  const newest = await pageOf(chatId, { limit: 50 })
  expect(newest).toMatchObject({ ids: [five], hasMore: true })
  // One that is longer alone is a page of its own.
  expect(await pageOf(chatId, { limit: 50, beforeId: five })).toMatchObject({ ids: [four], hasMore: true })
  const third = await pageOf(chatId, { limit: 50, beforeId: four })
  expect(third).toMatchObject({ ids: [three], hasMore: true })
  const last = await pageOf(chatId, { limit: 50, beforeId: three })
  expect([last.ids.slice(0, 2), last.hasMore]).toEqual([[two, one], false])
  expect([newest, third, last].filter(({ bytes }) => bytes > PAGE_BYTES)).toEqual([])
  expect(await pageOf(chatId, { limit: 50, afterId: one })).toMatchObject({ ids: [two], hasMore: true })
  expect(await pageOf(chatId, { limit: 1, afterId: four })).toMatchObject({ ids: [five], hasMore: false })
})

it("a first snapshot comes in frames that are not too long, with a text that no reader could take cut where it says so", async () => {
  const half = MIB / 2
  const { chatId, ids } = await chatOf([half, half, 2 * MIB, 5 * MIB, ...Array.from({ length: 300 }, () => 10)])
  const frames: Array<string> = []
  const whole = new Promise<void>((resolve) => {
    const sink = {
      inspects: false,
      bufferedBytes: () => 0,
      onDrain: () => undefined,
      write: (_: unknown, frame: string) => {
        frames.push(frame)
        if (frame.includes('"preview_reset"')) resolve()
      },
    }
    chats.fork(followChat(chatId, { type: "snapshot", afterId: 0 }, sink))
  })
  await whole
  const events = frames.map((frame) => JSON.parse(frame) as ReadonlyArray<ChatStreamEvent>)
  const tooLong = frames.filter((frame, index) => {
    const limit = (events[index]?.length ?? 0) === 1 ? EVENT_BYTES + 2 : MIB
    return Buffer.byteLength(frame) > limit
  })
  expect(tooLong.map((frame) => frame.length)).toEqual([])
  const messages = events.flat().flatMap((event) => (event.type === "message" ? [event.message] : []))
  expect(messages.slice(1).map(({ id }) => id)).toEqual(ids)
  const texts = messages.map(({ content: [part] }) => (part?.type === "text" ? part.text : ""))
  expect(texts[3]).toHaveLength(2 * MIB)
  expect(texts[4]).toMatch(/^x+\n\[Cut here: \d+ of 5242880 characters\. GET .+\/messages has the whole\.\]$/)
})
