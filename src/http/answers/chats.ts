import type { ChatSound } from "../../actors/chat/commands/refusals.ts"
import type { ChatsError } from "../../chats/chats.ts"
import type { VersionGone } from "../../chats/inspection.ts"
import type { SharingOff } from "../../chats/sharing.ts"
import type { FamilyActive } from "../../chats/settings.ts"
import type { UnknownContentVersion } from "../../db/chats/content-version.ts"
import { QUEUE_LIMIT } from "../../machines/chat-setup.ts"
import type { ModelNotUsable } from "../../models/catalog.ts"
import { answer, answerLater, type AnswersTo, fieldAnswer, NOT_FOUND } from "./answer.ts"

export type ChatFailure =
  | Exclude<ChatsError, ModelNotUsable>
  | UnknownContentVersion
  | ChatSound
  | FamilyActive
  | VersionGone
  | SharingOff

/** A refusal says by its reason which of these it is. */
export const REFUSAL_STATUS = { archived: 400, not_storable: 400, not_allowed: 409, queue_full: 429 } as const

export const chatAnswers = {
  SharingOff: () => answer(403, "Chats cannot be shared here: this deployment has switched it off."),
  ChatHidden: () => answer(404, NOT_FOUND),
  ChatGone: () => answer(404, NOT_FOUND),
  ChatForbidden: ({ message }) => answer(403, message),
  InvalidInput: ({ field, message }) => fieldAnswer(400, field, message, `${field} ${message}.`),
  VersionGone: ({ message }) => answer(404, message),
  MessageGone: () => answer(404, NOT_FOUND),
  QueuedMessageGone: () => answer(404, "The queue has no such message any more."),
  FamilyActive: () => answer(409, "This chat, or one below it, is working. Stop it before you archive it."),
  ToolCallGone: () => answer(404, NOT_FOUND),
  ToolResultsMismatch: ({ field, message }) => fieldAnswer(400, field, message, `${field} ${message}.`),
  KeyReused: ({ key }) =>
    answer(409, "This Idempotency-Key was used for another request. Use a new one.", { detail: key }),
  CommandRefused: ({ reason, message }) =>
    answer(
      REFUSAL_STATUS[reason],
      message,
      reason === "queue_full" ? { detail: `At most ${QUEUE_LIMIT} messages can wait.` } : {},
    ),
  ChatInvalid: ({ fault }) => answer(409, `This chat ${fault}. Repair it first: POST /chats/{chat}/reconcile-invalid.`),
  ChatSound: () => answer(409, "The state of this chat is valid: there is nothing to repair."),
  NothingToForget: ({ message }) => answer(409, message),
  UnknownContentVersion: ({ message }) =>
    answer(500, "This chat has messages that another version of the server has written and this one cannot read.", {
      detail: message,
    }),
  CommandUnreadable: ({ detail }) =>
    answerLater(
      503,
      1,
      "The server that has this chat runs another version, which cannot read this. Try again in a moment.",
      { detail },
    ),
  ChatUnavailable: ({ message, retryAfterSeconds = 1 }) => answerLater(503, retryAfterSeconds, message),
} satisfies AnswersTo<ChatFailure>
