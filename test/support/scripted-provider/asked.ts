import type { RecordedRequest } from "./script.ts"

/** What a request in the form of Chat Completions asks last, for steps that answer whatever the model is asked. */

const lastMessage = ({ body }: RecordedRequest): { readonly role?: unknown; readonly content?: unknown } => {
  const messages = body["messages"]
  return Array.isArray(messages) ? (messages.at(-1) ?? {}) : {}
}

/** What a user has just said; empty when the last word is somebody else's. */
export const asksLast = (request: RecordedRequest): string => {
  const { content, role } = lastMessage(request)
  return role === "user" && typeof content === "string" ? content : ""
}

export const isSaid = (text: string) => (request: RecordedRequest) => asksLast(request) === text

/** Tools have just answered. */
export const isToolResult = (request: RecordedRequest): boolean => lastMessage(request).role === "tool"
