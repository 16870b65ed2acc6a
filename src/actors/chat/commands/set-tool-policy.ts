import { Effect, Schema } from "effect"
import { ToolPolicy } from "../../../contract/tool-policy.ts"
import type { ApprovalDecision } from "../../../machines/chat-events.ts"
import { hasTag } from "../../../machines/chat-state.ts"
import { carriedOut, command } from "./command.ts"
import { CommandReads } from "./command-reads.ts"

/**
 * Other rules for the tools of the chat. They are for the calls to come, and for those that a person is being asked about: what the
 * rules let run now runs, what they forbid is denied, and the rest goes on waiting. Only the owner may: it lets tools run for him.
 */
export const setToolPolicy = command({
  name: "SetToolPolicy",
  fields: Schema.Struct({ rules: ToolPolicy }),
  permission: "approve",
  decide: ({ openCalls, row }, { fields: { rules } }) =>
    Effect.gen(function* () {
      const asked = hasTag(row.activity, "asks-person") ? openCalls.filter(({ approval }) => approval === "asked") : []
      const verdicts = asked.length === 0 ? [] : yield* (yield* CommandReads).verdicts(row, rules, asked)
      const decisions = asked.flatMap(({ id }, index): ReadonlyArray<ApprovalDecision> => {
        const verdict = verdicts[index]
        if (verdict === undefined || verdict.approval === "asked") return []
        return [{ id, approved: verdict.approval === null, reason: verdict.reason }]
      })
      return { type: "SetToolPolicy", rules, decisions, undecided: asked.length - decisions.length } as const
    }),
  audited: ({ row }, { rules }) => ({ before: { tool_policy: row.tool_policy }, after: { tool_policy: rules } }),
  answer: carriedOut,
})
