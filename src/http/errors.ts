import { Data, Match } from "effect"
import type { ErrorBody } from "../contract/errors.ts"
import type { FamilyActive } from "../chats/settings.ts"
import type { ChatsError } from "../chats/chats.ts"
import type { ChatSound } from "../actors/chat/commands/refusals.ts"
import type { VersionGone } from "../chats/inspection.ts"
import { type DatabaseTrouble, retryAfterSecondsOf, sentenceOf } from "../db/engine/sql-errors.ts"
import type { IdentityError } from "../identity/errors.ts"
import type { UnknownContentVersion } from "../db/chats/content-version.ts"
import { QUEUE_LIMIT } from "../machines/chat-setup.ts"
import type { ModelNotUsable } from "../models/catalog.ts"
import type { ModelAdminError } from "../models/admin-errors.ts"

/** One field of a request that cannot be used: `content[0].text`, and a short sentence about it. */
export interface Validation {
  readonly field: string
  readonly detail: string
}

/** Failures of the HTTP layer itself. Services have their own errors, which `answerOf` maps. */
export class BadRequestError extends Data.TaggedError("BadRequestError")<{
  readonly message: string
  readonly validations?: ReadonlyArray<Validation>
}> {}
export class UnauthorizedError extends Data.TaggedError("UnauthorizedError")<{
  readonly message: string
  readonly detail?: string
}> {}
export class ForbiddenError extends Data.TaggedError("ForbiddenError")<{ readonly message: string }> {}
export class NotFoundError extends Data.TaggedError("NotFoundError")<{ readonly message?: string }> {}
export class ConflictError extends Data.TaggedError("ConflictError")<{ readonly message: string }> {}
export class PreconditionFailedError extends Data.TaggedError("PreconditionFailedError")<{
  readonly message: string
}> {}
export class TooLargeError extends Data.TaggedError("TooLargeError")<{ readonly limitBytes: number }> {}
export class UnsupportedMediaTypeError extends Data.TaggedError("UnsupportedMediaTypeError")<{
  readonly message: string
}> {}
/** The request names another server than this one. */
export class MisdirectedError extends Data.TaggedError("MisdirectedError") {}
export class TooManyError extends Data.TaggedError("TooManyError")<{
  readonly message: string
  readonly retryAfterSeconds?: number
}> {}

export type HttpError =
  | BadRequestError
  | UnauthorizedError
  | ForbiddenError
  | NotFoundError
  | ConflictError
  | PreconditionFailedError
  | TooLargeError
  | UnsupportedMediaTypeError
  | MisdirectedError
  | TooManyError

type ChatFault = UnknownContentVersion | ChatSound | FamilyActive | VersionGone

/** All that a handler may fail with. A module whose errors reach a handler adds its union here and its lines below. */
export type HttpFailure = HttpError | IdentityError | ModelAdminError | ModelNotUsable | ChatsError | ChatFault

export interface Answer {
  readonly status: number
  readonly body: ErrorBody
  readonly retryAfterSeconds?: number
}

/** The same words for what does not exist and for what the caller may not see. */
const NOT_FOUND = "This does not exist, or you may not see it."

const answer = (status: number, message: string, more: Omit<ErrorBody, "message"> = {}): Answer => ({
  status,
  body: { message, ...more },
})

const fieldAnswer = (status: number, message: string, field: string): Answer =>
  answer(status, message, { validations: [{ field, detail: message }] })

/** The answer where the database could not do its work, whatever was asked. */
export const answerOfTrouble = (trouble: DatabaseTrouble): Answer => ({
  ...answer(503, `${sentenceOf(trouble)} Try again in a moment.`),
  retryAfterSeconds: retryAfterSecondsOf(trouble),
})

