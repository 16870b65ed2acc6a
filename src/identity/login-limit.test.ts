import { expect, it } from "vitest"
import { type LoginTry, makeLoginLimit } from "./login-limit.ts"

const ada: LoginTry = { address: "192.0.2.1", account: "ada@example.com", device: undefined }
const times = (count: number) => Array.from({ length: count }, (_, index) => index)

it("refuses the eleventh try of a minute at an account until the first one is a minute old, from wherever", () => {
  const limit = makeLoginLimit()
  const from = (index: number) => ({ ...ada, address: `192.0.2.${index}` })
  expect(times(10).map((index) => limit.begin(from(index), index * 1_000))).toEqual(times(10).map(() => 0))
  expect([9_500, 59_999].map((now) => limit.begin(from(99), now))).toEqual([50_500, 1])
  expect(limit.begin({ ...ada, account: "ADA@example.com" }, 59_999)).toBe(1)
  expect(limit.begin({ ...ada, account: "grace@example.com" }, 59_999)).toBe(0)
  expect(limit.begin(ada, 60_000)).toBe(0)
  expect(limit.begin(ada, 60_001)).toBe(999)
})

it("refuses the thirty-first try of a minute from an address, at whatever accounts", () => {
  const limit = makeLoginLimit()
  const at = (index: number, address = ada.address) =>
    limit.begin({ ...ada, address, account: `${index}@example.com` }, index)
  expect(times(30).map((index) => at(index))).toEqual(times(30).map(() => 0))
  expect(at(30)).toBeGreaterThan(0)
  expect(at(31, `::ffff:${ada.address}`)).toBeGreaterThan(0)
  expect(at(32, "192.0.2.2")).toBe(0)
})

it.each([
  ["2001:db8:1:2::1", "2001:DB8:1:2:ffff::9", true],
  ["2001:db8::1", "2001:db8:0:0:1:2:3:4", true],
  ["fe80::1%eth0", "fe80::2%eth1", true],
  ["::1", "::2", true],
  ["2001:db8:1:2::1", "2001:db8:1:3::1", false],
])("counts %s and %s together: %s", (one, other, together) => {
  const limit = makeLoginLimit()
  for (const index of times(30)) limit.begin({ address: one, account: `${index}`, device: undefined }, 0)
  expect(limit.begin({ address: other, account: "last", device: undefined }, 1) > 0).toBe(together)
})

it("never delays a browser that is known, however much strangers try, but counts its own tries", () => {
  const limit = makeLoginLimit()
  for (const index of times(200)) limit.begin(ada, index)
  expect(limit.begin(ada, 200)).toBeGreaterThan(0)
  const known = { ...ada, device: "a browser" }
  expect(times(10).map(() => limit.begin(known, 201))).toEqual(times(10).map(() => 0))
  expect(limit.begin(known, 202)).toBeGreaterThan(0)
  expect(limit.begin({ ...ada, device: "another browser" }, 202)).toBe(0)
})

it("takes a try back that ended in a sign-in, and no other", () => {
  const limit = makeLoginLimit()
  for (const index of times(9)) limit.begin(ada, index)
  for (const index of times(50)) {
    expect(limit.begin(ada, 100 + index)).toBe(0)
    limit.forget(ada)
  }
  expect(limit.begin(ada, 200)).toBe(0)
  expect(limit.begin(ada, 201)).toBeGreaterThan(0)
})

it("forgets the oldest keys rather than grow without end", () => {
  const limit = makeLoginLimit()
  for (const index of times(10)) limit.begin(ada, index)
  for (const index of times(10_000)) {
    limit.begin(
      { address: `192.0.${index >> 8}.${index & 255}`, account: `${index}@example.com`, device: undefined },
      20,
    )
  }
  expect(limit.begin(ada, 21)).toBe(0)
})
