import { Either } from "effect"
import { BadRequestError, type Validation } from "./errors.ts"

/** Which chats a list is of, as its query says. */
export interface ChatSearch {
  readonly archived: boolean
  /** Labels that a chat must have, all of them. */
  readonly labels: ReadonlyArray<{ readonly [key: string]: string }>
}

/** Space-separated `key:value`, with quotes around what has spaces. */
const words = (q: string): ReadonlyArray<string> => q.match(/(?:[^\s"]|"[^"]*")+/g) ?? []

/** The halves around the first colon; undefined where one of them is empty. */
const halves = (text: string): readonly [key: string, value: string] | undefined => {
  const at = text.indexOf(":")
  const key = text.slice(0, at)
  const value = text.slice(at + 1)
  return at < 1 || value === "" ? undefined : [key, value]
}

const one = (values: string | ReadonlyArray<string> | undefined): ReadonlyArray<string> =>
  values === undefined ? [] : [values].flat()

/** A list that ignored what it was asked for would be a wrong answer, so whatever is not served is refused. */
export const chatSearch = (query: {
  readonly q?: string | undefined
  readonly label?: string | ReadonlyArray<string> | undefined
}): Either.Either<ChatSearch, BadRequestError> => {
  const faults: Array<Validation> = []
  let archived = false
  for (const word of words(query.q ?? "")) {
    const [key, value] = halves(word) ?? [word, undefined]
    const text = value?.replaceAll('"', "")
    if (key === "archived" && (text === "true" || text === "false")) archived = text === "true"
    else if (key === "archived") faults.push({ field: "q", detail: "archived must be true or false" })
    else
      faults.push({
        field: "q",
        detail: `cannot search for ${word.slice(0, 64)}: archived:true and archived:false are served`,
      })
  }
  const labels: Array<{ readonly [key: string]: string }> = []
  for (const label of one(query.label)) {
    const pair = halves(label)
    if (pair === undefined) faults.push({ field: "label", detail: "must be key:value" })
    else labels.push({ [pair[0]]: pair[1] })
  }
  const [first] = faults
  return first === undefined
    ? Either.right({ archived, labels })
    : Either.left(new BadRequestError({ message: `${first.field} ${first.detail}.`, validations: faults }))
}
