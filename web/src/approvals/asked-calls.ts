import type { ToolCallPart } from "../../../src/contract/parts.ts"
import type { Approval, ToolPolicyRule } from "../../../src/contract/tool-policy.ts"
import { rendererOf } from "../tools/registry.ts"
import { fieldOf, listField, textField, toolCall, type ToolCall } from "../tools/tool-call.ts"
import { visibleText } from "../ui/visible-text.ts"

/** Calls that wait for a person, in the words in which he is asked about them. */

export interface AskedCall {
  readonly approval: Approval
  readonly call: ToolCall
  /** All of what he decides about, with no character hidden: a command, paths, or the arguments as they are. */
  readonly whole: string
  /** What else matters about it, in a few words each. */
  readonly notes: ReadonlyArray<string>
}

export interface AskedGroup {
  readonly tool: string
  readonly heading: string
  /** Why they were not simply run; each sentence once. */
  readonly reasons: ReadonlyArray<string>
  readonly calls: ReadonlyArray<AskedCall>
}

const HEADINGS: ReadonlyMap<string, string> = new Map([
  ["edit_files", "Edit files"],
  ["execute", "Run"],
  ["process_signal", "Signal a process"],
  ["read_file", "Read"],
  ["write_file", "Write"],
])

const parsed = (args: string): unknown => {
  try {
    return JSON.parse(args)
  } catch {
    return args
  }
}

const linesOf = (text: string): number => text.trimEnd().split("\n").length

const paths = (args: unknown): string | undefined => {
  const found = [args, ...listField(args, "files")].flatMap((from) => textField(from, "path") ?? [])
  return found.length === 0 ? undefined : found.join("\n")
}

const notesOf = (args: unknown, command: string | undefined): ReadonlyArray<string> => {
  if (command === undefined) return []
  const folder = textField(args, "workdir")
  const lines = linesOf(command)
  return [
    ...(lines > 1 ? [`${lines} lines`] : []),
    ...(folder === undefined ? [] : [`in ${folder}`]),
    ...(fieldOf(args, "run_in_background") === true ? ["in the background"] : []),
  ]
}

const askedCall = (approval: Approval): AskedCall => {
  const args = parsed(approval.args)
  const { tool_call_id, tool_name } = approval
  const part: ToolCallPart = { type: "tool-call", tool_call_id, tool_name, args }
  const call = toolCall(part, { result: undefined, turnRuns: true, asked: true, denied: false }, rendererOf(tool_name))
  const command = tool_name === "execute" ? textField(args, "command") : undefined
  return {
    approval,
    call,
    whole: command ?? paths(args) ?? visibleText(approval.args),
    notes: notesOf(args, command),
  }
}

/** By tool, in the order in which the model made the first call of each. */
export const groupCalls = (approvals: ReadonlyArray<Approval>): ReadonlyArray<AskedGroup> =>
  [...new Set(approvals.map(({ tool_name }) => tool_name))].map((tool) => {
    const own = approvals.filter(({ tool_name }) => tool_name === tool)
    return {
      tool,
      heading: HEADINGS.get(tool) ?? visibleText(tool),
      reasons: [...new Set(own.map(({ reason }) => visibleText(reason)))].filter((reason) => reason !== ""),
      calls: own.map(askedCall),
    }
  })

/** Two rules of the same key are the same rule. */
export const ruleKey = ({ action, args, pattern }: ToolPolicyRule): string =>
  JSON.stringify([pattern, args?.command_prefix ?? null, action])

const QUIET_WORD = /^[\w@%+=:,./-]+$/

/** As it would be typed. */
const quoted = (word: string): string => (QUIET_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

/** What a rule is about: the first words of a command, or a tool. */
export const ruleSubject = ({ args, pattern }: ToolPolicyRule): string =>
  visibleText(args === undefined ? pattern : args.command_prefix.map(quoted).join(" "))

/** The calls with which a rule is offered: with the first of them, since it is one rule for all. */
export const rulesOffered = (approvals: ReadonlyArray<Approval>): ReadonlyMap<string, ToolPolicyRule> => {
  const seen = new Set<string>()
  return new Map(
    approvals.flatMap(({ allow_rule, id }): ReadonlyArray<[string, ToolPolicyRule]> => {
      if (allow_rule === undefined || seen.has(ruleKey(allow_rule))) return []
      seen.add(ruleKey(allow_rule))
      return [[id, allow_rule]]
    }),
  )
}
