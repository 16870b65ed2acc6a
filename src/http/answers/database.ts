import { type DatabaseTrouble, retryAfterSecondsOf, sentenceOf } from "../../db/engine/sql-errors.ts"
import { answer, answerLater } from "./answer.ts"

/** Failures of the database are no errors that a handler names: they may end any request, whatever was asked. */

/** The answer where the database could not do its work. */
export const answerOfTrouble = (trouble: DatabaseTrouble) =>
  answerLater(503, retryAfterSecondsOf(trouble), `${sentenceOf(trouble)} Try again in a moment.`)

export const UNSTORABLE = answer(400, "The request has a character in it that cannot be stored: NUL (U+0000).")
