import { readFile, writeFile } from "node:fs/promises"
import path from "node:path"
import { expect } from "vitest"
import type { BusyBehavior, CreateChatRequest } from "../../src/contract/chats.ts"
import type { ChatReader } from "./chat-reader.ts"
import { type CallOptions, type Client, type Reply, textContent } from "./client.ts"
import { eventually } from "./eventually.ts"
import type { HeldOutcome } from "./held-writes.ts"
import { type Gate, openGate } from "./scripted-provider.ts"
import { isSaid, isToolResult } from "./scripted-provider/asked.ts"
import type { Item, RecordedRequest, Step } from "./scripted-provider/script.ts"

/** A chat that a test brings to a certain place, where its server is killed, and its client before and after that. */

export interface Stage {
  readonly client: Client
  readonly organizationId: string
  /** One workspace for all chats: each uses files of its own. */
  readonly workspaceId: string
  /** The folder of the workspace. */
  readonly home: string
}

interface Request {
  readonly method: string
  readonly path: string
  readonly options: CallOptions
}

/** Fields of a reply that say what was done, without those that say how the chat is by now. */
const lasting = ({ status, body }: Reply): unknown => {
  if (typeof body !== "object" || body === null) return { status, body }
  const { id, queued, message, queued_message } = body as Record<string, unknown>
  return { status, id, queued, message, queued_message }
}

const expectSame = (title: string, first: Reply, second: Reply) => {
  expect([title, first.status < 300, lasting(second)]).toEqual([title, true, lasting(first)])
}

export class StagedChat {
  readonly title: string
  readonly stage: Stage
  /** What becomes of the write that is held; undefined where none is. */
  readonly outcome: HeldOutcome | undefined
  /** Holds the model's reply where the script says so. */
  readonly gate: Gate = openGate()
  id = ""
  #requests = 0
  #unanswered: Request | undefined
  #hungUp: Promise<boolean> | undefined
  #before: ChatReader | undefined
  #after: ChatReader | undefined

  constructor(stage: Stage, title: string, outcome: HeldOutcome | undefined) {
    this.stage = stage
    this.title = title
    this.outcome = outcome
  }

  /** The reader that was there when the server was killed. */
  get before(): ChatReader {
    if (this.#before === undefined) throw new Error(`Nobody reads ${this.title}`)
    return this.#before
  }

  /** The reader that went on from where that one was. */
  get after(): ChatReader {
    if (this.#after === undefined) throw new Error(`Nobody reads ${this.title} again`)
    return this.#after
  }

  get readers(): ReadonlyArray<ChatReader> {
    return [this.#before, this.#after].flatMap((reader) => reader ?? [])
  }

  // What the model says.

  /** The reply to a user's message, each time it is asked for. */
  to(text: string, ...items: ReadonlyArray<Item>): Step {
    return { when: isSaid(text), items, repeat: true }
  }

  /** `Re: ...` to each of these messages. */
  echoes(...texts: ReadonlyArray<string>): ReadonlyArray<Step> {
    return texts.map((text) => this.to(text, { text: `Re: ${text}` }))
  }

  /** A reply of two halves with the gate between. */
  halves(): Step {
    return this.to(this.title, { text: "Half " }, { gate: this.gate.wait }, { text: "done" })
  }

  /** The reply to the results of tools. */
  afterTool(): Step {
    const isIt = (request: RecordedRequest) => isToolResult(request) && this.isAsked(request)
    return { when: isIt, items: [{ text: "It is done." }], repeat: true }
  }

  /** Whether a request is about this chat: its messages begin with its title. */
  isAsked(request: RecordedRequest): boolean {
    const body = JSON.stringify(request.body)
    return body.includes(`"${this.title}"`) || body.includes(`"${this.title} `)
  }

  // What the client does.

  #request(method: string, target: string, body?: unknown): Request {
    this.#requests += 1
    const headers = { "idempotency-key": `${this.title}, request ${this.#requests}` }
    return { method, path: target, options: { ...(body === undefined ? {} : { body }), headers } }
  }

  #call({ method, path: target, options }: Request): Promise<Reply> {
    return this.stage.client.call(method, target, options)
  }

  async ask(method: string, target: string, body?: unknown): Promise<Reply> {
    const reply = await this.#call(this.#request(method, target, body))
    if (reply.status >= 300) throw new Error(`${this.title}: ${reply.status} ${JSON.stringify(reply.body)}`)
    return reply
  }

  /** Sends a request that the server will not live to answer. */
  askInVain(method: string, target: string, body?: unknown): void {
    this.#unanswered = this.#request(method, target, body)
    this.#hungUp = this.#call(this.#unanswered).then(
      () => false,
      () => true,
    )
  }

  /** Whether the request was cut off, as it should be; true where there was none. */
  get hungUp(): Promise<boolean> {
    return this.#hungUp ?? Promise.resolve(true)
  }

  /** Sends the request that got no answer again, and once more: the two answers are the same. */
  async askAgain(): Promise<Reply> {
    const request = this.#unanswered
    if (request === undefined) throw new Error(`${this.title} has asked nothing in vain`)
    const first = await this.#call(request)
    const second = await this.#call(request)
    expectSame(this.title, first, second)
    return first
  }

  creation(more: Partial<CreateChatRequest> = {}): Partial<CreateChatRequest> {
    return { organization_id: this.stage.organizationId, content: textContent(this.title), ...more }
  }

  /** Creates the chat, with the title as its first message, and reads it. */
  async create(more: Partial<CreateChatRequest> = {}): Promise<void> {
    const { body } = await this.ask("POST", "/chats", this.creation(more))
    this.id = String((body as { readonly id: unknown }).id)
    this.#before = await this.stage.client.stream(this.id)
  }

  /** Creates it and waits for the first words of the model. */
  async createHalf(): Promise<void> {
    await this.create()
    await this.showsHalf()
  }

  async showsHalf(): Promise<void> {
    await (this.#after ?? this.before).until((seen) => seen.text === "Half ")
  }

  /** The body of a message. */
  message(text: string, busy: BusyBehavior = "queue") {
    return { content: textContent(text), busy_behavior: busy }
  }

  get messages(): string {
    return `/chats/${this.id}/messages`
  }

  /** Waits until the chat is there. */
  async is(activity: string): Promise<void> {
    // A reader that went on from a cursor is told of changes only.
    if (this.#after === undefined) return this.before.until((seen) => seen.activity === activity)
    await eventually(async () => (await this.stage.client.chat(this.id)).activity, activity)
  }

  /** Reads on from where the reader before the kill was. */
  async readOn(): Promise<void> {
    // One that opened the chat in the middle of its first commits may have seen nothing at all.
    const cursor = this.#before?.cursor ?? ""
    this.#after = await this.stage.client.stream(this.id, cursor === "" ? {} : { cursor })
  }

  // Files of this chat in the workspace.

  file(name: string): string {
    return path.join(this.stage.home, `${this.title.replaceAll(/\W+/g, "-")}.${name}`)
  }

  read(name: string): Promise<string> {
    return readFile(this.file(name), "utf8").catch(() => "")
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(this.file(name), text)
  }

  /** A command that writes down that it runs. */
  command(rest = ""): Item {
    const command = `echo run >> '${this.file("runs")}'${rest}`
    return { calls: [{ tool: "execute", args: { command, timeout: "60s" } }] }
  }

  /** The same, until the test writes the file `go`. */
  longCommand(): Item {
    return this.command(`; while [ ! -e '${this.file("go")}' ]; do sleep 0.05; done; echo went`)
  }

  async runs(): Promise<void> {
    await eventually(() => this.read("runs"), "run\n")
  }
}
