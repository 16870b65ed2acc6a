import { Context, Data, Effect, Layer, Option } from "effect"
import { createHash, randomUUID } from "node:crypto"
import type { CreateChatRequest, SendMessageRequest } from "../contract/chats.ts"
import type { CommandReceipt } from "../db/chat-commit.ts"
import { ChatReads, type ChatListRow } from "../db/chat-reads.ts"
import type { MessageRow, QueuedRow } from "../db/chat-rows.ts"
import { Receipts, type ReceiptRow } from "../db/receipts.ts"
import { type Actor, can, chatAccess } from "../identity/policy.ts"
import type { ChatMachineEvent, NewMessage } from "../machines/chat-events.ts"
import { CHAT_MACHINE_VERSION, initialContext } from "../machines/chat-setup.ts"
import { activityOf, decide, unborn } from "../machines/chat-state.ts"
import { ModelCatalog, type ModelNotUsable } from "../providers/model-access.ts"
import { systemMessages } from "../turn/system-prompt.ts"
import { fallbackTitle } from "../turn/title.ts"
import { ChatFeed } from "./chat-feed.ts"
import { ChatHost } from "./chat-host.ts"
import type { CommandError } from "./commands.ts"
import { inputParts, InvalidInput } from "./input-parts.ts"

/** What people and programs do with chats: who may, what it means, and the command that it becomes. */

/** The chat does not exist or the caller may not see it; the answer is the same. */
export class ChatHidden extends Data.TaggedError("ChatHidden")<{ readonly chatId: string }> {}

/** The caller sees the chat and may not do this to it. */
export class ChatForbidden extends Data.TaggedError("ChatForbidden")<{ readonly message: string }> {}

/** The Idempotency-Key was used for another request. */
export class KeyReused extends Data.TaggedError("KeyReused")<{ readonly key: string }> {}

export type ChatsError = ChatHidden | ChatForbidden | KeyReused | InvalidInput | ModelNotUsable | CommandError

/** Makes a repeat of a request find the first: `scope` is the method and path, `body` what was sent. */
export interface Idempotency {
  readonly key: string
  readonly scope: string
  readonly body: unknown
}

/** A command that a receipt says was carried out before. */
class Repeated extends Data.TaggedError("Repeated")<{ readonly receipt: ReceiptRow }> {}

export interface Sent {
  readonly message: MessageRow | undefined
  readonly queued: QueuedRow | undefined
}

