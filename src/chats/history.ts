import { Context, Effect, Layer } from "effect"
import { editMessage, MessageGone } from "../actors/chat/commands/edit-message.ts"
import type { EditMessageRequest } from "../contract/chats.ts"
import type { ChatId, MessageId } from "../contract/ids.ts"
import type { Caller } from "../identity/policy.ts"
import { ModelCatalog } from "../models/catalog.ts"
import { chosenModel } from "./chosen-model.ts"
import { CommandRunner } from "./command-runner.ts"
import type { Idempotency } from "./idempotency.ts"
import { inputParts, noMcpServers } from "./input-parts.ts"

const make = Effect.gen(function* () {
  const { run } = yield* CommandRunner
  const models = yield* ModelCatalog

  const edit = Effect.fn("ChatHistory.edit")(function* (
    caller: Caller,
    chatId: ChatId,
    messageId: MessageId,
    request: EditMessageRequest,
    idempotency?: Idempotency,
  ) {
    const row = yield* run(editMessage, { caller, chatId, idempotency }, () =>
      Effect.gen(function* () {
        const content = yield* inputParts(request.content)
        yield* noMcpServers(request.mcp_server_ids)
        return { messageId, content, modelConfigId: yield* chosenModel(models, request.model_config_id, caller.userId) }
      }),
    )
    return row ?? (yield* new MessageGone({ messageId }))
  })

  return { edit }
})

export class ChatHistory extends Context.Tag("troupe/ChatHistory")<ChatHistory, Effect.Effect.Success<typeof make>>() {
  static readonly layer = Layer.effect(ChatHistory, make)
}
