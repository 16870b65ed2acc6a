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

/** True too where the message before it got no answer: adapters join neighbouring messages of a user into one. */
export const isSaid = (text: string) => (request: RecordedRequest) => {
  const said = asksLast(request)
  return said === text || said.endsWith(`\n\n${text}`)
}

/** Tools have just answered. */
export const isToolResult = (request: RecordedRequest): boolean => lastMessage(request).role === "tool"
