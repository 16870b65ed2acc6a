import type { ErrorBody } from "../../contract/errors.ts"

/** What the tables of this folder are made of: one for each area whose errors reach a handler. */

/** An answer that is not a success. */
export interface Answer<Status extends number = number> {
  readonly status: Status
  readonly body: ErrorBody
  readonly retryAfterSeconds?: number
}

/** The status stays a literal, so that the table says it to the compiler. */
export const answer = <const Status extends number>(
  status: Status,
  message: string,
  more: Omit<ErrorBody, "message"> = {},
): Answer<Status> => ({ status, body: { message, ...more } })

/** `sentence` may say more than what is told of the field. */
export const fieldAnswer = <const Status extends number>(
  status: Status,
  field: string,
  detail: string,
  sentence: string = detail,
): Answer<Status> => answer(status, sentence, { validations: [{ field, detail }] })

/** With the seconds after which it is worth trying again. */
export const answerLater = <const Status extends number>(
  status: Status,
  retryAfterSeconds: number,
  message: string,
  more: Omit<ErrorBody, "message"> = {},
): Answer<Status> => ({ ...answer(status, message, more), retryAfterSeconds })

/** The same words for what does not exist and for what the caller may not see. */
export const NOT_FOUND = "This does not exist, or you may not see it."

interface Tagged {
  readonly _tag: string
}

/** A table from the tags of an area's errors to their answers. Each line says its status once. */
export type AnswersTo<Failure extends Tagged> = {
  readonly [Tag in Failure["_tag"]]: (failure: Extract<Failure, { readonly _tag: Tag }>) => Answer
}
