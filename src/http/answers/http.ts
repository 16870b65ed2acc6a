import type { HttpError } from "../errors.ts"
import { answer, type AnswersTo, NOT_FOUND } from "./answer.ts"

export const httpAnswers = {
  BadRequestError: ({ message, validations }) => answer(400, message, validations === undefined ? {} : { validations }),
  UnauthorizedError: ({ message, detail }) => answer(401, message, detail === undefined ? {} : { detail }),
  ForbiddenError: ({ message }) => answer(403, message),
  NotFoundError: ({ message }) => answer(404, message || NOT_FOUND),
  ConflictError: ({ message }) => answer(409, message),
  PreconditionFailedError: ({ message }) => answer(412, message),
  TooLargeError: ({ limitBytes }) =>
    answer(413, `The request body is too large: at most ${limitBytes.toLocaleString("en")} bytes are accepted here.`),
  UnsupportedMediaTypeError: ({ message }) => answer(415, message),
  MisdirectedError: () =>
    answer(
      421,
      "This server does not answer to that name. Use localhost, or set TROUPE_ACCESS_URL to the URL you come by.",
    ),
  TooManyError: ({ message, retryAfterSeconds }) => ({
    ...answer(429, message),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  }),
} satisfies AnswersTo<HttpError>
