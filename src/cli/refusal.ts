import { Cause, Data, Effect, Match, Option } from "effect"
import { sentenceOf, troubleIn } from "../db/engine/sql-errors.ts"
import type { IdentityError } from "../identity/errors.ts"

/** What a person reads when a command is refused: one sentence that says what to do, never a stack. */

/** Refused by the command itself. */
export class Refused extends Data.TaggedError("Refused")<{ readonly message: string }> {}

/** What was typed makes no command. Ends with the code 2. */
export class Misused extends Data.TaggedError("Misused")<{ readonly message: string }> {}

const identitySentence: (error: IdentityError) => string = Match.type<IdentityError>().pipe(
  Match.tagsExhaustive({
    FirstUserExists: () => "Somebody made the first account this very moment. Try again.",
    SetupTokenWrong: () => "The setup token is wrong.",
    PasswordWeak: ({ message }) => `The password ${message}.`,
    CredentialsWrong: () => "The e-mail address or the password is wrong.",
    AccountSuspended: () => "This account is suspended.",
    TooManyLogins: ({ retryAfterSeconds }) => `Too many attempts. Try again in ${retryAfterSeconds} s.`,
    SessionInvalid: () => "This session is over.",
    UserNotFound: () => "There is no such user.",
    IdentityNotFound: ({ what }) => `There is no such ${what}.`,
    NotAllowed: ({ message }) => message,
    IdentityFieldInvalid: ({ field, message }) => `The field ${field} ${message}.`,
    IdentityNameTaken: ({ field }) => `This ${field} is taken. Choose another.`,
    IdentityConflict: ({ message }) => message,
  }),
)

const hasTag = (error: unknown): error is { readonly _tag: string; readonly operation?: unknown } =>
  typeof error === "object" && error !== null && "_tag" in error

const IDENTITY: Readonly<Record<IdentityError["_tag"], true>> = {
  FirstUserExists: true,
  SetupTokenWrong: true,
  PasswordWeak: true,
  CredentialsWrong: true,
  AccountSuspended: true,
  TooManyLogins: true,
  SessionInvalid: true,
  UserNotFound: true,
  IdentityNotFound: true,
  NotAllowed: true,
  IdentityFieldInvalid: true,
  IdentityNameTaken: true,
  IdentityConflict: true,
}

const isIdentityError = (error: unknown): error is IdentityError => hasTag(error) && Object.hasOwn(IDENTITY, error._tag)

/** Our errors carry a sentence; whatever else is thrown is a mistake of ours. */
const sentenceOfError = (error: unknown): string => {
  if (isIdentityError(error)) return identitySentence(error)
  if (hasTag(error) && error instanceof Error && error._tag !== "SqlError") return error.message
  const why = error instanceof Error ? error.message : String(error)
  return `This failed for a reason that nobody foresaw, which is a bug: ${why}`
}

export interface Failure {
  readonly code: 1 | 2
  readonly message: string
}

export const failureOf = (cause: Cause.Cause<unknown>): Failure => {
  const trouble = troubleIn(cause)
  if (trouble !== undefined) return { code: 1, message: `${sentenceOf(trouble)} Try again.` }
  const error = Option.getOrElse(Cause.failureOption(cause), () => Cause.squash(cause))
  return { code: error instanceof Misused ? 2 : 1, message: sentenceOfError(error) }
}

/** Says which user it is that is not there. */
export const named =
  (reference: string) =>
  <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.mapError(effect, (error) =>
      error._tag === "UserNotFound"
        ? new Refused({ message: `There is no user ${reference}. Give a username or an id.` })
        : error,
    )