const make = Effect.gen(function* () {
  const host = yield* ChatHost
  const reads = yield* ChatReads
  const receipts = yield* Receipts
  const models = yield* ModelCatalog
  const feed = yield* ChatFeed

  const load = Effect.fn("Chats.load")(function* (
    actor: Actor,
    chatId: string,
    action: "read" | "update" | "converse",
  ) {
    const found = yield* reads.get(chatId).pipe(Effect.orDie)
    if (Option.isNone(found)) return yield* new ChatHidden({ chatId })
    const row = found.value
    const access = chatAccess(actor, action, { ownerId: row.owner_id, organizationId: row.organization_id })
    if (access === "hidden") return yield* new ChatHidden({ chatId })
    if (access === "forbidden") {
      return yield* new ChatForbidden({
        message: "Only the owner of this chat may do this: it spends the owner's credit.",
      })
    }
    return row
  })

  const receiptFor = (actor: Actor, idempotency: Idempotency | undefined): CommandReceipt | null =>
    idempotency === undefined
      ? null
      : {
          userId: actor.userId,
          scope: idempotency.scope,
          key: idempotency.key,
          requestHash: createHash("sha256").update(JSON.stringify(idempotency.body)).digest("hex"),
        }

  /** Fails with what an earlier request of the same key left; used where the command is decided, so that there is no race. */
  const notRepeated = (receipt: CommandReceipt | null) =>
    Effect.gen(function* () {
      if (receipt === null) return
      const found = yield* receipts.find(receipt.userId, receipt.scope, receipt.key).pipe(Effect.orDie)
      if (Option.isNone(found)) return
      if (found.value.request_hash !== receipt.requestHash) return yield* new KeyReused({ key: receipt.key })
      return yield* new Repeated({ receipt: found.value })
    })

  const create = Effect.fn("Chats.create")(function* (
    actor: Actor,
    request: CreateChatRequest,
    idempotency?: Idempotency,
  ) {
    const place = { type: "chat", ownerId: actor.userId, organizationId: request.organization_id } as const
    if (!can(actor, "create", place)) {
      return yield* new ChatForbidden({
        message: "You may not create chats in this organization. Ask an administrator.",
      })
    }
    const content = yield* inputParts(request.content)
    const receipt = receiptFor(actor, idempotency)
    const repeated = yield* Effect.either(notRepeated(receipt))
    if (repeated._tag === "Left") {
      const error = repeated.left
      if (error._tag === "KeyReused") return yield* error
      return yield* load(actor, error.receipt.chat_id ?? "", "read")
    }
    const model = yield* models.resolve(request.model_config_id ?? null, actor.userId)
    const messages: ReadonlyArray<NewMessage> = [
      ...systemMessages({ callerPrompt: request.system_prompt, hasWorkspace: request.workspace_id !== undefined }),
      { role: "user", visibility: "both", content, modelConfigId: model.modelConfigId, createdBy: actor.userId },
    ]
    const born = decide(unborn(request.plan_mode === "plan" ? "plan" : "normal", initialContext), {
      type: "Create",
      messages,
    })
    if (born === undefined) return yield* Effect.dieMessage("the machine refused to create a chat")
    const { state } = yield* host.create({
      id: randomUUID(),
      ownerId: actor.userId,
      organizationId: request.organization_id,
      title: fallbackTitle(content),
      clientType: request.client_type ?? "api",
      modelConfigId: model.modelConfigId,
      planMode: request.plan_mode === "plan",
      labels: request.labels ?? {},
      mcpServerIds: request.mcp_server_ids ?? [],
      dynamicTools: request.unsafe_dynamic_tools ?? [],
      workspaceId: request.workspace_id ?? null,
      activity: activityOf(born.next.value),
      resume: born.next.context.resume,
      messages,
      journal: {
        event: "Create",
        detail: { model_config_id: model.modelConfigId },
        fromActivity: "none",
        actorUserId: actor.userId,
        startedAtUs: performance.now() * 1000,
      },
      machineVersion: CHAT_MACHINE_VERSION,
      receipt,
    })
    feed.publish({ kind: "created", chatId: state.row.id, ownerId: actor.userId })
    const row: ChatListRow = { ...state.row, owner_username: actor.username, owner_name: "", has_unread: false }
    return row
  })

  const send = Effect.fn("Chats.send")(function* (
    actor: Actor,
    chatId: string,
    request: SendMessageRequest,
    idempotency?: Idempotency,
  ) {
    const row = yield* load(actor, chatId, "converse")
    const content = yield* inputParts(request.content)
    const modelConfigId =
      request.model_config_id === undefined
        ? row.last_model_config_id
        : (yield* models.resolve(request.model_config_id, actor.userId)).modelConfigId
    const receipt = receiptFor(actor, idempotency)
    const event: ChatMachineEvent = {
      type: "SendMessage",
      busyBehavior: request.busy_behavior ?? "queue",
      input: { content, modelConfigId, createdBy: actor.userId },
    }
    return yield* host
      .send(chatId, {
        event: () => notRepeated(receipt).pipe(Effect.as(event)),
        actorUserId: actor.userId,
        receipt,
      })
      .pipe(
        Effect.map((result): Sent => ({
          // With a backlog after an error the new message waits and another one enters the history.
          message: result.queuedIds.length > 0 ? undefined : result.inserted.at(-1),
          queued: result.state.queue.find((queued) => result.queuedIds.includes(queued.id)),
        })),
        Effect.catchTag("Repeated", ({ receipt: { result } }) =>
          Effect.all([
            reads.messagesById(chatId, result.message_ids ?? []),
            reads.queuedById(chatId, result.queued_ids ?? []),
          ]).pipe(
            Effect.orDie,
            Effect.map(([messages, queued]): Sent => ({
              message: queued.length > 0 ? undefined : messages.at(-1),
              queued: queued.at(-1),
            })),
          ),
        ),
      )
  })

  const interrupt = Effect.fn("Chats.interrupt")(function* (actor: Actor, chatId: string, idempotency?: Idempotency) {
    const row = yield* load(actor, chatId, "update")
    if (row.archived) {
      return yield* new InvalidInput({
        field: "chat",
        message: "This chat is archived, so there is nothing to interrupt.",
      })
    }
    const receipt = receiptFor(actor, idempotency)
    yield* host
      .send(chatId, {
        event: () => notRepeated(receipt).pipe(Effect.as({ type: "Interrupt" } as const)),
        actorUserId: actor.userId,
        receipt,
      })
      .pipe(Effect.catchTag("Repeated", () => Effect.void))
    return yield* load(actor, chatId, "read")
  })

  return { load, create, send, interrupt }
})

export class Chats extends Context.Tag("troupe/Chats")<Chats, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(Chats, make)
}
