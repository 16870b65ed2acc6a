import { Effect } from "effect"
import express, { type Request, type Response } from "express"
import { MOST_JSON_LEVELS, placeTooDeep } from "../contract/json-depth.ts"
import { BadRequestError, TooLargeError, UnsupportedMediaTypeError } from "./errors.ts"
import { fieldName } from "./validation.ts"

const hasBody = (request: Request): boolean => {
  const length = request.headers["content-length"]
  return request.headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0")
}

/** What body-parser says is wrong: https://expressjs.com/en/resources/middleware/body-parser.html#errors */
const typeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "type" in error ? String(error.type) : ""

const failureOf = (error: unknown, limitBytes: number) => {
  switch (typeOf(error)) {
    case "entity.too.large":
      return new TooLargeError({ limitBytes })
    case "encoding.unsupported":
    case "charset.unsupported":
      return new UnsupportedMediaTypeError({ message: "Send the request body as JSON in UTF-8." })
    case "entity.parse.failed":
      return new BadRequestError({
        message: "The request body is not valid JSON.",
        validations: [{ field: "body", detail: "must be valid JSON" }],
      })
    default:
      return new BadRequestError({ message: "The request body could not be read to its end." })
  }
}

/** Of a name that a client has made up, so much as says which is meant. */
const NAME_CHARACTERS = 100

/** Before anything recurses into it. */
const notTooDeep = (body: unknown): Effect.Effect<unknown, BadRequestError> => {
  const place = placeTooDeep(body)
  if (place === undefined) return Effect.succeed(body)
  const field = fieldName(place).slice(0, NAME_CHARACTERS) || "body"
  const detail = `is nested too deeply: a body may have ${MOST_JSON_LEVELS} levels`
  return new BadRequestError({
    message: `The request body is not right: ${field} ${detail}.`,
    validations: [{ field, detail }],
  })
}

/**
 * Reads the JSON body of a request, at most `limitBytes` of it and `MOST_JSON_LEVELS` deep. A request without a body reads as
 * `{}`.
 */
export const jsonBody = (limitBytes: number) => {
  const parse = express.json({ limit: limitBytes, strict: false })
  return (
    request: Request,
    response: Response,
  ): Effect.Effect<unknown, BadRequestError | TooLargeError | UnsupportedMediaTypeError> => {
    if (!hasBody(request)) return Effect.succeed({})
    if (!request.is("json")) {
      return Effect.fail(
        new UnsupportedMediaTypeError({
          message: "Send the request body as JSON, with Content-Type: application/json.",
        }),
      )
    }
    return Effect.async<unknown, ReturnType<typeof failureOf>>((resume) => {
      parse(request, response, (error?: unknown) => {
        resume(
          error === undefined ? Effect.sync((): unknown => request.body) : Effect.fail(failureOf(error, limitBytes)),
        )
      })
    }).pipe(Effect.flatMap(notTooDeep))
  }
}
