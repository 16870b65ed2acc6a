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

/** An object in which nothing stands yet: some servers begin with it, whatever they send then. */
export const isEmptyObject = (text: string): boolean => /^\s*\{\s*\}\s*$/.test(text)

/** The end of the object that begins at `from`; undefined where none begins or it does not end. */
const endOfObject = (text: string, from: number): number | undefined => {
  let depth = 0
  let quoted = false
  for (let at = from; at < text.length; at++) {
    const letter = text[at]
    if (quoted && letter === "\\") at++
    else if (letter === '"') quoted = !quoted
    else if (quoted) continue
    else if (letter === "{") depth++
    else if (letter === "}") depth--
    if (depth === 0) return letter === "}" ? at + 1 : undefined
  }
  return undefined
}

/** The texts of the objects of which a text consists; none where it holds anything else. */
const objectsIn = (text: string): ReadonlyArray<string> => {
  const objects: Array<string> = []
  for (let from = 0; from < text.length;) {
    const end = endOfObject(text, from)
    if (end === undefined) return []
    objects.push(text.slice(from, end))
    from = end
    while (/\s/.test(text.charAt(from))) from++
  }
  return objects
}

/**
 * Servers that send an empty object first, or all the arguments once more, leave several objects behind one another. Where only
 * one of them says something it is meant. Undefined where there are others, and nobody knows which.
 */
const onlyObject = (text: string): unknown => {
  const said = objectsIn(text.trim()).filter((object) => !isEmptyObject(object))
  const [first, ...more] = said.map(parseJson)
  const spelled = JSON.stringify(first)
  return more.every((other) => JSON.stringify(other) === spelled) ? first : undefined
}

/**
 * The finished text as the fields of a part; no text at all means no arguments. Text that is no JSON, or nests more than
 * `MOST_JSON_LEVELS` deep, stays text.
 */
export const parsedArgs = (text: string): { readonly args: unknown } | { readonly args_text: string } => {
  if (/^\s*(?:null\s*)?$/.test(text)) return { args: {} }
  const args = parseJson(text) ?? onlyObject(text)
  if (args === undefined || nestsDeeper(args)) return { args_text: text }
  // Some models write the object as a text in the text.
  const inner = typeof args === "string" ? parseJson(args) : undefined
  return { args: isRecord(inner) && !nestsDeeper(inner) ? inner : args }
}
