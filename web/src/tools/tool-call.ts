import type { LucideIcon } from "lucide-react"
import type { ComponentType } from "react"
import type { ToolCallPart, ToolResultPart } from "../../../src/contract/parts.ts"

/**
 * `writing`: the model is still writing the arguments. `running`: no result yet. `stopped`: the turn ended without one.
 */
export type ToolState = "writing" | "running" | "done" | "failed" | "stopped"

/** A call and its result as a renderer sees them. Both were written by a model or a workspace: nothing about them is certain. */
export interface ToolCall {
  readonly name: string
  readonly args: unknown
  /** What the model wrote, where it is not JSON (yet). */
  readonly argsText: string
  readonly result: unknown
  readonly state: ToolState
}

/** How calls of one tool are shown. One file per tool; `registry.ts` names them. */
export interface ToolRenderer {
  readonly Icon: LucideIcon
  /** One line, without a full stop, for a call that goes on or is over. */
  readonly title: (call: ToolCall) => string
  /** True for a result that reports a failure without being marked as an error. */
  readonly reportsFailure?: (result: unknown) => boolean
  /** A few words at the end of the line. */
  readonly note?: (call: ToolCall) => string | undefined
  readonly hasBody: (call: ToolCall) => boolean
  readonly Body: ComponentType<{ readonly call: ToolCall }>
  /** Whether a call that is being made opens by itself. */
  readonly opens?: boolean
}

/** A field of a value of unknown shape. */
export const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined

export const textField = (value: unknown, name: string): string | undefined => {
  const field = fieldOf(value, name)
  return typeof field === "string" ? field : undefined
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
  typeof result === "string" ? result : (textField(result, "error") ?? textField(result, "message"))

const stateOf = (
  part: ToolCallPart,
  result: ToolResultPart | undefined,
  turnRuns: boolean,
  reportsFailure: ToolRenderer["reportsFailure"],
): ToolState => {
  if (result !== undefined) {
    return result.is_error === true || reportsFailure?.(result.result) === true ? "failed" : "done"
  }
  if (!turnRuns) return "stopped"
  return part.args === undefined && part.args_text !== undefined ? "writing" : "running"
}

export const toolCall = (
  part: ToolCallPart,
  result: ToolResultPart | undefined,
  turnRuns: boolean,
  renderer: ToolRenderer,
): ToolCall => ({
  name: part.tool_name,
  args: part.args,
  argsText: part.args_text ?? "",
  result: result?.result,
  state: stateOf(part, result, turnRuns, renderer.reportsFailure),
})
