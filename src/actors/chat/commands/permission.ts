import { Effect } from "effect"
import type { ChatId, OrganizationId, UserId } from "../../../contract/ids.ts"
import { type Action, type Caller, chatAccess } from "../../../identity/policy.ts"
import { ChatForbidden, ChatHidden } from "./refusals.ts"

/** Fails where the caller may not do this to the chat, in the words that say no more than he may know. */
export const permit = (
  caller: Caller,
  action: Exclude<Action<"chat">, "create">,
  chat: { readonly id: ChatId; readonly owner_id: UserId; readonly organization_id: OrganizationId },
): Effect.Effect<void, ChatHidden | ChatForbidden> => {
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
