import { Data } from "effect"

/** A field of a provider or model config that cannot be used. `message` is a sentence for people. */
export class ModelFieldInvalid extends Data.TaggedError("ModelFieldInvalid")<{
  readonly operation: string
  readonly field: string
  readonly message: string
}> {}

/** A live provider of the same type has this display name; case does not count. */
export class ProviderNameTaken extends Data.TaggedError("ProviderNameTaken")<{
  readonly operation: string
  readonly displayName: string
}> {}

export class ProviderDisabled extends Data.TaggedError("ProviderDisabled")<{
  readonly operation: string
  readonly displayName: string
}> {}

/** There is no provider with the id that a model config names. */
export class ProviderUnknown extends Data.TaggedError("ProviderUnknown")<{ readonly operation: string }> {}

/** There is no provider with the id that is to be changed, or there is none any more. */
export class ProviderNotFound extends Data.TaggedError("ProviderNotFound")<{ readonly operation: string }> {}

export type ModelAdminError =
  | ModelFieldInvalid
  | ProviderNameTaken
  | ProviderDisabled
  | ProviderUnknown
  | ProviderNotFound
