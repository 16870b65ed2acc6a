import { Context, Effect, Layer, Option } from "effect"
import type { ChatId, OrganizationId, UserId } from "../contract/ids.ts"
import { ChatHost } from "../actors/host/chat-host.ts"
import { type Denial, permit } from "../actors/chat/commands/permission.ts"
import { ChatHidden } from "../actors/chat/commands/refusals.ts"
import { type ChatFacts, ChatReads } from "../db/chats/reads.ts"
import type { ChatDetailRow } from "../db/chats/shown-chats.ts"
import { Audit } from "../identity/audit/audit.ts"
import { type Caller, type ChatAction, chatAccess } from "../identity/policy.ts"
import { Settings } from "../settings.ts"

/** May the caller do this to the chat? A chat that does not exist is answered as one that he may not see. */

interface OwnedChat {
  readonly id: ChatId
  readonly owner_id: UserId
  readonly organization_id: OrganizationId
}

/** By the caller's roles, whoever was let in. */
const isPermitted = (caller: Caller, action: ChatAction, row: OwnedChat): boolean =>
  chatAccess(caller, action, { ownerId: row.owner_id, organizationId: row.organization_id }) === "allowed"

/**
 * How much of a chat somebody sees who may read it. `inspect` is all there is; `approve` is the chat as it stands, with what waits for
 * a decision; `read` is what the transcript shows.
 */
export type ChatView = Extract<ChatAction, "inspect" | "approve" | "read">

export const viewOf = (caller: Caller, row: OwnedChat): ChatView =>
  (["inspect", "approve"] as const).find((action) => isPermitted(caller, action, row)) ?? "read"

/** What shows a chat, and changes nothing of it. */
type Look = Extract<ChatAction, "inspect" | "read">

const make = Effect.gen(function* () {
  const host = yield* ChatHost
  const reads = yield* ChatReads
  const audit = yield* Audit
  const { access } = yield* Settings

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

  /** Whom his roles let look into a chat of somebody else leaves a trace; who was let in by its owner does not. */
  const noteLook = (caller: Caller, action: Look, row: OwnedChat) =>
    row.owner_id !== caller.userId && isPermitted(caller, action, row) ? audit.lookedInto(row) : Effect.void

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

  return {
    load,
    check,
    look: (caller: Caller, chatId: ChatId, action: Look) =>
      Effect.tap(check(caller, chatId, action), (row) => noteLook(caller, action, row)),
    lookWhole: (caller: Caller, chatId: ChatId) =>
      Effect.tap(load(caller, chatId, "inspect"), (row) => noteLook(caller, "inspect", row)),
  }
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
    /** The same for who is about to be shown what was said or done: an administrator's look into a chat of somebody else is recorded. */
    readonly look: (caller: Caller, chatId: ChatId, action: Look) => Effect.Effect<ChatFacts, ChatHidden>
    /** The same with the row, for what lies behind the transcript. */
    readonly lookWhole: (caller: Caller, chatId: ChatId) => Effect.Effect<ChatDetailRow, ChatHidden>
  }
>() {
  static readonly layer = Layer.effect(ChatAccess, make)
}
