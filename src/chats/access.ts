import { Context, Effect, Layer, Option } from "effect"
import type { ChatId } from "../contract/ids.ts"
import { ChatHost } from "../actors/host/chat-host.ts"
import { type Denial, permit } from "../actors/chat/commands/permission.ts"
import { ChatHidden } from "../actors/chat/commands/refusals.ts"
import { type ChatFacts, ChatReads } from "../db/chats/reads.ts"
import type { ChatDetailRow } from "../db/chats/shown-chats.ts"
import { type Caller, type ChatAction, chatAccess } from "../identity/policy.ts"
import { Settings } from "../settings.ts"

/** May the caller do this to the chat? A chat that does not exist is answered as one that he may not see. */

const make = Effect.gen(function* () {
  const host = yield* ChatHost
  const reads = yield* ChatReads
  const { access } = yield* Settings

  const isPermitted = (caller: Caller, action: ChatAction, row: ChatFacts): boolean =>
    chatAccess(caller, action, { ownerId: row.owner_id, organizationId: row.organization_id }) === "allowed"

  /**
   * As the database says now, with who was let in: an actor does not know it. The same one statement for a chat that is not there and
   * for one that the caller may not see.
   */
  const asStored = Effect.fnUntraced(function* <Asked extends ChatAction>(
    caller: Caller,
    chatId: ChatId,
    action: Asked,
  ) {
    const row = Option.getOrUndefined(yield* reads.facts(chatId).pipe(Effect.orDie))
    if (row === undefined) return yield* Effect.fail<Denial<Asked>>(new ChatHidden({ chatId }))
    const acl = { users: row.user_acl, groups: row.group_acl }
    yield* permit(caller, action, { ...row, ...(access.chatSharing && { acl }) })
    return row
  })

  const load = Effect.fnUntraced(function* <Asked extends ChatAction>(caller: Caller, chatId: ChatId, action: Asked) {
    const row = Option.getOrUndefined(yield* reads.get(chatId).pipe(Effect.orDie))
    if (row !== undefined && isPermitted(caller, action, row)) return row
    yield* asStored(caller, chatId, action)
    return yield* row === undefined ? Effect.fail<Denial<Asked>>(new ChatHidden({ chatId })) : Effect.succeed(row)
  })

  const check = Effect.fnUntraced(function* <Asked extends ChatAction>(caller: Caller, chatId: ChatId, action: Asked) {
    const known: ChatFacts | undefined = host.facts(chatId)
    if (known !== undefined && isPermitted(caller, action, known)) return known
    return yield* asStored(caller, chatId, action)
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
