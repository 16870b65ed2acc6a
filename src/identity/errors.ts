import { Data } from "effect"

/** There are users already, so nobody can make the first one. */
export class FirstUserExists extends Data.TaggedError("FirstUserExists")<{ readonly operation: string }> {}

/** The token printed at the start was not given, or a wrong one. */
export class SetupTokenWrong extends Data.TaggedError("SetupTokenWrong")<{ readonly operation: string }> {}

/** Long enough, and still among those that are tried first. `message` goes on after "The password", without a full stop. */
export class PasswordWeak extends Data.TaggedError("PasswordWeak")<{
  readonly operation: string
  readonly message: string
}> {}

/** No such account or a wrong password; which of the two is not said. */
export class CredentialsWrong extends Data.TaggedError("CredentialsWrong")<{ readonly operation: string }> {}

/** The password was right, but an administrator has suspended the account. */
export class AccountSuspended extends Data.TaggedError("AccountSuspended")<{ readonly operation: string }> {}

export class TooManyLogins extends Data.TaggedError("TooManyLogins")<{
  readonly operation: string
  readonly retryAfterSeconds: number
}> {}

/** Unknown, expired or revoked. */
export class SessionInvalid extends Data.TaggedError("SessionInvalid")<{ readonly operation: string }> {}

/** There is no such user, or the caller may not see it. */
export class UserNotFound extends Data.TaggedError("UserNotFound")<{ readonly operation: string }> {}

/** There is no such thing, or the caller may not see it. `what` is for the log. */
export class IdentityNotFound extends Data.TaggedError("IdentityNotFound")<{
  readonly operation: string
  readonly what: "organization" | "member" | "group" | "role" | "key"
}> {}

/** The caller sees it and may not do this. `message` is a sentence. */
export class NotAllowed extends Data.TaggedError("NotAllowed")<{
  readonly operation: string
  readonly message: string
}> {}

/** A field that has the right shape and still cannot be taken. `message` goes on after the field's name. */
export class IdentityFieldInvalid extends Data.TaggedError("IdentityFieldInvalid")<{
  readonly operation: string
  readonly field: string
  readonly message: string
}> {}

/** A name that another one has. */
export class IdentityNameTaken extends Data.TaggedError("IdentityNameTaken")<{
  readonly operation: string
  readonly field: string
}> {}

/** What is asked cannot be done as things are. `message` is a sentence that says what to do first. */
export class IdentityConflict extends Data.TaggedError("IdentityConflict")<{
  readonly operation: string
  readonly message: string
}> {}

/** `TROUPE_FIRST_USER_*` name a user that cannot be made. `message` says what to change and never holds the password. */
export class FirstUserSettingsInvalid extends Data.TaggedError("FirstUserSettingsInvalid")<{
  readonly operation: string
  readonly message: string
}> {}

export type IdentityError =
  | FirstUserExists
  | SetupTokenWrong
  | PasswordWeak
  | CredentialsWrong
  | AccountSuspended
  | TooManyLogins
  | SessionInvalid
  | UserNotFound
  | IdentityNotFound
  | NotAllowed
  | IdentityFieldInvalid
  | IdentityNameTaken
  | IdentityConflict
