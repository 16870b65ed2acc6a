import { describe, expect, it } from "vitest"
import { isDirty, withEdits } from "./form-state.ts"

describe("a form", () => {
  const saved = { name: "Rack", url: "http://a" }

  it("keeps what is written when the saved values change, and shows what is new in the others", () => {
    expect(withEdits({ name: "Renamed elsewhere", url: "http://b" }, { name: "Mine" })).toEqual({
      name: "Mine",
      url: "http://b",
    })
  })

  it("has nothing to lose once the old value is written back", () => {
    expect(isDirty(saved, {})).toBe(false)
    expect(isDirty(saved, { name: "Other" })).toBe(true)
    expect(isDirty(saved, { name: "Rack" })).toBe(false)
    expect(isDirty({ ...saved, name: "Other" }, { name: "Other" })).toBe(false)
  })
})
