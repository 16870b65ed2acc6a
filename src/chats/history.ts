import { Context, Data, Effect, Layer } from "effect"
import type { EditMessageRequest } from "../contract/chats.ts"
import type { CommandReceipt } from "../db/chats/store/receipt.ts"
import type { LoadedChat } from "../db/chats/store/loaded-chat.ts"
import { ChatReads } from "../db/chats/reads.ts"
import type { MessageRow } from "../db/chats/rows.ts"
import type { Actor } from "../identity/policy.ts"
import type { ChatMachineEvent } from "../machines/chat-events.ts"
import { liveModels } from "../providers/live-models.ts"
import { ModelCatalog } from "../providers/model-access.ts"
import { ChatAccess, type Idempotency, receiptFor } from "./access.ts"
import { ChatHost } from "../actors/host/chat-host.ts"
import { archivedRefusal } from "../actors/chat/commands.ts"
import { inputParts, InvalidInput, noMcpServers } from "./input-parts.ts"

/** The message is not in the chat, or not any more. */
export class MessageGone extends Data.TaggedError("MessageGone")<{ readonly messageId: number }> {}

const make = Effect.gen(function* () {
  const host = yield* ChatHost
  const access = yield* ChatAccess
  const reads = yield* ChatReads
  const models = yield* ModelCatalog

  const editable = (chatId: string, messageId: number) =>
    Effect.gen(function* () {
      const [row] = yield* reads.messagesById(chatId, [messageId]).pipe(Effect.orDie)
      if (row === undefined || row.removed_version !== null || row.visibility === "model") {
        return yield* new MessageGone({ messageId })
      }
      if (row.role !== "user") {
        return yield* new InvalidInput({
          field: "message",
          message: "must be one of your own: only those can be edited",
        })
      }
      return row
    })

  /** The message's own model, where it still is one; else the chat's, and where that is gone too the default. */
  const modelOf = (row: MessageRow, chatModelId: string) =>
    Effect.map(models.snapshot, (now) => {
      const live = liveModels(now)
      if (row.model_config_id !== null && live.has(row.model_config_id)) return row.model_config_id
      return live.has(chatModelId) ? chatModelId : (live.standard ?? chatModelId)
    })

  const editOnce = Effect.fnUntraced(function* (
    actor: Actor,
    chatId: string,
    messageId: number,
    request: EditMessageRequest,
    receipt: CommandReceipt | null,
  ) {
    // First: what was carried out once is answered so, whatever has become of its model.
    yield* access.notRepeated(receipt)
    const content = yield* inputParts(request.content)
    yield* noMcpServers(request.mcp_server_ids)
    const chosen =
      request.model_config_id === undefined ? undefined : yield* models.resolve(request.model_config_id, actor.userId)
    const event = (state: LoadedChat) =>
      Effect.gen(function* () {
        yield* access.notRepeated(receipt)
        if (state.row.archived) return yield* archivedRefusal(state, "EditMessage")
        const row = yield* editable(chatId, messageId)
        const modelConfigId = chosen?.modelConfigId ?? (yield* modelOf(row, state.row.last_model_config_id))
        const edit: ChatMachineEvent = {
          type: "EditMessage",
          messageId,
          input: { content, modelConfigId, createdBy: actor.userId },
        }
        return edit
      })
    const result = yield* host.send(chatId, { event, actorUserId: actor.userId, receipt })
    return result.inserted.at(-1)
  })

  /** Replaces a message by a new one; it and all later ones are gone, the queue is empty, and a turn begins. */
  const edit = Effect.fn("ChatHistory.edit")(function* (
    actor: Actor,
    chatId: string,
    messageId: number,
    request: EditMessageRequest,
    idempotency?: Idempotency,
  ) {
    yield* access.check(actor, chatId, "converse")
    const row = yield* editOnce(actor, chatId, messageId, request, receiptFor(actor, idempotency)).pipe(
      Effect.catchTag("Repeated", ({ receipt: { result } }) =>
        reads.messagesById(chatId, result.message_ids ?? []).pipe(
          Effect.orDie,
          Effect.map((rows): MessageRow | undefined => rows.at(-1)),
        ),
      ),
    )
    return row ?? (yield* new MessageGone({ messageId }))
  })

  return { edit }
})

export class ChatHistory extends Context.Tag("troupe/ChatHistory")<ChatHistory, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(ChatHistory, make)
}
