import { Context, Effect, Layer, Option } from "effect"
import type { ChatId } from "../contract/ids.ts"
import { ChatHost } from "../actors/host/chat-host.ts"
import { type Denial, permit } from "../actors/chat/commands/permission.ts"
import { ChatHidden } from "../actors/chat/commands/refusals.ts"
import { type ChatFacts, ChatReads } from "../db/chats/reads.ts"
import type { ChatDetailRow } from "../db/chats/shown-chats.ts"
import type { Caller, ChatAction } from "../identity/policy.ts"

/** May the caller do this to the chat? A chat that does not exist is answered as one that he may not see. */

const make = Effect.gen(function* () {
  const host = yield* ChatHost
  const reads = yield* ChatReads

  const judge = <Row extends ChatFacts, Asked extends ChatAction>(
    caller: Caller,
    chatId: ChatId,
    action: Asked,
    row: Row | undefined,
  ): Effect.Effect<Row, Denial<Asked>> =>
    row === undefined ? new ChatHidden({ chatId }) : Effect.as(permit(caller, action, row), row)

  const load = Effect.fnUntraced(function* <Asked extends ChatAction>(caller: Caller, chatId: ChatId, action: Asked) {
    const found = yield* reads.get(chatId).pipe(Effect.orDie)
    return yield* judge(caller, chatId, action, Option.getOrUndefined(found))
  })

  const check = Effect.fnUntraced(function* <Asked extends ChatAction>(caller: Caller, chatId: ChatId, action: Asked) {
    const known = host.facts(chatId) ?? Option.getOrUndefined(yield* reads.facts(chatId).pipe(Effect.orDie))
    return yield* judge(caller, chatId, action, known)
  })

  return { load, check }
})

export class ChatAccess extends Context.Tag("troupe/ChatAccess")<
  ChatAccess,
  {
    readonly load: <Asked extends ChatAction>(
      caller: Caller,
      chatId: ChatId,
      action: Asked,
    ) => Effect.Effect<ChatDetailRow, Denial<Asked>>
    /** The same judgement on what a command needs of the row. Costs no query where the chat has an actor in this process. */
    readonly check: <Asked extends ChatAction>(
      caller: Caller,
      chatId: ChatId,
      action: Asked,
    ) => Effect.Effect<ChatFacts, Denial<Asked>>
  }
>() {
  static readonly layer = Layer.effect(ChatAccess, make)
}
