import type { Message } from "../../../src/contract/chats.ts"
import type { Part } from "../../../src/contract/parts.ts"
import type { ChatStreamEvent } from "../../../src/contract/stream.ts"

const CHAT = "6f0d9a3e-0000-4000-8000-000000000001"
const TIME = "2026-06-01T10:00:00.123456Z"

type Payload = ChatStreamEvent extends infer E
  ? E extends ChatStreamEvent
    ? Omit<E, "chat_id" | "cursor">
    : never
  : never

/** What happens in a chat, as a test writes it down. */
export type Happening =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "reasoning"; readonly text: string }
  | { readonly kind: "call"; readonly pieces: ReadonlyArray<string> }
  | { readonly kind: "commit" }
  | { readonly kind: "user"; readonly text: string }
  | { readonly kind: "retry" }
  | { readonly kind: "fail" }
  | { readonly kind: "ask"; readonly calls: number }
  | { readonly kind: "decide" }
  | { readonly kind: "clientTool" }
  | { readonly kind: "edit"; readonly keep: number }
  | { readonly kind: "queue"; readonly texts: ReadonlyArray<string> }

interface Server {
  messages: Array<Message>
  parts: Array<Payload>
  queue: Payload
  status: Payload
  notice: Payload | undefined
}

/** For tests: a chat's stream as the contract says it, and what the server would send to a reader at any point of it. */
export class ScriptedChat {
  /** The whole stream, as a reader sees it who never lost the connection. */
  readonly events: Array<ChatStreamEvent> = []
  /** First snapshots for readers that come after as many events as the index says. */
  readonly #snapshots: Array<ReadonlyArray<Payload>> = []
  #historyVersion = 1
  #attempt = 1
  #nextId = 1
  #content: Array<Part> = []
  readonly #server: Server = {
    messages: [],
    parts: [],
    queue: { type: "queue_update", queued_messages: [] },
    status: { type: "status", status: { status: "waiting", activity: "waiting" } },
    notice: undefined,
  }

  constructor(happenings: ReadonlyArray<Happening>) {
    this.#keepSnapshot()
    this.#send(this.#server.status)
    for (const happening of happenings) this.#happen(happening)
  }

  /** What a reader without a cursor gets after `position` events. */
  snapshot(position: number): ReadonlyArray<ChatStreamEvent> {
    return (this.#snapshots[position] ?? []).map((payload) => this.#event(payload, position))
  }

  /** The rows from `fromId` and the current parts anew, for a reader whose position cannot be continued. */
  resets(position: number, fromId: number): ReadonlyArray<ChatStreamEvent> {
    const rest = this.snapshot(position).filter((event) => event.type !== "message" || event.message.id >= fromId)
    return [
      this.#event({ type: "history_reset", history_reset: { from_id: fromId } }, position),
      this.#event({ type: "preview_reset" }, position),
      ...rest,
    ]
  }

  #event(payload: Payload, position: number): ChatStreamEvent {
    return { ...payload, chat_id: CHAT, cursor: String(position) }
  }

  #keepSnapshot(): void {
    const { messages, queue, status, notice, parts } = this.#server
    const rows = messages.map((message): Payload => ({ type: "message", message }))
    this.#snapshots.push([...rows, queue, status, ...(notice === undefined ? [] : [notice]), ...parts])
  }

  #send(payload: Payload): void {
    this.events.push(this.#event(payload, this.events.length + 1))
    this.#keepSnapshot()
  }

  #part(part: Part): void {
    const seq = this.#server.parts.length + 1
    const payload: Payload = {
      type: "message_part",
      message_part: {
        role: "assistant",
        part,
        history_version: this.#historyVersion,
        generation_attempt: this.#attempt,
        seq,
      },
    }
    this.#server.parts.push(payload)
    this.#server.notice = undefined
    this.#send(payload)
  }

  #commit(role: Message["role"], content: ReadonlyArray<Part>): void {
    const message: Message = { id: this.#nextId++, chat_id: CHAT, created_at: TIME, role, content }
    this.#server.messages.push(message)
    if (role !== "user") {
      this.#historyVersion += 1
      this.#attempt = 1
      this.#server.parts = []
    }
    this.#send({ type: "message", message })
  }

  #status(status: Payload & { readonly type: "status" }): void {
    this.#server.status = status
    this.#server.notice = undefined
    this.#send(status)
  }

  #waitFor(leaf: "approval" | "client_tools"): void {
    const activity = `requires_action.${leaf}`
    if (this.#server.status.type === "status" && this.#server.status.status.activity === activity) return
    this.#status({ type: "status", status: { status: "requires_action", activity } })
  }

  #require(calls: ReadonlyArray<string>): void {
    const approvals = calls.map((tool_call_id) => ({
      id: CHAT,
      tool_call_id,
      tool_name: "execute",
      args: "{}",
      reason: "The tool policy of this chat asks.",
    }))
    this.#server.notice = { type: "approval_required", approval_required: { approvals } }
    this.#send(this.#server.notice)
  }

  #resetPreview(): void {
    this.#server.parts = []
    this.#content = []
    this.#send({ type: "preview_reset" })
  }

  #run(): void {
    if (this.#server.status.type === "status" && this.#server.status.status.activity === "running.generating") return
    this.#status({ type: "status", status: { status: "running", activity: "running.generating" } })
  }

  #happen(happening: Happening): void {
    switch (happening.kind) {
      case "text":
      case "reasoning": {
        this.#run()
        const part: Part = { type: happening.kind, text: happening.text }
        this.#content.push(part)
        return this.#part(part)
      }
      case "call": {
        this.#run()
        const call = { type: "tool-call", tool_call_id: `call-${this.events.length}`, tool_name: "execute" } as const
        for (const args_delta of happening.pieces) this.#part({ ...call, args_delta })
        const whole: Part = { ...call, args: { text: happening.pieces.join("") } }
        this.#content.push(whole)
        return this.#part(whole)
      }
      case "commit": {
        const content = this.#content
        this.#content = []
        if (content.length === 0) return
        this.#commit("assistant", content)
        for (const part of content) {
          if (part.type !== "tool-call") continue
          const { tool_call_id, tool_name } = part
          this.#commit("tool", [{ type: "tool-result", tool_call_id, tool_name, result: { output: "done" } }])
        }
        return
      }
      case "user":
        return this.#commit("user", [{ type: "text", text: happening.text }])
      case "retry": {
        this.#run()
        this.#resetPreview()
        this.#attempt += 1
        this.#status({ type: "status", status: { status: "running", activity: "running.backing_off" } })
        this.#server.notice = {
          type: "retry",
          retry: { attempt: this.#attempt - 1, delay_ms: 1000, error: "Overloaded.", retrying_at: TIME },
        }
        return this.#send(this.#server.notice)
      }
      case "fail": {
        this.#run()
        this.#resetPreview()
        this.#historyVersion += 1
        this.#status({ type: "status", status: { status: "error", activity: "error" } })
        this.#server.notice = { type: "error", error: { message: "No.", retryable: false } }
        return this.#send(this.#server.notice)
      }
      case "ask":
        this.#waitFor("approval")
        return this.#require(Array.from({ length: happening.calls }, (_, index) => `asked-${index}`))
      case "decide": {
        if (this.#server.notice?.type !== "approval_required") return
        const left = this.#server.notice.approval_required.approvals.slice(1)
        if (left.length === 0) return this.#run()
        return this.#require(left.map(({ tool_call_id }) => tool_call_id))
      }
      case "clientTool":
        this.#waitFor("client_tools")
        this.#server.notice = {
          type: "action_required",
          action_required: { tool_calls: [{ tool_call_id: "theirs", tool_name: "ask_program", args: "{}" }] },
        }
        return this.#send(this.#server.notice)
      case "edit": {
        const from = this.#server.messages[happening.keep % (this.#server.messages.length + 1)]?.id ?? this.#nextId
        this.#server.messages = this.#server.messages.filter(({ id }) => id < from)
        this.#send({ type: "history_reset", history_reset: { from_id: from } })
        this.#historyVersion += 1
        this.#attempt = 1
        return this.#resetPreview()
      }
      case "queue": {
        const queued_messages = happening.texts.map((text, index) => ({
          id: index + 1,
          chat_id: CHAT,
          content: [{ type: "text" as const, text }],
          kind: "queue" as const,
          created_at: TIME,
        }))
        this.#server.queue = { type: "queue_update", queued_messages }
        return this.#send(this.#server.queue)
      }
      default:
        return happening satisfies never
    }
  }
}
