import { Data } from "effect"

/** One field of a request that cannot be used: `content[0].text`, and a short sentence about it. */
export interface Validation {
  readonly field: string
  readonly detail: string
}

/** Failures of the HTTP layer itself. Services have their own errors; `failures.ts` has what is answered to each. */
export class BadRequestError extends Data.TaggedError("BadRequestError")<{
  readonly message: string
  readonly validations?: ReadonlyArray<Validation>
}> {}
export class UnauthorizedError extends Data.TaggedError("UnauthorizedError")<{
  readonly message: string
  readonly detail?: string
}> {}
export class ForbiddenError extends Data.TaggedError("ForbiddenError")<{ readonly message: string }> {}
export class NotFoundError extends Data.TaggedError("NotFoundError")<{ readonly message?: string }> {}
export class ConflictError extends Data.TaggedError("ConflictError")<{ readonly message: string }> {}
export class PreconditionFailedError extends Data.TaggedError("PreconditionFailedError")<{
  readonly message: string
}> {}
export class TooLargeError extends Data.TaggedError("TooLargeError")<{ readonly limitBytes: number }> {}
export class UnsupportedMediaTypeError extends Data.TaggedError("UnsupportedMediaTypeError")<{
  readonly message: string
}> {}
/** The request names another server than this one. */
export class MisdirectedError extends Data.TaggedError("MisdirectedError") {}
export class TooManyError extends Data.TaggedError("TooManyError")<{
  readonly message: string
  readonly retryAfterSeconds?: number
}> {}

export type HttpError =
  | BadRequestError
  | UnauthorizedError
  | ForbiddenError
  | NotFoundError
  | ConflictError
  | PreconditionFailedError
  | TooLargeError
  | UnsupportedMediaTypeError
  | MisdirectedError
  | TooManyError
