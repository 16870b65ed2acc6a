import type { ProviderType } from "../contract/models.ts"

/** Which of a provider's keys a call may use. The flags are an administrator's. */
export interface KeyPolicy {
  readonly central: boolean
  readonly userAllowed: boolean
  readonly fallback: boolean
}

/** What is wrong with the flags; undefined when they go together. */
export const policyFault = (policy: KeyPolicy): { readonly field: string; readonly message: string } | undefined => {
  if (!policy.central && !policy.userAllowed) {
    return {
      field: "central_api_key_enabled",
      message: "Nobody could use this provider: allow the central key, keys of users, or both.",
    }
  }
  if (policy.fallback && !(policy.central && policy.userAllowed)) {
    return {
      field: "allow_central_api_key_fallback",
      message: "Falling back to the central key needs both the central key and keys of users allowed.",
    }
  }
  return undefined
}

export type KeyChoice =
  | { readonly use: "central" | "user"; readonly key: string }
  /** AWS's own chain of credentials, in the name of the central key. */
  | { readonly use: "ambient" }
  | { readonly use: "none"; readonly reason: "missing_api_key" | "user_api_key_required" }

/**
 * The key of one user's call. An empty key counts as none. A stored user key is ignored while users' keys are not allowed.
 * Only Bedrock can do without a key, and only where the central credential is the one to use.
 */
export const resolveKey = (
  type: ProviderType,
  { central, userAllowed, fallback }: KeyPolicy,
  keys: { readonly central: string | undefined; readonly user: string | undefined },
): KeyChoice => {
  if (userAllowed && keys.user) return { use: "user", key: keys.user }
  if (central && (!userAllowed || fallback)) {
    if (keys.central) return { use: "central", key: keys.central }
    if (type === "bedrock") return { use: "ambient" }
  }
  return { use: "none", reason: userAllowed ? "user_api_key_required" : "missing_api_key" }
}
