import { call } from "../../api/client.ts"

/** From a message or a tool call to where it stands in the journal. */

export type MessageOrCall = { readonly message: number } | { readonly call: string }

/** Trace of a chat at a version. */
export const traceAddress = (chat: string, version: number): string => `/agents/${chat}@${version}`

/** The version with which it came; undefined where the journal does not have it any more. */
export const versionOf = async (chat: string, what: MessageOrCall): Promise<number | undefined> => {
  const { transitions } = await call("chatTransitions", { path: { chat }, query: { ...what, limit: 1 } })
  return transitions[0]?.version
}
