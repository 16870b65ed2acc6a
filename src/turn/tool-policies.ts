import { Context, Effect, Layer } from "effect"
import type { UserId } from "../contract/ids.ts"
import { toolPolicy } from "../contract/deployment-settings.ts"
import { MOST_RULES, type ToolAction, type ToolPolicyRule } from "../contract/tool-policy.ts"
import { DeploymentSettings } from "../db/deployment/deployment-settings.ts"
import { beginsWith, prefixToAllow } from "./command-rules.ts"

/** Which tool calls run, wait or are refused: the rules of the chat and those of the deployment, the stricter wins. */

const STRICTNESS: Readonly<Record<ToolAction, number>> = { auto: 0, ask: 1, deny: 2 }

/** Linear in the name whatever the pattern: it comes from people who may mean ill. */
const matches = (pattern: string, name: string): boolean => {
  const [first = "", ...rest] = pattern.split("*")
  const last = rest.pop()
  if (last === undefined) return name === first
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false
  const end = name.length - last.length
  let at = first.length
  for (const piece of rest) {
    const found = name.indexOf(piece, at)
    if (found === -1 || found + piece.length > end) return false
    at = found + piece.length
  }
  return true
}

/** What of a call the rules look at. */
export interface JudgedCall {
  readonly name: string
  /** All that the call runs, where its tool says that this is one line for the shell; see `commandOf` of a tool. */
  readonly command?: string | undefined
}

type Rules = ReadonlyArray<ToolPolicyRule>

const stricter = (one: ToolAction, other: ToolAction): ToolAction =>
  STRICTNESS[one] >= STRICTNESS[other] ? one : other

/**
 * The first rule that matches counts. One about commands that is not sure of this call does not allow it; was it to ask or to deny, the
 * call may be what it means, and a person is asked whatever the rules after it say.
 */
const actionOf = (rules: Rules, { command, name }: JudgedCall): ToolAction => {
  let atLeast: ToolAction = "auto"
  for (const { action, args, pattern } of rules) {
    if (!matches(pattern, name)) continue
    const match = args === undefined ? "yes" : beginsWith(command, args.command_prefix)
    if (match === "yes" || (match === "wrapper" && action !== "auto")) return stricter(action, atLeast)
    if (match === "unsure" && action !== "auto") atLeast = "ask"
  }
  return atLeast
}

export interface PolicyVerdict {
  readonly approval: "asked" | "denied" | null
  readonly reason: string | null
}

/** What happens to a call. A chat is never freer than its deployment. */
export const verdictOf = (deployment: Rules, chat: Rules, call: JudgedCall): PolicyVerdict => {
  const ours = actionOf(deployment, call)
  const theirs = actionOf(chat, call)
  const action = stricter(ours, theirs)
  const whose = action === ours ? "this deployment" : "this chat"
  if (action === "auto") return { approval: null, reason: null }
  return action === "ask"
    ? { approval: "asked", reason: `The tool policy of ${whose} asks a person before ${call.name} runs.` }
    : { approval: "denied", reason: `The tool policy of ${whose} does not allow ${call.name}.` }
}

/**
 * The rule with which a person would allow this asked call, and those like it, for the rest of the chat. It goes before the chat's other
 * rules.
 *
 * @returns null where it would change nothing, since the deployment asks, or where no words say what would run
 */
export const ruleToAllow = (deployment: Rules, chat: Rules, call: JudgedCall): ToolPolicyRule | null => {
  const prefix = call.command === undefined ? undefined : prefixToAllow(call.command)
  if (prefix === undefined || chat.length >= MOST_RULES) return null
  const rule: ToolPolicyRule = { pattern: call.name, args: { command_prefix: prefix }, action: "auto" }
  return verdictOf(deployment, [rule, ...chat], call).approval === null ? rule : null
}

export class ToolPolicies extends Context.Tag("troupe/ToolPolicies")<
  ToolPolicies,
  {
    /** Rules of the deployment. What cannot be read counts as "ask before everything", never as "run everything". */
    readonly deployment: Effect.Effect<ReadonlyArray<ToolPolicyRule>>
    readonly setDeployment: (rules: ReadonlyArray<ToolPolicyRule>, userId: UserId) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    ToolPolicies,
    Effect.map(DeploymentSettings, ({ read, write }) => ({
      deployment: Effect.map(read(toolPolicy), ({ rules }) => rules),
      setDeployment: (rules, userId) => write(toolPolicy, { rules }, userId),
    })),
  )
}
