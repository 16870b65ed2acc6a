import { describe, expect, it } from "vitest"
import { ApiError } from "../api/client.ts"
import { formErrors, noErrors } from "./form-errors.ts"

const refused = (...validations: ReadonlyArray<{ field: string; detail: string }>) =>
  new ApiError(400, { message: "The account is not complete.", validations })

describe("errors of a form", () => {
  it("are none without an error", () => {
    expect(formErrors(null, ["email"])).toBe(noErrors)
  })

  it("stand at their fields as sentences, the first of each field", () => {
    const error = refused(
      { field: "email", detail: "must be an e-mail address" },
      { field: "email", detail: "is too long" },
    )
    expect(formErrors(error, ["email"])).toEqual({
      summary: undefined,
      fields: { email: "Must be an e-mail address." },
    })
  })

  it("of fields the form does not have are told above it", () => {
    expect(formErrors(refused({ field: "organization_id", detail: "is unknown" }), ["email"]).summary).toBe(
      "Organization_id: is unknown.",
    )
  })

  it("without fields are the server's sentence", () => {
    const error = new ApiError(401, { message: "Incorrect email or password." })
    expect(formErrors(error, ["email"])).toEqual({ summary: "Incorrect email or password.", fields: {} })
  })

  it("of the page itself never show their insides", () => {
    const { summary } = formErrors(new TypeError("x is not a function"), [])
    expect(summary).toMatch(/reload/i)
    expect(summary).not.toContain("x is not")
  })
})
