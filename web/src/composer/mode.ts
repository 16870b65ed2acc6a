import type { CreateChatRequest, PatchChatRequest } from "../../../src/contract/chats.ts"
import type { ToolPolicyRule } from "../../../src/contract/tool-policy.ts"
import { keepStored, readStored } from "../ui/browser-storage.ts"

/** How far an agent goes by itself: it asks before each tool, it just works, or it changes nothing and makes a plan. */
export type Mode = "ask" | "auto" | "plan"

const KEY = "troupe.mode"

export const isMode = (value: string | undefined): value is Mode =>
  value === "ask" || value === "auto" || value === "plan"

/** What was chosen last in this browser, for the next chat. */
export const readMode = (): Mode => {
  const kept = readStored(KEY)
  return isMode(kept) ? kept : "auto"
}

export const keepMode = (mode: Mode): void => keepStored(KEY, mode)

/** What a mode is in the request that makes a chat. A rule of the deployment that is stricter holds beside it, whatever is asked for. */
export const modeFields = (mode: Mode): Pick<CreateChatRequest, "plan_mode" | "tool_policy"> => {
  switch (mode) {
    case "ask":
      return { tool_policy: [{ pattern: "*", action: "ask" }] }
    case "auto":
      return { tool_policy: [{ pattern: "*", action: "auto" }] }
    case "plan":
      return { plan_mode: "plan" }
  }
}

type Rules = ReadonlyArray<ToolPolicyRule>

/** The rule for what no other rule of a chat is about. */
const isForAll = ({ args, pattern }: ToolPolicyRule): boolean => pattern === "*" && args === undefined

/** The mode that a chat is in. One whose rules forbid what they do not name asks about nothing, and is still no free one. */
export const modeOf = (planMode: string | undefined, rules: Rules): Mode => {
  if (planMode === "plan") return "plan"
  return (rules.find(isForAll)?.action ?? "auto") === "auto" ? "auto" : "ask"
}

/** What brings a chat into a mode. What was allowed or forbidden in it by name stays so. */
export const modeChange = (mode: Mode, rules: Rules): Pick<PatchChatRequest, "plan_mode" | "tool_policy"> =>
  mode === "plan"
    ? { plan_mode: "plan" }
    : {
        plan_mode: "",
        tool_policy: [...rules.filter((rule) => !isForAll(rule)), { pattern: "*", action: mode }],
      }
