import { describe, expect, it } from "vitest"
import type { ToolPolicyRule } from "../../../src/contract/tool-policy.ts"
import { modeChange, modeOf } from "./mode.ts"

const allowed: ToolPolicyRule = { pattern: "execute", args: { command_prefix: ["npm", "test"] }, action: "auto" }
const all = (action: ToolPolicyRule["action"]): ToolPolicyRule => ({ pattern: "*", action })

describe("the mode of a chat", () => {
  it("is read off its plan mode and its rule for all tools", () => {
    expect(modeOf("plan", [all("ask")])).toBe("plan")
    expect(modeOf(undefined, [])).toBe("auto")
    expect(modeOf(undefined, [allowed])).toBe("auto")
    expect(modeOf(undefined, [allowed, all("ask")])).toBe("ask")
    expect(modeOf(undefined, [all("deny")])).toBe("ask")
    expect(modeOf(undefined, [{ ...allowed, pattern: "*", action: "ask" }])).toBe("auto")
  })

  it("changes with what was allowed by name left as it is", () => {
    expect(modeChange("ask", [allowed, all("auto")])).toEqual({ plan_mode: "", tool_policy: [allowed, all("ask")] })
    expect(modeChange("auto", [])).toEqual({ plan_mode: "", tool_policy: [all("auto")] })
    expect(modeChange("plan", [allowed])).toEqual({ plan_mode: "plan" })
    for (const mode of ["ask", "auto"] as const)
      expect(modeOf(undefined, modeChange(mode, [allowed, all("deny")]).tool_policy ?? [])).toBe(mode)
  })
})
