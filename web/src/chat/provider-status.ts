import type { ChatError, RetryState } from "../../../src/contract/chat-error.ts"

/** Where a provider says itself how it is: https://status.openai.com, https://status.claude.com. */
const STATUS_PAGES: Readonly<Record<string, { readonly name: string; readonly url: string }>> = {
  openai: { name: "OpenAI", url: "https://status.openai.com" },
  anthropic: { name: "Anthropic", url: "https://status.claude.com" },
}

/** Of one that has too much to do: of any other failure the page says nothing. A server of another kind has no page that we know. */
export const statusPageOf = ({ kind, provider }: Pick<ChatError | RetryState, "kind" | "provider">) =>
  kind === "overloaded" && provider !== undefined && Object.hasOwn(STATUS_PAGES, provider)
    ? STATUS_PAGES[provider]
    : undefined
