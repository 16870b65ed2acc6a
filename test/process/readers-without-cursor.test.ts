import { once } from "node:events"
import { beforeAll, describe, expect, it } from "vitest"
import type { WebSocket } from "ws"
import type { ChatStreamEvent } from "../../src/contract/stream.ts"
import { webSocket } from "../support/chat-reader.ts"
import { Client, textContent } from "../support/client.ts"
import { eventually } from "../support/eventually.ts"
import { useServerProcess } from "../support/server-process.ts"

/** A client of the reference at a real server: it knows `after_id`, drops all at a reset, and holds its rows while it is away. */

const server = useServerProcess()
let client: Client

beforeAll(async () => {
  client = await Client.signIn(server.url)
})

class Screen {
  readonly messages = new Map<number, string>()
  queue: ReadonlyArray<number> = []
  status = ""
  #socket: WebSocket | undefined

  #apply(event: ChatStreamEvent): void {
    if (event.type === "history_reset") this.messages.clear()
    if (event.type === "message") this.messages.set(event.message.id, event.message.role)
    if (event.type === "queue_update") this.queue = event.queued_messages.map(({ id }) => id)
    if (event.type === "status") this.status = event.status.status
  }

  get ids(): ReadonlyArray<number> {
    return [...this.messages.keys()].toSorted((a, b) => a - b)
  }

  /** Connects and reads until `holds`. */
  async read(chatId: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const query = this.ids.length === 0 ? {} : { after_id: String(this.ids.at(-1)) }
    const socket = webSocket(client.streamUrl(chatId, { query }), client.authorization)
    this.#socket = socket
    socket.on("message", (data) => {
      for (const event of JSON.parse(String(data)) as ReadonlyArray<ChatStreamEvent>) this.#apply(event)
    })
    await once(socket, "open")
    await this.until(holds)
  }

  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    await eventually(holds, true)
  }

  async leave(): Promise<void> {
    this.#socket?.close()
    if (this.#socket !== undefined) await once(this.#socket, "close")
  }
}

const stored = async (chatId: string) => {
  const { messages, queued_messages } = await client.messages(chatId)
  return { ids: messages.map(({ id }) => id).toReversed(), queue: queued_messages.map(({ id }) => id) }
}

/** A chat of three turns that are over, and its screen. */
const threeTurns = async () => {
  const { id } = await client.createChat("one")
  const screen = new Screen()
  await screen.read(id, () => screen.messages.size === 2 && screen.status === "waiting")
  for (const [index, words] of ["two", "three"].entries()) {
    await client.send(id, words)
    await screen.until(() => screen.messages.size === 4 + 2 * index && screen.status === "waiting")
  }
  return { chatId: id, screen }
}

const edit = (chatId: string, messageId: number, words: string) =>
  client.call("PATCH", `/chats/${chatId}/messages/${messageId}`, { body: { content: textContent(words) } })

const isOver = async (chatId: string) => (await client.chat(chatId)).status === "waiting"

describe("a reader that knows only after_id", () => {
  it("keeps what is before a message that is edited", async () => {
    const { chatId, screen } = await threeTurns()
    const [first = 0, second = 0, third = 0] = screen.ids
    await edit(chatId, third, "two, edited")
    await screen.until(async () => screen.messages.size >= 2 && !screen.messages.has(third) && (await isOver(chatId)))
    await screen.until(() => screen.status === "waiting")
    const { ids } = await stored(chatId)
    expect(ids.slice(0, 2)).toEqual([first, second])
    await eventually(() => screen.ids, ids)
    await screen.leave()
  })

  it("loses what was removed while it was away", async () => {
    const { chatId, screen } = await threeTurns()
    await screen.leave()
    await edit(chatId, screen.ids[2] ?? 0, "two, edited")
    await eventually(() => isOver(chatId), true)
    const { ids } = await stored(chatId)
    await screen.read(chatId, () => screen.messages.has(ids.at(-1) ?? 0))
    expect(screen.ids).toEqual(ids)
    await screen.leave()
  })

  it("loses a queued message that was taken from the queue while it was away", async () => {
    const { chatId, screen } = await threeTurns()
    // Slow enough to be queued behind.
    await client.send(chatId, "/run sleep 2")
    await screen.until(() => screen.status === "running")
    const { queued_message } = await client.send(chatId, "behind it")
    await screen.until(() => screen.queue.length === 1)
    await screen.leave()
    const dropped = await client.call("DELETE", `/chats/${chatId}/queue/${queued_message?.id ?? 0}`)
    expect(dropped.status).toBe(204)
    await screen.read(chatId, () => screen.queue.length === 0)
    expect(screen.queue).toEqual((await stored(chatId)).queue)
    await screen.leave()
  })
})
