import { Effect } from "effect"
import { type Fault, isFaults } from "../identity/search-query.ts"
import { BadRequestError } from "./errors.ts"

/** The filter of a search that was read; 400 with each key that cannot be used. */
export const searched = <Filter extends object>(
  read: Filter | ReadonlyArray<Fault>,
): Effect.Effect<Filter, BadRequestError> =>
  isFaults(read)
    ? new BadRequestError({ message: "The search cannot be used.", validations: read })
    : Effect.succeed(read)
