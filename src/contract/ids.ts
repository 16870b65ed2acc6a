import { Schema } from "effect"

/** An id, in lower case however it came in: it is the name of actors, locks and receipts, where case counts, not of rows only. */
export const Uuid = Schema.transform(Schema.UUID, Schema.UUID, {
  strict: true,
  decode: (id) => id.toLowerCase(),
  encode: (id) => id,
})
