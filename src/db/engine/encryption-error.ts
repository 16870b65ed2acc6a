import { Data } from "effect"

/**
 * A secret at rest cannot be read, or the key ring cannot be had. Never holds the secret or a key.
 *
 * - `unknown_key`: the ring lacks the key it was encrypted with.
 * - `damaged`: it was changed, belongs to another place, or is no envelope of ours.
 * - `key_file`: the file of the ring cannot be read or made.
 * - `key_lost`: there are secrets whose key the ring lacks.
 */
export class EncryptionError extends Data.TaggedError("EncryptionError")<{
  readonly operation: string
  readonly reason: "unknown_key" | "damaged" | "key_file" | "key_lost"
  readonly message: string
}> {}
