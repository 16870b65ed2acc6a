import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { Forbidden, NotFound } from "../errors.ts"
import { ChatId } from "../ids.ts"
import { ChatAcl, UpdateChatAclRequest } from "../sharing.ts"
import { TokenScope } from "./access.ts"

const ChatPath = Schema.Struct({ chat: ChatId })

/** Who may read a chat beside its owner. The list is the root's: chats below it go with it. */
export const ChatSharingRoutes = HttpApiGroup.make("chatSharing")
  .annotate(TokenScope, "chat")
  .add(
    HttpApiEndpoint.get("getChatAcl", "/chats/:chat/acl")
      .setPath(ChatPath)
      .addSuccess(ChatAcl)
      .addError(Forbidden)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.patch("updateChatAcl", "/chats/:chat/acl")
      .setPath(ChatPath)
      .setPayload(UpdateChatAclRequest)
      .addSuccess(Schema.Void)
      .addError(Forbidden)
      .addError(NotFound),
  )