/** The one table from typed errors to status and body. */
export const answerOf: (failure: HttpFailure) => Answer = Match.type<HttpFailure>().pipe(
  Match.tagsExhaustive({
    BadRequestError: ({ message, validations }) =>
      answer(400, message, validations === undefined ? {} : { validations }),
    UnauthorizedError: ({ message, detail }) => answer(401, message, detail === undefined ? {} : { detail }),
    ForbiddenError: ({ message }) => answer(403, message),
    NotFoundError: ({ message }) => answer(404, message || NOT_FOUND),
    ConflictError: ({ message }) => answer(409, message),
    PreconditionFailedError: ({ message }) => answer(412, message),
    TooLargeError: ({ limitBytes }) =>
      answer(413, `The request body is too large: at most ${limitBytes.toLocaleString("en")} bytes are accepted here.`),
    UnsupportedMediaTypeError: ({ message }) => answer(415, message),
    MisdirectedError: () =>
      answer(
        421,
        "This server does not answer to that name. Use localhost, or set TROUPE_ACCESS_URL to the URL you come by.",
      ),
    TooManyError: ({ message, retryAfterSeconds }) => ({
      ...answer(429, message),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    }),

    FirstUserExists: () => answer(409, "The first user has been created already. Sign in instead."),
    SetupTokenWrong: () =>
      fieldAnswer(403, "Give the setup token that the server printed when it started.", "setup_token"),
    PasswordWeak: ({ message }) =>
      answer(400, `The password ${message}.`, { validations: [{ field: "password", detail: message }] }),
    CredentialsWrong: () => answer(401, "The e-mail address or the password is wrong."),
    AccountSuspended: () => answer(401, "This account is suspended. Ask an administrator to activate it."),
    TooManyLogins: ({ retryAfterSeconds }) => ({
      ...answer(429, `Too many attempts to sign in. Try again in ${retryAfterSeconds} s.`),
      retryAfterSeconds,
    }),
    SessionInvalid: () =>
      answer(401, "You are not signed in, or your session is over. Sign in again.", {
        detail: "The session token was not accepted: it is unknown, expired or revoked.",
      }),
    UserNotFound: () => answer(404, NOT_FOUND),

    ModelFieldInvalid: ({ field, message }) => fieldAnswer(400, message, field),
    ProviderNameTaken: ({ displayName }) =>
      fieldAnswer(409, `There is a provider of this type named "${displayName}" already.`, "display_name"),
    ProviderDisabled: ({ displayName }) =>
      answer(412, `The provider "${displayName}" is disabled. Enable it first, or choose another.`),
    ProviderUnknown: () => fieldAnswer(412, "There is no provider with this id.", "ai_provider_id"),
    ModelNotUsable: ({ message }) => fieldAnswer(400, message, "model_config_id"),

    ChatHidden: () => answer(404, NOT_FOUND),
    ChatGone: () => answer(404, NOT_FOUND),
    ChatForbidden: ({ message }) => answer(403, message),
    InvalidInput: ({ field, message }) =>
      answer(400, `${field} ${message}.`, { validations: [{ field, detail: message }] }),
    VersionGone: ({ message }) => answer(404, message),
    MessageGone: () => answer(404, NOT_FOUND),
    QueuedMessageGone: () => answer(404, "The queue has no such message any more."),
    FamilyActive: () => answer(409, "This chat, or one below it, is working. Stop it before you archive it."),
    ToolResultsMismatch: ({ field, message }) =>
      answer(400, `${field} ${message}.`, { validations: [{ field, detail: message }] }),
    KeyReused: ({ key }) =>
      answer(409, "This Idempotency-Key was used for another request. Use a new one.", { detail: key }),
    CommandRefused: ({ reason, message }) =>
      reason === "queue_full"
        ? answer(429, message, { detail: `At most ${QUEUE_LIMIT} messages can wait.` })
        : answer(reason === "archived" || reason === "not_storable" ? 400 : 409, message),
    ChatInvalid: ({ fault }) =>
      answer(409, `This chat ${fault}. Repair it first: POST /chats/{chat}/reconcile-invalid.`),
    ChatSound: () => answer(409, "The state of this chat is valid: there is nothing to repair."),
    NothingToForget: ({ message }) => answer(409, message),
    UnknownContentVersion: ({ message }) =>
      answer(500, "This chat has messages that another version of the server has written and this one cannot read.", {
        detail: message,
      }),
    CommandUnreadable: ({ detail }) => ({
      ...answer(
        503,
        "The server that has this chat runs another version, which cannot read this. Try again in a moment.",
        {
          detail,
        },
      ),
      retryAfterSeconds: 1,
    }),
    ChatUnavailable: ({ message, retryAfterSeconds = 1 }) => ({ ...answer(503, message), retryAfterSeconds }),
  }),
)
