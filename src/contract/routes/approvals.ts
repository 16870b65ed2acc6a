import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { Conflict, Forbidden, NotFound } from "../errors.ts"
import { ApprovalsResponse, DecideApprovalsRequest, ToolPolicyConfig } from "../tool-policy.ts"
import { ReceiptBy, TokenScope } from "./access.ts"
import { ChatId } from "../ids.ts"

const ChatPath = Schema.Struct({ chat: ChatId })

/** Tool calls that wait for a person, and the rules of a chat by which they do. */
export const ApprovalsRoutes = HttpApiGroup.make("approvals")
  .annotate(TokenScope, "chat")
  .annotate(ReceiptBy, "handler")
  .add(
    HttpApiEndpoint.get("listApprovals", "/chats/:chat/approvals")
      .setPath(ChatPath)
      .addSuccess(ApprovalsResponse)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.post("decideApprovals", "/chats/:chat/approvals")
      .setPath(ChatPath)
      .setPayload(DecideApprovalsRequest)
      .addSuccess(Schema.Void, { status: 204 })
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
  .add(
    HttpApiEndpoint.get("getChatToolPolicy", "/chats/:chat/tool-policy")
      .setPath(ChatPath)
      .addSuccess(ToolPolicyConfig)
      .addError(NotFound),
  )
