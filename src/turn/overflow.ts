import type { ChatError } from "../contract/chat-error.ts"
import type { ProviderError } from "../providers/errors.ts"
import type { ResolvedModel } from "../models/catalog.ts"
import type { Prompt } from "./prompt.ts"
import { chatError } from "./turn-errors.ts"

/** The model cannot take what the user wrote, and there is nothing else that a compaction could make shorter. */
export const isTooLongAlone = (error: ProviderError, { messages }: Prompt): boolean =>
  error.kind === "context_overflow" && messages.every(({ role }) => role === "user")

export const tooLongAlone = (error: ProviderError, { connection }: ResolvedModel): ChatError => ({
  ...chatError(error),
  message: `Your message is longer than the model at ${connection.displayName} takes. Edit it to be shorter, put the rest into a file of the workspace, or choose a model with a larger context.`,
})
