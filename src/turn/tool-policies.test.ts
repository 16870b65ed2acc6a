import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { ToolAction, ToolPolicyRule } from "../contract/tool-policy.ts"
import { verdictOf } from "./tool-policies.ts"

const rule = (pattern: string, action: ToolAction): ToolPolicyRule => ({ pattern, action })
const approvalOf = (rules: ReadonlyArray<ToolPolicyRule>, name: string) => verdictOf([], rules, { name }).approval

describe("a pattern", () => {
  it.each([
    ["execute", "execute", true],
    ["execute", "execute_all", false],
    ["execute", "re_execute", false],
    ["*", "anything", true],
    ["github__*", "github__push", true],
    ["github__*", "github__", true],
    ["github__*", "gitlab__push", false],
    ["*_file", "read_file", true],
    ["*_file", "read_files", false],
    ["a*b*c", "a-b-c", true],
    ["a*b*c", "abc", true],
    ["a*b*c", "acb", false],
    ["ab*ba", "aba", false],
    ["ab*ba", "abba", true],
    ["*aa*aa", "aaa", false],
    ["**", "x", true],
    ["a.c", "abc", false],
  ])("%s and the name %s: %s", (pattern, name, expected) => {
    expect(approvalOf([rule(pattern, "deny")], name)).toBe(expected ? "denied" : null)
  })

  it("matches what the regular expression of the same meaning matches", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 8 })
    fc.assert(
      fc.property(text, text, (pattern, named) => {
        const name = named.replaceAll("*", "")
        const meant = new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(name)
        expect(approvalOf([rule(pattern, "ask")], name)).toBe(meant ? "asked" : null)
      }),
      { numRuns: 500 },
    )
  })

  it("with many stars is decided at once", () => {
    // A matcher that goes back would not end in the life of this machine.
    expect(approvalOf([rule(`${"*a".repeat(60)}*b`, "deny")], "a".repeat(50_000))).toBeNull()
  })
})

describe("a policy", () => {
  it("lets everything run where no rule matches", () => {
    expect(verdictOf([], [], { name: "execute" })).toEqual({ approval: null, reason: null })
    expect(verdictOf([rule("x", "deny")], [rule("y", "ask")], { name: "execute" })).toEqual({
      approval: null,
      reason: null,
    })
  })

  it("counts the first rule that matches", () => {
    const rules = [rule("read_file", "auto"), rule("*_file", "ask"), rule("*", "deny")]
    expect(["read_file", "write_file", "execute"].map((name) => approvalOf(rules, name))).toEqual([
      null,
      "asked",
      "denied",
    ])
  })

  it.each([
    ["auto", "auto", null, null],
    ["auto", "ask", "asked", "this chat"],
    ["auto", "deny", "denied", "this chat"],
    ["ask", "auto", "asked", "this deployment"],
    ["ask", "ask", "asked", "this deployment"],
    ["ask", "deny", "denied", "this chat"],
    ["deny", "auto", "denied", "this deployment"],
    ["deny", "ask", "denied", "this deployment"],
    ["deny", "deny", "denied", "this deployment"],
  ] as const)("of the deployment that says %s beside a chat's that says %s: %s", (ours, theirs, approval, whose) => {
    const verdict = verdictOf([rule("*", ours)], [rule("execute", theirs)], { name: "execute" })
    expect(verdict.approval).toBe(approval)
    expect(verdict.reason ?? "null").toContain(whose === null ? "null" : `The tool policy of ${whose}`)
  })
})
