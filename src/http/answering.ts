import { Cause, Option } from "effect"
import type { Request, Response } from "express"
import type { Logger } from "pino"
import type { StoredAnswer } from "../db/chats/receipts.ts"
import { factsOf, isUnstorable, sentenceOf, troubleIn } from "../db/engine/sql-errors.ts"
import { type Answer, answerLater } from "./answers/answer.ts"
import { answerOfTrouble, UNSTORABLE } from "./answers/database.ts"
import { sendJson } from "./content-encoding.ts"
import { answerOf, type HttpFailure } from "./failures.ts"

/** How the end of a request reaches its client, whatever that end is. */

const STOPPING = answerLater(503, 1, "The server is stopping. Try again in a moment.")

/** Answers a failed request; also used where a failure happens before a route is found. */
export const sendFailure = (response: Response, cause: Cause.Cause<HttpFailure>, logger: Logger): void => {
  const failure = Cause.failureOption(cause)
  const send = ({ status, body, retryAfterSeconds }: Answer) => {
    if (retryAfterSeconds !== undefined) response.setHeader("retry-after", String(retryAfterSeconds))
    response.status(status).json(body)
  }
  if (Option.isSome(failure)) return send(answerOf(failure.value))
  if (Cause.isInterruptedOnly(cause)) return send(STOPPING)
  const requestId = String(response.getHeader("x-request-id") ?? "")
  const trouble = troubleIn(cause)
  if (trouble !== undefined) {
    const database = [...Cause.defects(cause)].map(factsOf)
    logger.warn({ requestId, database }, `a request could not be answered. ${sentenceOf(trouble)}`)
    return send(answerOfTrouble(trouble))
  }
  if ([...Cause.defects(cause)].some(isUnstorable)) return send(UNSTORABLE)
  logger.error({ requestId, cause: Cause.pretty(cause, { renderErrorCause: true }) }, "a request failed unexpectedly")
  response.status(500).json({
    message: "Something went wrong inside the server. The administrator finds the reason in its log.",
    detail: `Request ${requestId}`,
  })
}

/** Before its headers: an answer that cannot be written as JSON is a failure, and a failure has none of them. */
export const sendAnswer = async (
  request: Request,
  response: Response,
  { status, headers, body }: StoredAnswer,
): Promise<void> => {
  const text = body === undefined ? undefined : JSON.stringify(body)
  for (const [name, value] of headers) response.append(name, value)
  response.status(status)
  if (text === undefined) response.end()
  else await sendJson(request, response, text)
}

/** Ends a request whose answer could not be sent, for a reason of ours. */
export const sendDefect = (response: Response, cause: unknown, logger: Logger): void => {
  if (!response.headersSent) return sendFailure(response, Cause.die(cause), logger)
  logger.error({ cause }, "an answer broke off")
  response.destroy()
}
