import { Option, Schema } from "effect"

/**
 * Fields of a request that may be left out. Clients in several languages write `null` for what they leave out, so null is
 * absent, in every request and at every depth. Answers leave such fields out.
 */
export const optional = <A, I, R>(schema: Schema.Schema<A, I, R>) => Schema.optionalWith(schema, { nullable: true })

/** One of some words, where the empty text is absent as well: what a client sends for a choice that was never made. */
export const optionalChoice = <A extends string, R>(schema: Schema.Schema<A, A, R>) =>
  Schema.optionalToOptional(Schema.UndefinedOr(Schema.NullOr(Schema.Union(schema, Schema.Literal("")))), schema, {
    decode: Option.filter((value): value is A => value !== undefined && value !== null && value !== ""),
    encode: (value) => value,
  })
