import { HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"

/** The body of every answer that is not a success. `validations` names the fields at fault. */
const body = {
  message: Schema.String,
  detail: Schema.optionalWith(Schema.String, { exact: true }),
  validations: Schema.optionalWith(Schema.Array(Schema.Struct({ field: Schema.String, detail: Schema.String })), {
    exact: true,
  }),
}

/** The brand says the status to the compiler, which holds the failures of a handler against what its endpoint declares. */
const answer = <const Status extends number>(status: Status, description: string) =>
  Schema.Struct(body)
    .pipe(Schema.brand(`${status}` as const))
    .annotations(HttpApiSchema.annotations({ status, description }))

export const ErrorBody = Schema.Struct(body).annotations({ identifier: "Error" })
export type ErrorBody = typeof ErrorBody.Type

/** What an endpoint declares beside the common answers of `common-answers.ts`. */

export const Unauthorized = answer(401, "Sign in first.")
export const Forbidden = answer(403, "You may see this but not do it.")
export const NotFound = answer(404, "It does not exist, or you may not see it.")
export const Conflict = answer(409, "Not possible in the present state.")
export const PreconditionFailed = answer(412, "Something this depends on is disabled.")
export const TooMany = answer(429, "A limit is reached; try later.")
