import { Data } from "effect"

/**
 * Why the embedded PostgreSQL server does not run. `message` is a sentence for the user with what to do; `log` is the end of
 * what the server or initdb said (at most 2,000 characters), when it said anything.
 *
 * - `unsupported_platform`: no binaries exist for this system.
 * - `binaries_missing`: they exist but are not installed, or cannot be used where they are.
 * - `not_permitted`: PostgreSQL refuses this user and no other may be taken.
 * - `data_folder`: the data folder cannot be used.
 * - `version_mismatch`: the data folder belongs to another major version.
 * - `init_failed`, `start_failed`: the programs ran and failed.
 */
export class EmbeddedPostgresError extends Data.TaggedError("EmbeddedPostgresError")<{
  readonly operation: string
  readonly reason:
    | "unsupported_platform"
    | "binaries_missing"
    | "not_permitted"
    | "data_folder"
    | "version_mismatch"
    | "init_failed"
    | "start_failed"
  readonly message: string
  readonly log?: string
}> {}

/** What every message about a server that cannot run ends with. */
export const useOtherDatabase = "Or set TROUPE_DATABASE_URL to a PostgreSQL 15 or newer."

/** Passes our own errors through; anything else (a full disk, a folder without rights) becomes one about the data folder. */
export const dataFolderError =
  (operation: string, folder: string) =>
  (cause: unknown): EmbeddedPostgresError =>
    cause instanceof EmbeddedPostgresError
      ? cause
      : new EmbeddedPostgresError({
          operation,
          reason: "data_folder",
          message: `The data folder ${folder} cannot be used: ${cause instanceof Error ? cause.message : "unknown error"}. Set TROUPE_DATA_DIR to a folder this user may write to.`,
        })
