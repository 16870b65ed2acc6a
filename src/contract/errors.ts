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

const answer = (status: number, description: string) =>
  Schema.Struct(body).annotations(HttpApiSchema.annotations({ status, description }))

export const ErrorBody = Schema.Struct(body).annotations({ identifier: "Error" })
export type ErrorBody = typeof ErrorBody.Type

export const BadRequest = answer(400, "Something in the request is wrong; `validations` names the fields.")
export const Unauthorized = answer(401, "Sign in first.")
export const Forbidden = answer(403, "You may see this but not do it.")
export const NotFound = answer(404, "It does not exist, or you may not see it.")
export const Conflict = answer(409, "Not possible in the present state.")
export const PreconditionFailed = answer(412, "Something this depends on is disabled.")
export const TooLarge = answer(413, "The body is too large.")
export const TooMany = answer(429, "A limit is reached; try later.")
