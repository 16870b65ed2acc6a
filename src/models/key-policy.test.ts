import { describe, expect, it } from "vitest"
import { type KeyPolicy, policyFault, resolveKey } from "./key-policy.ts"

const policy = (central: boolean, userAllowed: boolean, fallback: boolean): KeyPolicy => ({
  central,
  userAllowed,
  fallback,
})
const on = true
const off = false

describe("resolveKey", () => {
  it.each([
    { flags: policy(on, off, off), central: "c", user: undefined, wanted: "central c" },
    { flags: policy(on, off, off), central: "c", user: "u", wanted: "central c" },
    { flags: policy(on, off, off), central: undefined, user: undefined, wanted: "missing_api_key" },
    { flags: policy(on, off, off), central: undefined, user: "u", wanted: "missing_api_key" },
    { flags: policy(on, off, off), central: "", user: undefined, wanted: "missing_api_key" },
    { flags: policy(off, on, off), central: "c", user: "u", wanted: "user u" },
    { flags: policy(off, on, off), central: "c", user: undefined, wanted: "user_api_key_required" },
    { flags: policy(off, on, off), central: "c", user: "", wanted: "user_api_key_required" },
    { flags: policy(on, on, off), central: "c", user: "u", wanted: "user u" },
    { flags: policy(on, on, off), central: "c", user: undefined, wanted: "user_api_key_required" },
    { flags: policy(on, on, on), central: "c", user: "u", wanted: "user u" },
    { flags: policy(on, on, on), central: "c", user: undefined, wanted: "central c" },
    { flags: policy(on, on, on), central: undefined, user: undefined, wanted: "user_api_key_required" },
    { flags: policy(on, on, on), central: undefined, user: "u", wanted: "user u" },
  ])("$flags with central $central and user $user: $wanted", ({ flags, central, user, wanted }) => {
    const choice = resolveKey("openai", flags, { central, user })
    expect(choice.use === "none" ? choice.reason : "key" in choice ? `${choice.use} ${choice.key}` : choice.use).toBe(
      wanted,
    )
  })

  it("lets Bedrock use AWS's own credentials only where the central key is the one to use", () => {
    const none = { central: undefined, user: undefined }
    expect(resolveKey("bedrock", policy(on, off, off), none)).toEqual({ use: "ambient" })
    expect(resolveKey("bedrock", policy(on, on, on), none)).toEqual({ use: "ambient" })
    expect(resolveKey("bedrock", policy(on, on, off), none)).toEqual({ use: "none", reason: "user_api_key_required" })
    expect(resolveKey("bedrock", policy(off, on, off), none)).toEqual({ use: "none", reason: "user_api_key_required" })
    expect(resolveKey("bedrock", policy(on, off, off), { central: "c", user: undefined })).toEqual({
      use: "central",
      key: "c",
    })
  })
})

describe("policyFault", () => {
  it("allows central or user keys, and the fallback only with both", () => {
    const faults = [off, on].flatMap((central) =>
      [off, on].flatMap((userAllowed) =>
        [off, on].map(
          (fallback) =>
            [
              policy(central, userAllowed, fallback),
              policyFault(policy(central, userAllowed, fallback))?.field,
            ] as const,
        ),
      ),
    )
    const allowed = faults.filter(([, field]) => field === undefined).map(([flags]) => flags)
    expect(allowed).toEqual([policy(off, on, off), policy(on, off, off), policy(on, on, off), policy(on, on, on)])
    expect(policyFault(policy(off, off, off))?.field).toBe("central_api_key_enabled")
    expect(policyFault(policy(on, off, on))?.field).toBe("allow_central_api_key_fallback")
  })
})
