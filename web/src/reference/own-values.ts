import { queryOptions } from "@tanstack/react-query"
import type { Activity } from "../../../src/contract/chats.ts"
import { call } from "../api/client.ts"
import { isIn } from "../chats/status.ts"
import type { OwnValues } from "./placeholders.ts"

/** What the reader has, to stand in the examples: read when an example asks for it, and no more of it than it asks for. */

/** Where a chat of the kind that the example is about is likely found; the newest one else. */
const LIKELY: Readonly<Record<string, { readonly q: string; readonly activity?: Activity }>> = {
  approval: { q: "status:requires_action", activity: "requires_action.approval" },
  tool_call: { q: "status:requires_action,running" },
  queued_message: { q: "status:requires_action,running,pending" },
}

/** Of so many chats that are likely, the first that surely is one, else the newest. */
const LOOKED_AT = 20

const chatFor = async (names: ReadonlyArray<string>, signal: AbortSignal): Promise<string | undefined> => {
  for (const { q, activity } of names.flatMap((name) => LIKELY[name] ?? [])) {
    const chats = await call("listChats", { query: { limit: LOOKED_AT, q } }, signal)
    const sure = activity === undefined ? undefined : chats.find((chat) => isIn(chat, activity))
    const found = sure ?? chats[0]
    if (found !== undefined) return found.id
  }
  const [newest] = await call("listChats", { query: { limit: 1, q: "archived:false" } }, signal)
  return newest?.id
}

const ofChat = async (chat: string, names: ReadonlyArray<string>, signal: AbortSignal): Promise<OwnValues> => {
  const path = { chat }
  const wants = (...some: ReadonlyArray<string>) => some.some((name) => names.includes(name))
  const [said, asked, state] = await Promise.all([
    wants("message", "queued_message") ? call("listMessages", { path }, signal) : undefined,
    wants("approval") ? call("listApprovals", { path }, signal) : undefined,
    wants("tool_call") ? call("chatMachineState", { path }, signal) : undefined,
  ])
  return {
    chat,
    message: said?.messages.find((message) => message.role === "user")?.id,
    queued_message: said?.queued_messages[0]?.id,
    approval: asked?.approvals[0]?.id,
    tool_call: state?.pending_calls[0]?.tool_call_id,
  }
}

const OF_CHAT = ["chat", "message", "queued_message", "approval", "tool_call"]

/** `owner`: whether the reader may read the providers of the deployment. */
export const ownValuesQuery = (names: ReadonlyArray<string>, owner: boolean) =>
  queryOptions({
    queryKey: ["api-own-values", ...names.toSorted(), owner],
    queryFn: async ({ signal }): Promise<OwnValues> => {
      const wants = (name: string) => names.includes(name)
      const chat = OF_CHAT.some(wants) ? await chatFor(names, signal) : undefined
      const [organizations, models, providers, values] = await Promise.all([
        wants("organization") ? call("getUser", { path: { user: "me" } }, signal) : undefined,
        wants("model_config") ? call("listModelConfigs", undefined, signal) : undefined,
        wants("provider") && owner ? call("listProviders", undefined, signal) : undefined,
        chat === undefined ? undefined : ofChat(chat, names, signal),
      ])
      const usable = models?.filter((model) => model.enabled)
      return {
        ...values,
        organization: organizations?.organization_ids[0],
        model_config: (usable?.find((model) => model.is_default) ?? usable?.[0])?.id,
        provider: providers?.find((provider) => provider.source !== "supported")?.id,
      }
    },
    staleTime: 10_000,
  })
