import { Context, Data, Effect, Layer } from "effect"
import type { EditMessageRequest } from "../contract/chats.ts"
import { ChatReads } from "../db/chat-reads.ts"
import type { MessageRow } from "../db/chat-rows.ts"
import type { Actor } from "../identity/policy.ts"
import { ModelCatalog } from "../providers/model-access.ts"
import { ChatAccess, type Idempotency, receiptFor } from "./chat-access.ts"
import { ChatHost } from "./chat-host.ts"
import { inputParts, InvalidInput } from "./input-parts.ts"

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

  /** Replaces a message by a new one; it and all later ones are gone, the queue is empty, and a turn begins. */
  const edit = Effect.fn("ChatHistory.edit")(function* (
    actor: Actor,
    chatId: string,
    messageId: number,
    request: EditMessageRequest,
    idempotency?: Idempotency,
  ) {
    yield* access.check(actor, chatId, "converse")
    const content = yield* inputParts(request.content)
    const receipt = receiptFor(actor, idempotency)
    const chosen =
      request.model_config_id === undefined ? undefined : yield* models.resolve(request.model_config_id, actor.userId)
    return yield* host
      .send(chatId, {
        event: (state) =>
          Effect.gen(function* () {
            yield* access.notRepeated(receipt)
            const row = yield* editable(chatId, messageId)
            const modelConfigId = chosen?.modelConfigId ?? row.model_config_id ?? state.row.last_model_config_id
            return {
              type: "EditMessage",
              messageId,
              input: { content, modelConfigId, createdBy: actor.userId },
            } as const
          }),
        actorUserId: actor.userId,
        receipt,
      })
      .pipe(
        Effect.map((result): MessageRow | undefined => result.inserted.at(-1)),
        Effect.catchTag("Repeated", ({ receipt: { result } }) =>
          reads.messagesById(chatId, result.message_ids ?? []).pipe(
            Effect.orDie,
            Effect.map((rows) => rows.at(-1)),
          ),
        ),
        Effect.flatMap((row) => (row === undefined ? new MessageGone({ messageId }) : Effect.succeed(row))),
      )
  })

  return { edit }
})

export class ChatHistory extends Context.Tag("troupe/ChatHistory")<ChatHistory, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(ChatHistory, make)
}
