import type { ToolCallId } from "../../../contract/ids.ts"
import { hasTag } from "../../../machines/chat-state.ts"
import { Effect, Schema } from "effect"
import { ApprovalDecision } from "../../../contract/tool-policy.ts"
import { carriedOut, command } from "./command.ts"
import { InvalidInput, refusalOf } from "./refusals.ts"

/** Answers some or all of the asked calls; with the last one the step goes on. */
export const decideApprovals = command({
  name: "DecideApprovals",
  fields: Schema.Struct({ decisions: Schema.Array(ApprovalDecision) }),
  permission: "approve",
  decide: (state, { fields: { decisions } }) =>
    Effect.gen(function* () {
      const asked = new Set(state.openCalls.filter((call) => call.approval === "asked").map((call) => call.id))
      const event = {
        type: "DecideApproval",
        undecided: asked.size - new Set(decisions.map((decision) => decision.id)).size,
        decisions: decisions.map(({ id, decision, reason }) => ({
          id,
          approved: decision === "approve",
          // The model is to know that it was a person; why the call was asked about is another reason.
          reason: reason ?? (decision === "deny" ? "A person refused it and gave no reason." : null),
        })),
      } as const
      if (!hasTag(state.row.activity, "asks-person")) return yield* refusalOf(state, event)
      const seen = new Set<ToolCallId>()
      for (const [index, { id }] of decisions.entries()) {
        const field = `decisions[${index}].id`
        if (seen.has(id)) return yield* new InvalidInput({ field, message: "is there twice" })
        if (!asked.has(id)) return yield* new InvalidInput({ field, message: "is no call that waits for approval" })
        seen.add(id)
      }
      return event
    }),
  audited: ({ openCalls }, { decisions }) => ({
    before: {},
    after: {
      approvals: decisions.map(({ id, decision }) => ({
        call: id,
        tool: openCalls.find((call) => call.id === id)?.tool_name ?? "",
        decision,
      })),
    },
  }),
  answer: carriedOut,
})
