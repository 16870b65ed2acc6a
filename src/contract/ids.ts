import { Schema } from "effect"

/** An id, in lower case however it came in: it is the name of actors, locks and receipts, where case counts, not of rows only. */
export const Uuid = Schema.transform(Schema.UUID, Schema.UUID, {
  strict: true,
  decode: (id) => id.toLowerCase(),
  encode: (id) => id,
})

/** Stands for none, where a field that is left out means something else. */
export const ZERO_UUID = "00000000-0000-0000-0000-000000000000"
