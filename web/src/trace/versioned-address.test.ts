import { expect, it } from "vitest"
import { versionedAddress } from "./versioned-address.ts"

const ID = "6f0d9a3e-0000-4000-8000-000000000001"
const of = (path: string) => ({ url: new URL(path, "http://troupe.test") })
const pathOf = (url: URL | undefined) => url && url.pathname + url.search + url.hash

it.each([
  [`/agents/${ID}@41`, `/agents/${ID}/trace/41`],
  [`/agents/${ID}@abc`, `/agents/${ID}/trace/abc`],
  [`/agents/${ID}@`, `/agents/${ID}/trace/@`],
  [`/agents/${ID}@41?a=1#b`, `/agents/${ID}/trace/41?a=1#b`],
])("%s is the page %s, and back", (address, page) => {
  expect(pathOf(versionedAddress.input(of(address)))).toBe(page)
  expect(pathOf(versionedAddress.output(of(page)))).toBe(address)
})

it.each(["/agents", `/agents/${ID}`, `/agents/${ID}/trace`, "/settings/models@1", `/agents/${ID}/other@1`])(
  "%s stays",
  (path) => {
    expect(versionedAddress.input(of(path))).toBeUndefined()
    expect(versionedAddress.output(of(path))).toBeUndefined()
  },
)
