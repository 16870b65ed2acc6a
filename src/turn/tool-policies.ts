import { Context, Effect, Layer, Option, Schema } from "effect"
import type { UserId } from "../contract/ids.ts"
import { ToolPolicy, type ToolAction, type ToolPolicyRule } from "../contract/tool-policy.ts"
import { refreshed } from "../db/engine/refreshed.ts"
import { SiteConfigs } from "../db/deployment/site-configs.ts"
import { afterTransaction } from "../db/engine/transaction.ts"

/** Which tool calls run, wait or are refused: the rules of the chat and those of the deployment, the stricter wins. */

const KEY = "agents_tool_policy"
/** How long a change made by another replica may go unnoticed. This one's own count at once. */
const OTHERS_CHANGES_MS = 2000
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

const decode = Schema.decodeUnknownOption(ToolPolicy)

export class ToolPolicies extends Context.Tag("troupe/ToolPolicies")<
  ToolPolicies,
  {
    /** Rules of the deployment. What cannot be read counts as "ask before everything", never as "run everything". */
    readonly deployment: Effect.Effect<ReadonlyArray<ToolPolicyRule>>
    readonly setDeployment: (rules: ReadonlyArray<ToolPolicyRule>, userId: UserId) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.scoped(
    ToolPolicies,
    Effect.gen(function* () {
      const configs = yield* SiteConfigs
      const load = configs.read(KEY).pipe(
        Effect.map(
          Option.match({
            onNone: () => [],
            onSome: (value) => Option.getOrElse(decode(value), () => [{ pattern: "*", action: "ask" as const }]),
          }),
        ),
      )
      const { read: deployment, forget } = yield* refreshed(load, OTHERS_CHANGES_MS)
      return {
        deployment,
        setDeployment: (rules, userId) =>
          configs.write(KEY, rules, userId).pipe(Effect.zipRight(afterTransaction(forget))),
      }
    }),
  )
}
