import { expect, it } from "vitest"
import { pairOf, withPair } from "./query-pairs.ts"

it("reads the last pair of a key, and nothing of one that is being written", () => {
  expect(pairOf("ada status:active", "status")).toBe("active")
  expect(pairOf("STATUS:active status:dormant", "status")).toBe("dormant")
  expect(pairOf('role:"user-admin" x', "role")).toBe("user-admin")
  expect(pairOf("status:", "status")).toBeUndefined()
  expect(pairOf("mystatus:active", "status")).toBeUndefined()
})

it("writes a pair in place of those of its key and leaves the rest", () => {
  expect(withPair("ada", "status", "active")).toBe("ada status:active")
  expect(withPair("status:dormant ada status:active", "status", "suspended")).toBe("ada status:suspended")
  expect(withPair("ada status:active role:owner", "status", undefined)).toBe("ada role:owner")
  expect(withPair("", "role", "owner")).toBe("role:owner")
})
