import type { ChatError } from "../contract/chat-error.ts"
import { type DatabaseTrouble, sentenceOf } from "../db/sql-errors.ts"
import type { ProviderError } from "../providers/errors.ts"
import type { ModelNotUsable } from "../providers/model-access.ts"

/** What a chat says when its turn cannot go on. */

export const chatError = (error: ProviderError): ChatError => ({
  message: error.message,
  kind: error.kind,
  provider: error.provider,
  retryable: error.retryable,
  ...(error.detail !== undefined && { detail: error.detail }),
  ...(error.statusCode !== undefined && { status_code: error.statusCode }),
})

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

export const tooManyCrashes: ChatError = {
  message: "The server went down several times during this turn, so it was stopped. Send a message to go on.",
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
