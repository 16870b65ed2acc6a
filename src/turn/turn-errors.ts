import type { ChatError } from "../contract/chat-error.ts"
import type { UnknownContentVersion } from "../db/chats/content-version.ts"
import { type DatabaseTrouble, sentenceOf } from "../db/engine/sql-errors.ts"
import { ProviderError } from "../providers/errors.ts"
import type { ModelNotUsable, ResolvedModel } from "../models/catalog.ts"
import { MAX_STEPS } from "./limits.ts"

/** What a chat says when its turn cannot go on. */

/** The end of the wait that a provider wants, RFC 3339; undefined where it wants none, or where it is over. */
const waitEnds = ({ retryAfterMs, retryAt }: ProviderError): string | undefined => {
  if (retryAt !== undefined) return Date.parse(retryAt) > Date.now() ? retryAt : undefined
  return retryAfterMs === undefined || retryAfterMs <= 0 ? undefined : new Date(Date.now() + retryAfterMs).toISOString()
}

/** `2026-11-30T10:04:59.000Z` as `2026-11-30 10:05 UTC`: whole minutes, never too early. */
const minuteOf = (at: string): string => {
  const minute = new Date(Math.ceil(Date.parse(at) / 60_000) * 60_000).toISOString()
  return `${minute.slice(0, minute.indexOf("T"))} ${minute.slice(-13, -8)} UTC`
}

export const chatError = (error: ProviderError): ChatError => {
  const retryAt = waitEnds(error)
  return {
    message: retryAt === undefined ? error.message : `${error.message} Try again after ${minuteOf(retryAt)}.`,
    kind: error.kind,
    provider: error.provider,
    retryable: error.retryable,
    ...(error.detail !== undefined && { detail: error.detail }),
    ...(error.statusCode !== undefined && { status_code: error.statusCode }),
    ...(retryAt !== undefined && { retry_at: retryAt }),
  }
}

export const unusable = (error: ModelNotUsable): ChatError => ({
  message: error.message,
  kind:
    error.reason === "credentials_missing"
      ? "missing_key"
      : error.reason === "provider_disabled"
        ? "provider_disabled"
        : "config",
  retryable: false,
})

/** The rest of the sentence is for whoever runs the server. */
export const unreadable = (error: UnknownContentVersion): ChatError => ({
  message: "This chat has messages that another version of the server has written and this one cannot read.",
  detail: error.message,
  kind: "generic",
  retryable: false,
})

export const tooManyCrashes: ChatError = {
  message: "The server went down several times during this turn, so it was stopped. Send a message to go on.",
  kind: "generic",
  retryable: false,
}

/** What waits in the queue stays there: an account can be activated again. */
export const ownerOut: ChatError = {
  message:
    "The account that this chat belongs to was suspended or deleted, so the turn was stopped. When it is active again, try again or send a message.",
  kind: "generic",
  retryable: true,
}

/** What was under way has come to its end. */
export const ownerSpent: ChatError = {
  message:
    "The owner of this chat may no longer use agents in its organization, so the turn was stopped before its next step. Ask an administrator for the role agents-access, then try again.",
  kind: "generic",
  retryable: true,
}

export const tooManySteps: ChatError = {
  message: `The turn was stopped after ${MAX_STEPS} steps. Send a message to go on.`,
  kind: "generic",
  retryable: false,
}

/** The rest of the sentence is the same for all that a turn has to write: the reply, a tool's result, the end. */
export const waitsForDatabase = (trouble: DatabaseTrouble): string =>
  `${sentenceOf(trouble)} What this chat has to save is kept until it can be, and the model is not asked again.`

export const waitedTooLong = (trouble: DatabaseTrouble): ChatError => ({
  message: `${sentenceOf(trouble)} The turn could not be saved for too long, so it was stopped. Send a message to go on.`,
  kind: "timeout",
  retryable: false,
})

/** The reason is in the log only: the database's words quote the value that it refused. */
export const refusedByDatabase: ChatError = {
  message:
    "The database refused to store the model's answer or a tool's result, so the turn was stopped. What was shown is kept. Send a message to go on; the administrator finds the reason in the log.",
  kind: "generic",
  retryable: false,
}

const unanswered = (model: ResolvedModel, words: string): ProviderError =>
  new ProviderError({
    operation: "Turn.generate",
    kind: "generic",
    message: `${model.connection.displayName} ${words}`,
    retryable: true,
    provider: model.connection.type,
  })

export const emptyReply = (model: ResolvedModel): ProviderError =>
  unanswered(model, "ended its reply without saying anything.")

export const onlyThoughts = (model: ResolvedModel): ProviderError => unanswered(model, "thought and gave no answer.")

const final = (model: ResolvedModel, kind: ChatError["kind"], words: string): ChatError => ({
  message: `${model.connection.displayName} ${words}`,
  kind,
  provider: model.connection.type,
  retryable: false,
})

export const filtered = (model: ResolvedModel): ChatError =>
  final(model, "content_filter", "stopped the reply because of its content filter. Rephrase the message.")

export const refused = (model: ResolvedModel): ChatError =>
  final(model, "content_filter", "refused to answer. Rephrase the message.")

/** Hidden thinking has used up what the model may write. */
export const spent = (model: ResolvedModel): ChatError =>
  final(
    model,
    "config",
    "reached its output limit before it said anything. Raise the limit in the model's settings, or lower its reasoning effort.",
  )

export const unexpectedProblem: ChatError = {
  message: "The server ran into an unexpected problem. Send a message to go on.",
  kind: "generic",
  retryable: false,
}

export const stuck: ChatError = {
  message: "Nothing has happened in this turn for a long time, so it was stopped. Send a message to go on.",
  kind: "timeout",
  retryable: false,
}
