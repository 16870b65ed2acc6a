import type { LucideIcon } from "lucide-react"
import type { ComponentType } from "react"
import type { ToolCallPart, ToolResultPart } from "../../../src/contract/parts.ts"
import { visibleText } from "../ui/visible-text.ts"

/**
 * `writing`: the model is still writing the arguments. `asked`: a person has to approve it. `running`: no result yet.
 * `interrupted`: the user stopped it. `stopped`: the turn ended without a result.
 */
export type ToolState = "writing" | "asked" | "running" | "done" | "failed" | "denied" | "interrupted" | "stopped"

/** What a title says of the same work while it goes on, when it is done, and when it was only asked for. */
export interface Wording {
  readonly going: string
  readonly done: string
  readonly asked: string
}

/** `Wrote a.txt` only where that happened; what was stopped, refused or went wrong is `Write a.txt`. */
export const wordingFor = (state: ToolState, { going, done, asked }: Wording): string => {
  if (state === "done") return done
  return state === "writing" || state === "running" ? going : asked
}

/** A call and its result as a renderer sees them. Both were written by a model or a workspace: nothing about them is certain. */
export interface ToolCall {
  /** The provider's, by which parts and results name it. */
  readonly id: string
  readonly name: string
  readonly args: unknown
  /** What the model wrote, where it is not JSON (yet). */
  readonly argsText: string
  readonly result: unknown
  readonly state: ToolState
  /** What a call that runs has written so far; undefined before it has written anything. */
  readonly output: string | undefined
  /** RFC 3339: when it began, as far as that is known. */
  readonly since: string | undefined
}

/** How calls of one tool are shown. One file per tool; `registry.ts` names them. */
export interface ToolRenderer {
  readonly Icon: LucideIcon
  /** One line, without a full stop, for a call that goes on or is over. */
  readonly title: (call: ToolCall) => string
  /** What the title ends with, where that is a command or a name: it is set as code. */
  readonly object?: (call: ToolCall) => string | undefined
  /** True for a result that reports a failure without being marked as an error. */
  readonly reportsFailure?: (result: unknown) => boolean
  /** A few words at the end of the line. */
  readonly note?: (call: ToolCall) => string | undefined
  readonly hasBody: (call: ToolCall) => boolean
  readonly Body: ComponentType<{ readonly call: ToolCall }>
  /** Whether the calls of a turn that goes on are open by themselves. */
  readonly opens?: boolean
}

/** A field of a value of unknown shape. */
export const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined

/** A field of text, to be shown: characters that hide or turn around others are written out. */
export const textField = (value: unknown, name: string): string | undefined => {
  const field = fieldOf(value, name)
  return typeof field === "string" ? visibleText(field) : undefined
}

/** The output of a program as it wrote it: what would hide in it is made visible where it is drawn. */
export const writtenOutput = (result: unknown): string => {
  const output = fieldOf(result, "output")
  return typeof output === "string" ? output : ""
}

export const numberField = (value: unknown, name: string): number | undefined => {
  const field = fieldOf(value, name)
  return typeof field === "number" ? field : undefined
}

export const listField = (value: unknown, name: string): ReadonlyArray<unknown> => {
  const field = fieldOf(value, name)
  return Array.isArray(field) ? field : []
}

/** True for `{success: false}`, which the process tools answer with. */
export const reportsNoSuccess = (result: unknown): boolean => fieldOf(result, "success") === false

/** What a failed call says of itself. */
export const errorText = (result: unknown): string | undefined =>
  typeof result === "string" ? visibleText(result) : (textField(result, "error") ?? textField(result, "message"))

/** What the page knows of a call beside the call itself. */
export interface CallFacts {
  readonly result: ToolResultPart | undefined
  readonly turnRuns: boolean
  /** It waits for a person. */
  readonly asked: boolean
  /** A person who looks at this page denied it. */
  readonly denied: boolean
}

/** The arguments as text: so far, while the model writes them, or for good where they are no JSON. */
const writtenArgs = ({ args_delta, args_text }: ToolCallPart): string | undefined => args_delta ?? args_text

/** Who stopped this one call, where somebody did. */
export const stoppedBy = (result: unknown): string | undefined => textField(result, "stopped_by")

/** True for the result of a call that a person stopped, alone or with its turn. */
export const wasInterrupted = (result: unknown): boolean =>
  textField(result, "canceled") === "interrupted" || stoppedBy(result) !== undefined

/** Its tool is at work, and this is what it writes. */
export const isUnderWay = ({ result_delta }: ToolResultPart): boolean => result_delta !== undefined

const wasDenied = (result: unknown): boolean =>
  typeof result === "object" && result !== null && "denied" in result && result.denied === true

const stateOf = (
  part: ToolCallPart,
  { result, turnRuns, asked, denied }: CallFacts,
  reportsFailure: ToolRenderer["reportsFailure"],
): ToolState => {
  if (result !== undefined && !isUnderWay(result)) {
    if (wasInterrupted(result.result)) return "interrupted"
    if (result.is_error !== true && reportsFailure?.(result.result) !== true) return "done"
    return denied || wasDenied(result.result) ? "denied" : "failed"
  }
  if (!turnRuns) return "stopped"
  if (denied) return "denied"
  if (asked) return "asked"
  return part.args === undefined && writtenArgs(part) !== undefined ? "writing" : "running"
}

export const toolCall = (part: ToolCallPart, facts: CallFacts, renderer: ToolRenderer): ToolCall => ({
  id: part.tool_call_id,
  name: part.tool_name,
  args: part.args,
  argsText: writtenArgs(part) ?? "",
  result: facts.result?.result,
  output: facts.result?.result_delta,
  since: facts.result?.created_at ?? part.created_at,
  state: stateOf(part, facts, renderer.reportsFailure),
})
