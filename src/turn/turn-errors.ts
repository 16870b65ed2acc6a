import type { ChatError } from "../contract/chat-error.ts"
import type { UnknownContentVersion } from "../db/content-version.ts"
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
