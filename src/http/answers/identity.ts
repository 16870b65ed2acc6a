import type { IdentityError } from "../../identity/errors.ts"
import { answer, answerLater, type AnswersTo, fieldAnswer, NOT_FOUND } from "./answer.ts"

export const identityAnswers = {
  FirstUserExists: () => answer(409, "The first user has been created already. Sign in instead."),
  SetupTokenWrong: () =>
    fieldAnswer(403, "setup_token", "Give the setup token that the server printed when it started."),
  PasswordWeak: ({ message }) => fieldAnswer(400, "password", message, `The password ${message}.`),
  CredentialsWrong: () => answer(401, "The e-mail address or the password is wrong."),
  AccountSuspended: () => answer(401, "This account is suspended. Ask an administrator to activate it."),
  TooManyLogins: ({ retryAfterSeconds }) =>
    answerLater(429, retryAfterSeconds, `Too many attempts to sign in. Try again in ${retryAfterSeconds} s.`),
  SessionInvalid: () =>
    answer(401, "You are not signed in, or your session is over. Sign in again.", {
      detail: "The session token was not accepted: it is unknown, expired or revoked.",
    }),
  UserNotFound: () => answer(404, NOT_FOUND),
  IdentityNotFound: () => answer(404, NOT_FOUND),
  NotAllowed: ({ message }) => answer(403, message),
  IdentityFieldInvalid: ({ field, message }) => fieldAnswer(400, field, message, `The field ${field} ${message}.`),
  IdentityNameTaken: ({ field }) => fieldAnswer(409, field, "is taken", `This ${field} is taken. Choose another.`),
  IdentityConflict: ({ message }) => answer(409, message),
} satisfies AnswersTo<IdentityError>
