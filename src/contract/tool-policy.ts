import { Schema } from "effect"
import { ProviderCallId, ToolCallId } from "./ids.ts"
import { optional } from "./request-fields.ts"

/** Which tool calls run, which wait for a person, and which are refused. */

export const ToolAction = Schema.Literal("auto", "ask", "deny")
export type ToolAction = typeof ToolAction.Type

/** `pattern` is a tool name in which `*` stands for any run of characters: `execute`, `github__*`, `*`. */
export const ToolPolicyRule = Schema.Struct({
  pattern: Schema.String.pipe(Schema.pattern(/^[A-Za-z0-9_*-]{1,128}$/)),
  action: ToolAction,
}).annotations({ identifier: "ToolPolicyRule" })
export type ToolPolicyRule = typeof ToolPolicyRule.Type

/** The first rule that matches counts; where none does, the call runs. */
export const ToolPolicy = Schema.Array(ToolPolicyRule).pipe(Schema.maxItems(100))

export const ToolPolicyConfig = Schema.Struct({ rules: ToolPolicy }).annotations({ identifier: "ToolPolicyConfig" })

/** A call that waits for a person. `args` is JSON text. */
export const Approval = Schema.Struct({
  id: ToolCallId,
  tool_call_id: ProviderCallId,
  tool_name: Schema.String,
  args: Schema.String,
  /** Why it was not simply run. */
  reason: Schema.String,
}).annotations({ identifier: "Approval" })
export type Approval = typeof Approval.Type

export const ApprovalsResponse = Schema.Struct({ approvals: Schema.Array(Approval) })

export const ApprovalDecision = Schema.Struct({
  id: ToolCallId,
  decision: Schema.Literal("approve", "deny"),
  /** Told to the model when the call is denied. */
  reason: optional(Schema.String.pipe(Schema.maxLength(2000))),
})

export const DecideApprovalsRequest = Schema.Struct({
  decisions: Schema.Array(ApprovalDecision).pipe(
    Schema.minItems(1, { message: () => "must have at least one decision" }),
  ),
}).annotations({ identifier: "DecideApprovalsRequest" })
export type DecideApprovalsRequest = typeof DecideApprovalsRequest.Type

/** Null means unlimited. A slot is held by a chat that runs and does not wait for a person or for its next attempt. */
const Slots = Schema.NullOr(Schema.Int.pipe(Schema.positive()))
export const CapacityConfig = Schema.Struct({
  deployment: Slots,
  per_user: Slots,
  per_organization: Slots,
}).annotations({ identifier: "CapacityConfig" })
export type CapacityConfig = typeof CapacityConfig.Type
