import { Context, Effect, Layer, Option } from "effect"
import { ChatHost } from "../actors/host/chat-host.ts"
import { permit } from "../actors/chat/commands/permission.ts"
import { type ChatForbidden, ChatHidden } from "../actors/chat/commands/refusals.ts"
import type { ChatId } from "../contract/ids.ts"
import { type ChatFacts, type ChatListRow, ChatReads } from "../db/chats/reads.ts"
import type { Caller } from "../identity/policy.ts"

/** May the caller do this to the chat? A chat that does not exist is answered as one that he may not see. */

type ChatAction = Parameters<typeof permit>[1]

const make = Effect.gen(function* () {
  const host = yield* ChatHost
  const reads = yield* ChatReads

  const judge = <Row extends ChatFacts>(caller: Caller, chatId: ChatId, action: ChatAction, row: Row | undefined) =>
    row === undefined ? new ChatHidden({ chatId }) : Effect.as(permit(caller, action, row), row)

  const load = Effect.fnUntraced(function* (caller: Caller, chatId: ChatId, action: ChatAction) {
    const found = yield* reads.get(chatId).pipe(Effect.orDie)
    return yield* judge(caller, chatId, action, Option.getOrUndefined(found))
  })

  const check = Effect.fnUntraced(function* (caller: Caller, chatId: ChatId, action: ChatAction) {
    const known = host.facts(chatId) ?? Option.getOrUndefined(yield* reads.facts(chatId).pipe(Effect.orDie))
    return yield* judge(caller, chatId, action, known)
  })

  return { load, check }
})

export class ChatAccess extends Context.Tag("troupe/ChatAccess")<
  ChatAccess,
  {
    readonly load: (
      caller: Caller,
      chatId: ChatId,
      action: ChatAction,
    ) => Effect.Effect<ChatListRow, ChatHidden | ChatForbidden>
    /** The same judgement on what a command needs of the row. Costs no query where the chat has an actor in this process. */
    readonly check: (
      caller: Caller,
      chatId: ChatId,
      action: ChatAction,
    ) => Effect.Effect<ChatFacts, ChatHidden | ChatForbidden>
  }
>() {
  static readonly layer = Layer.effect(ChatAccess, make)
}
