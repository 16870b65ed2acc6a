import type { ChatErrorKind } from "../../../src/contract/chat-error.ts"

export const titles: Record<ChatErrorKind, string> = {
  overloaded: "The provider is overloaded",
  rate_limit: "The provider's rate limit is reached",
  timeout: "The provider did not answer in time",
  startup_timeout: "The provider went silent",
  auth: "The provider refused the credentials",
  config: "The model's settings do not work",
  context_overflow: "The conversation is too long for the model",
  usage_limit: "The usage limit is reached",
  missing_key: "An API key is missing",
  provider_disabled: "The provider is disabled",
  content_filter: "The provider's content filter stepped in",
  generic: "The turn failed",
}

/** All of them: a new kind does not compile before it has a title. */
export const errorKinds = Object.keys(titles) as ReadonlyArray<ChatErrorKind>
