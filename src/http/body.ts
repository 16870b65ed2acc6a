import { Effect } from "effect"
import express, { type Request, type Response } from "express"
import { BadRequestError, TooLargeError, UnsupportedMediaTypeError } from "./errors.ts"

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

/** Reads the JSON body of a request, at most `limitBytes` of it. A request without a body reads as `{}`. */
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
    return Effect.async((resume) => {
      parse(request, response, (error?: unknown) => {
        resume(
          error === undefined ? Effect.sync((): unknown => request.body) : Effect.fail(failureOf(error, limitBytes)),
        )
      })
    })
  }
}
