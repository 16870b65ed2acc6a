import { Either } from "effect"
import { ChatStatus } from "../contract/chats.ts"
import { BadRequestError, type Validation } from "./errors.ts"

/** Which chats a list is of, as its query says. */
export interface ChatSearch {
  /** The caller's own, those that others share with the caller, or both. */
  readonly source: Source
  readonly archived: boolean
  /** One of these. */
  readonly statuses?: ReadonlyArray<ChatStatus>
  /** A piece of the title, whatever its case. */
  readonly title?: string
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

/** The values of the keys that are served; of those without, any text. */
const SERVED = {
  archived: ["true", "false"],
  source: ["created_by_me", "shared_with_me", "all"],
  status: ChatStatus.literals,
  title: undefined,
} as const

/** Keys that take several values with commas between them, any of which will do. */
const SEVERAL: ReadonlySet<string> = new Set(["status"])

type Source = (typeof SERVED)["source"][number]
type ServedKey = keyof typeof SERVED

const isServed = (key: string): key is ServedKey => Object.hasOwn(SERVED, key)

const oneOf = <const Value extends string>(values: ReadonlyArray<Value>, text: string | undefined): Value | undefined =>
  values.find((value) => value === text)

/** A list that ignored what it was asked for would be a wrong answer, so whatever is not served is refused. */
export const chatSearch = (query: {
  readonly q?: string | undefined
  readonly label?: string | ReadonlyArray<string> | undefined
}): Either.Either<ChatSearch, BadRequestError> => {
  const faults: Array<Validation> = []
  const found: { [Key in ServedKey]?: string } = {}
  for (const word of words(query.q ?? "")) {
    const [key, value] = halves(word) ?? [word.replace(/:$/, ""), ""]
    const text = value.replaceAll('"', "")
    if (!isServed(key)) {
      const served = Object.keys(SERVED).join(":, ")
      faults.push({ field: "q", detail: `cannot search for ${word.slice(0, 64)}: ${served}: are served` })
      continue
    }
    const values: ReadonlyArray<string> | undefined = SERVED[key]
    const asked = SEVERAL.has(key) ? text.split(",") : [text]
    if (values === undefined ? text === "" : !asked.every((each) => values.includes(each))) {
      faults.push({ field: "q", detail: `${key} must be ${values?.join(" or ") ?? "a text"}` })
    } else found[key] = text
  }
  const labels: Array<{ readonly [key: string]: string }> = []
  for (const label of one(query.label)) {
    const pair = halves(label)
    if (pair === undefined) faults.push({ field: "label", detail: "must be key:value" })
    else labels.push({ [pair[0]]: pair[1] })
  }
  const [first] = faults
  return first === undefined
    ? Either.right({
        source: oneOf(SERVED.source, found.source) ?? "created_by_me",
        archived: found.archived === "true",
        ...(found.status !== undefined && {
          statuses: SERVED.status.filter((status) => found.status?.split(",").includes(status)),
        }),
        ...(found.title !== undefined && { title: found.title }),
        labels,
      })
    : Either.left(new BadRequestError({ message: `${first.field} ${first.detail}.`, validations: faults }))
}
