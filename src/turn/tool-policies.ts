import { Context, Effect, Layer } from "effect"
import type { UserId } from "../contract/ids.ts"
import { toolPolicy } from "../contract/deployment-settings.ts"
import type { ToolAction, ToolPolicyRule } from "../contract/tool-policy.ts"
import { DeploymentSettings } from "../db/deployment/deployment-settings.ts"

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

const actionOf = (rules: ReadonlyArray<ToolPolicyRule>, name: string): ToolAction =>
  rules.find((rule) => matches(rule.pattern, name))?.action ?? "auto"

export interface PolicyVerdict {
  readonly approval: "asked" | "denied" | null
  readonly reason: string | null
}

/** What happens to a call of this tool. */
export const verdictOf = (
  deployment: ReadonlyArray<ToolPolicyRule>,
  chat: ReadonlyArray<ToolPolicyRule>,
  name: string,
): PolicyVerdict => {
  const ours = actionOf(deployment, name)
  const theirs = actionOf(chat, name)
  const action = STRICTNESS[ours] >= STRICTNESS[theirs] ? ours : theirs
  const whose = action === ours ? "this deployment" : "this chat"
  if (action === "auto") return { approval: null, reason: null }
  return action === "ask"
    ? { approval: "asked", reason: `The tool policy of ${whose} asks a person before ${name} runs.` }
    : { approval: "denied", reason: `The tool policy of ${whose} does not allow ${name}.` }
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
