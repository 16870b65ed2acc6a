import type { CreateChatRequest } from "../../../src/contract/chats.ts"
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
