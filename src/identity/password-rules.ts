import { Effect } from "effect"
import { readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { PasswordWeak } from "./errors.ts"

/** Which passwords are refused although they are long enough: those that are tried first. */

export interface PasswordChoice {
  readonly password: string
  readonly email: string
  readonly username: string
  readonly name?: string | undefined
}

/** The same seen from `src/identity/` and from the bundle in `dist/server/`. */
const listFile = fileURLToPath(new URL("../../src/identity/common-passwords.txt", import.meta.url))

const PRODUCT = "troupe"
/** As many digits and signs as people put around a word that they were told to make longer. */
const MAX_DECORATION = 6

const withoutDecoration = (text: string) => text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "")

/** The shortest text that gives this one when it is repeated, its last repetition perhaps cut short. */
const repeatedUnit = (text: string): string => {
  const length = Array.from(text, (_, index) => index + 1).find((period) => text.startsWith(text.slice(period)))
  return text.slice(0, length)
}

/** `abcdefghij`, `9876543210`, `1357913579`: each character follows from the one before. */
const isSequence = (text: string): boolean => {
  const steps = new Set<number>()
  for (let index = 1; index < text.length; index += 1) {
    const step = text.charCodeAt(index) - text.charCodeAt(index - 1)
    steps.add(/^\d+$/.test(text) ? (step + 10) % 10 : step)
  }
  return steps.size === 1
}

const faultOf = ({ password, email, username, name = "" }: PasswordChoice, common: ReadonlySet<string>) => {
  const text = password.toLowerCase()
  const core = withoutDecoration(text)
  const isDecorated = core !== "" && text.length - core.length <= MAX_DECORATION
  const own = [email, email.split("@", 1)[0] ?? "", username, name].map((word) => word.toLowerCase())
  if (own.includes(text) || (isDecorated && own.map(withoutDecoration).includes(core)))
    return "must be another than your name"
  const unit = repeatedUnit(text)
  const isCommon = (word: string) => common.has(word) || word === PRODUCT
  return isCommon(text) || (isDecorated && isCommon(core)) || unit.length <= 4 || isCommon(unit) || isSequence(text)
    ? "must be harder to guess: it is one of those that are tried first"
    : undefined
}

/** Reads the list each time: an account is seldom made, and the list is not small. */
export const checkPassword = Effect.fn("Passwords.check")(function* (choice: PasswordChoice) {
  const list = yield* Effect.promise(() => readFile(listFile, "utf8"))
  const fault = faultOf(choice, new Set(list.split("\n")))
  if (fault !== undefined) return yield* new PasswordWeak({ operation: "Passwords.check", message: fault })
})
