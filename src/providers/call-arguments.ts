import { nestsDeeper } from "../contract/json-depth.ts"
import { isRecord, parseJson } from "./json.ts"

/** Arguments of a call, from what a provider sent of them to the fields of its part. */

/** Stands for arguments that cannot even be written down; no JSON, so the model is told to send others. */
const TOO_DEEP = "(nested too deeply)"

/** The text of arguments, which some servers send as the object itself. */
export const argumentsText = (given: unknown): string => {
  if (typeof given === "string") return given
  if (typeof given !== "object" || given === null) return ""
  return nestsDeeper(given) ? TOO_DEEP : JSON.stringify(given)
}

/** Whether this is the whole of some arguments: an object that nothing can follow. */
export const isWhole = (text: string): boolean => isRecord(parseJson(text))

/**
 * The finished text as the fields of a part; no text at all means no arguments. Text that is no JSON, or nests more than
 * `MOST_JSON_LEVELS` deep, stays text.
 */
export const parsedArgs = (text: string): { readonly args: unknown } | { readonly args_text: string } => {
  if (text.trim() === "") return { args: {} }
  const args = parseJson(text)
  if (args === undefined || nestsDeeper(args)) return { args_text: text }
  // Some models write the object as a text in the text.
  const inner = typeof args === "string" ? parseJson(args) : undefined
  return { args: isRecord(inner) && !nestsDeeper(inner) ? inner : args }
}
