import { Effect } from "effect"
import type { ChatId, OrganizationId, UserId } from "../../../contract/ids.ts"
import type { Acl } from "../../../identity/objects.ts"
import { type Caller, type ChatAction, chatAccess, type OwnersAction } from "../../../identity/policy.ts"
import { ChatForbidden, ChatHidden } from "./refusals.ts"

/** How an action on a chat is denied: only who would do what is the owner's learns that there is the chat. */
export type Denial<Asked extends ChatAction> =
  | ChatHidden
  | ([Extract<Asked, OwnersAction>] extends [never] ? never : ChatForbidden)

interface ChatToJudge {
  readonly id: ChatId
  readonly owner_id: UserId
  readonly organization_id: OrganizationId
  /** Who was let in to read. Left out where only the owner and administrators are asked about. */
  readonly acl?: Acl
}

const forbidden = (caller: Caller, action: ChatAction, chat: ChatToJudge): string => {
  const own = chat.owner_id === caller.userId
  if (action !== "approve") {
    return own
      ? "This API token has no scope for that. Use one with chat:*."
      : "Only the owner of this chat may do this: it spends the owner's credit."
  }
  return own
    ? "Whether a tool may run is decided in a session, or with an API token that has the scope approve."
    : "Only the owner of this chat decides what its tools may do."
}

/** Fails where the caller may not do this to the chat, in the words that say no more than he may know. */
export function permit<Asked extends ChatAction>(
  caller: Caller,
  action: Asked,
  chat: ChatToJudge,
): Effect.Effect<void, Denial<Asked>>
export function permit(
  caller: Caller,
  action: ChatAction,
  chat: ChatToJudge,
): Effect.Effect<void, ChatHidden | ChatForbidden> {
  const facts = {
    ownerId: chat.owner_id,
    organizationId: chat.organization_id,
    ...(chat.acl !== undefined && { acl: chat.acl }),
  }
  switch (chatAccess(caller, action, facts)) {
    case "allowed":
      return Effect.void
    case "hidden":
      return new ChatHidden({ chatId: chat.id })
    case "forbidden":
      return new ChatForbidden({ message: forbidden(caller, action, chat) })
  }
}
