import { setTimeout as pause } from "node:timers/promises"
import path from "node:path"
import type { CreateChatRequest } from "../../src/contract/chats.ts"
import { ChatReader } from "./chat-reader.ts"
import { type CallOptions, type Client, type Reply, textContent } from "./client.ts"
import type { ScriptedProvider } from "./scripted-provider.ts"
import { isSaid } from "./scripted-provider/asked.ts"
import type { Item } from "./scripted-provider/script.ts"

/** A client that keeps a chat busy and takes no failure of the server for an answer. */

/** What the chat is busy with: one message at a time, a queue, tools, or turns that are stopped. */
export const HABITS = ["talks", "queues", "uses tools", "interrupts"] as const
export type Habit = (typeof HABITS)[number]

/** Long enough to mean "it will not come". */
const PATIENCE_MS = 30_000
const AGAIN_MS = 50

const WORDS: ReadonlyArray<Item> = Array.from({ length: 12 }, (_, index) => [
  { text: `word ${index} ` },
  { pauseMs: 15 },
]).flat()

export class BusyChat {
  readonly name: string
  readonly habit: Habit
  /** Texts that the server has taken, in order. */
  readonly said: Array<string> = []
  id = ""
  #requests = 0
  #over = false
  #following: Promise<void> = Promise.resolve()
  readonly #sessions: Array<ChatReader> = []
  readonly #client: Client
  readonly #provider: ScriptedProvider
  readonly #home: string

  constructor(client: Client, provider: ScriptedProvider, options: { name: string; habit: Habit; home: string }) {
    this.#client = client
    this.#provider = provider
    this.name = options.name
    this.habit = options.habit
    this.#home = options.home
  }

  /** Repeats a request, with its key, until the server has decided about it. */
  async #insist(method: string, target: string, body?: unknown): Promise<Reply> {
    this.#requests += 1
    const options: CallOptions = {
      ...(body === undefined ? {} : { body }),
      headers: { "idempotency-key": `${this.name}, request ${this.#requests}` },
    }
    const until = performance.now() + PATIENCE_MS
    for (;;) {
      const reply = await this.#client.call(method, target, options).catch(() => undefined)
      if (reply !== undefined && reply.status < 500) return reply
      if (performance.now() > until) {
        throw new Error(`${this.name}: ${method} ${target}: ${reply?.status} ${JSON.stringify(reply?.body)}`)
      }
      await pause(AGAIN_MS)
    }
  }

  async #take(method: string, target: string, body: unknown): Promise<unknown> {
    const reply = await this.#insist(method, target, body)
    if (reply.status >= 300) throw new Error(`${this.name}: ${reply.status} ${JSON.stringify(reply.body)}`)
    return reply.body
  }

  /** Where the commands of this chat write down that they ran. */
  get log(): string {
    return path.join(this.#home, `${this.name.replaceAll(/\W+/g, "-")}.runs`)
  }

  #nextText(): string {
    const text = `${this.name}, message ${this.said.length + 1}`
    const command = `echo '${text}' >> '${this.log}'`
    const items: ReadonlyArray<Item> =
      this.habit === "uses tools" ? [{ calls: [{ tool: "execute", args: { command, timeout: "60s" } }] }] : WORDS
    this.#provider.script({ when: isSaid(text), items, repeat: true })
    return text
  }

  async begin(more: Partial<CreateChatRequest>): Promise<void> {
    const text = this.#nextText()
    const body = await this.#take("POST", "/chats", { ...more, content: textContent(text) })
    this.id = String((body as { readonly id: unknown }).id)
    this.said.push(text)
    this.#following = this.#follow()
  }

  async say(): Promise<void> {
    const text = this.#nextText()
    await this.#take("POST", `/chats/${this.id}/messages`, { content: textContent(text) })
    this.said.push(text)
  }

  /** Waits for one of these states: `activity` as the API has it. */
  async #until(...activities: ReadonlyArray<string>): Promise<void> {
    const until = performance.now() + PATIENCE_MS
    for (;;) {
      const { body } = await this.#insist("GET", `/chats/${this.id}`)
      const { activity } = body as { readonly activity: string }
      if (activities.includes(activity)) return
      if (performance.now() > until) throw new Error(`${this.name} stays in ${activity}`)
      await pause(AGAIN_MS)
    }
  }

  rests(): Promise<void> {
    return this.#until("waiting", "error")
  }

  /** Goes on by its habit until told that it is over, and then says one thing more. */
  async live(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await this.say()
      if (this.habit === "queues") await this.say()
      if (this.habit === "interrupts") {
        await this.#until("running.generating", "waiting", "error")
        await this.#insist("POST", `/chats/${this.id}/interrupt`)
      }
      await this.rests()
    }
    await this.say()
    await this.rests()
  }

  /** Reads the chat, and after each break goes on from its cursor. */
  async #follow(): Promise<void> {
    let cursor = ""
    while (!this.#over) {
      const session = await this.#client.stream(this.id, cursor === "" ? {} : { cursor }).catch(() => undefined)
      if (session === undefined) {
        await pause(AGAIN_MS)
        continue
      }
      this.#sessions.push(session)
      await session.closed
      cursor = session.cursor === "" ? cursor : session.cursor
    }
  }

  /** What the reader saw, over all breaks, as one screen, once it has come as far as `isThere` says. */
  async screen(isThere: (cursor: string) => boolean): Promise<ChatReader> {
    const all = () => this.#sessions.flatMap(({ events }) => events)
    const last = this.#sessions.at(-1)
    if (!isThere(all().at(-1)?.cursor ?? "")) await last?.until(() => isThere(all().at(-1)?.cursor ?? ""))
    const screen = new ChatReader(() => undefined, Promise.resolve({ code: 0, reason: "" }))
    for (const event of all()) screen.take(event)
    return screen
  }

  async end(): Promise<void> {
    this.#over = true
    await this.#sessions.at(-1)?.close()
    await this.#following
  }
}
