import { Effect } from "effect"
import type { ChatId, OrganizationId, UserId } from "../../../contract/ids.ts"
import { type Action, type Caller, chatAccess } from "../../../identity/policy.ts"
import { ChatForbidden, ChatHidden } from "./refusals.ts"

export type ChatAction = Exclude<Action<"chat">, "create">

/** How an action on a chat is denied: only who would spend the owner's credit learns that there is the chat. */
export type Denial<Asked extends ChatAction> = ChatHidden | ("converse" extends Asked ? ChatForbidden : never)

interface ChatToJudge {
  readonly id: ChatId
  readonly owner_id: UserId
  readonly organization_id: OrganizationId
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
  switch (chatAccess(caller, action, { ownerId: chat.owner_id, organizationId: chat.organization_id })) {
    case "allowed":
      return Effect.void
    case "hidden":
      return new ChatHidden({ chatId: chat.id })
    case "forbidden":
      return new ChatForbidden({
        message: "Only the owner of this chat may do this: it spends the owner's credit.",
      })
  }
}
