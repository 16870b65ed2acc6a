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

/** Follows the text of an object as it comes and knows where it ends, however it is cut, in time linear in its length. */
export class ObjectEnd {
  #depth = 0
  #quoted = false
  #escaped = false
  #ended = false
  #beyond = false

  /** The text so far is an object from its first letter to its last, blanks around it aside. */
  get atEnd(): boolean {
    return this.#ended && !this.#beyond
  }

  /** Takes the next piece; the place in it where the object ends, if it is there. */
  add(piece: string): number | undefined {
    let end: number | undefined
    for (let at = 0; at < piece.length && !this.#beyond; at++) {
      const letter = piece.charAt(at)
      if (this.#quoted) {
        if (letter === '"' && !this.#escaped) this.#quoted = false
        this.#escaped = letter === "\\" && !this.#escaped
      } else if (letter === '"' && this.#depth > 0) this.#quoted = true
      else if (letter === "{" && !this.#ended) this.#depth++
      else if (letter === "}" && this.#depth > 0) {
        if (--this.#depth > 0) continue
        this.#ended = true
        end = at + 1
      } else if (this.#depth === 0 && !/\s/.test(letter)) this.#beyond = true
    }
    return end
  }
}

/** The texts of the objects of which a text consists; none where it holds anything else. */
const objectsIn = (text: string): ReadonlyArray<string> => {
  const objects: Array<string> = []
  for (let rest = text.trim(); rest !== "";) {
    const end = new ObjectEnd().add(rest)
    if (end === undefined) return []
    objects.push(rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
  return objects
}

/**
 * Servers that send an empty object first, or all the arguments once more, leave several objects behind one another. Where only
 * one of them says something it is meant. Undefined where there are others, and nobody knows which.
 */
const onlyObject = (text: string): unknown => {
  const objects = objectsIn(text)
  const said = objects.filter((object) => !isEmptyObject(object))
  if (said.length === 0) return objects.length === 0 ? undefined : {}
  const [first, ...more] = said.map(parseJson)
  const spelled = nestsDeeper(first) ? undefined : JSON.stringify(first)
  const isSame = (other: unknown) => spelled !== undefined && !nestsDeeper(other) && JSON.stringify(other) === spelled
  return more.every(isSame) ? first : undefined
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
