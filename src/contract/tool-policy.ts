import { Schema } from "effect"
import { ProviderCallId, ToolCallId } from "./ids.ts"
import { optional } from "./request-fields.ts"

/** Which tool calls run, which wait for a person, and which are refused. */

export const ToolAction = Schema.Literal("auto", "ask", "deny")
export type ToolAction = typeof ToolAction.Type

const WORD_SHAPE = "must be a word of 1 to 256 characters, none of them invisible"
/** As the shell hands it to the program: without quotes. A control character would make it look like another word. */
const CommandWord = Schema.String.pipe(
  Schema.filter(
    (word) => (word !== "" && word.length <= 256 && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(word)) || WORD_SHAPE,
  ),
)

/** The most words that a rule may name. */
export const MOST_COMMAND_WORDS = 16

/**
 * `pattern` is a tool name in which `*` stands for any run of characters: `execute`, `github__*`, `*`. With `args` the rule is about
 * some calls of that tool only: those that run one simple command of the shell that begins with these words, and nothing else. A rule
 * that allows does not match where that is not certain; one that asks or denies then asks.
 */
export const ToolPolicyRule = Schema.Struct({
  pattern: Schema.String.pipe(Schema.pattern(/^[A-Za-z0-9_*-]{1,128}$/)),
  args: optional(
    Schema.Struct({
      command_prefix: Schema.Array(CommandWord).pipe(Schema.minItems(1), Schema.maxItems(MOST_COMMAND_WORDS)),
    }),
  ),
  action: ToolAction,
}).annotations({ identifier: "ToolPolicyRule" })
export type ToolPolicyRule = typeof ToolPolicyRule.Type

export const MOST_RULES = 100

/** The first rule that matches counts; where none does, the call runs. */
export const ToolPolicy = Schema.Array(ToolPolicyRule).pipe(Schema.maxItems(MOST_RULES))

export const ToolPolicyConfig = Schema.Struct({ rules: ToolPolicy }).annotations({ identifier: "ToolPolicyConfig" })

/** A call that waits for a person. `args` is JSON text. */
export const Approval = Schema.Struct({
  id: ToolCallId,
  tool_call_id: ProviderCallId,
  tool_name: Schema.String,
  args: Schema.String,
  /** Why it was not simply run. */
  reason: Schema.String,
  /**
   * Put before the rules of the chat, it lets this call run, and every later one that is like it. Absent where no rule of the chat
   * would: the deployment asks, or nobody can tell what else would run.
   */
  allow_rule: Schema.optionalWith(ToolPolicyRule, { exact: true }),
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
