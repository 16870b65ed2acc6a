import { describe, expect, it } from "vitest"
import type { Approval, ToolPolicyRule } from "../../../src/contract/tool-policy.ts"
import { groupCalls, ruleSubject, rulesOffered } from "./asked-calls.ts"

const asked = (id: string, tool_name: string, args: unknown, more: Partial<Approval> = {}): Approval => ({
  id,
  tool_call_id: `call-${id}`,
  tool_name,
  args: JSON.stringify(args),
  reason: `The tool policy of this chat asks a person before ${tool_name} runs.`,
  ...more,
})
const npmTest: ToolPolicyRule = { pattern: "execute", args: { command_prefix: ["npm", "test"] }, action: "auto" }

describe("calls that wait for a person", () => {
  it("stand by tool, in the order of the first call of each, with each reason once", () => {
    const groups = groupCalls([
      asked("a", "execute", { command: "npm test" }),
      asked("b", "write_file", { path: "/a/b.txt", content: "x" }),
      asked("c", "execute", { command: "ls" }),
      asked("d", "github__push", { branch: "main" }, { reason: "" }),
    ])
    expect(
      groups.map(({ heading, calls, reasons }) => [heading, calls.map(({ whole }) => whole), reasons.length]),
    ).toEqual([
      ["Run", ["npm test", "ls"], 1],
      ["Write", ["/a/b.txt"], 1],
      ["github__push", ['{"branch":"main"}'], 0],
    ])
  })

  it("are shown whole, with every character seen, and with what changes their meaning", () => {
    const command = "echo \u202eevil\u200b\nrm -rf build\n"
    const [group] = groupCalls([
      asked("a", "execute", { command, workdir: "/else\u200bwhere", run_in_background: true }),
      asked("b", "edit_files", { files: [{ path: "a.ts" }, { path: "b.ts" }] }),
    ])
    expect(group?.calls[0]).toMatchObject({
      whole: "echo \\u202eevil\\u200b\nrm -rf build\n",
      notes: ["2 lines", "in /else\\u200bwhere", "in the background"],
    })
    const [, edits] = groupCalls([
      asked("a", "execute", { command }),
      asked("b", "edit_files", { files: [{ path: "a.ts" }, { path: "b.ts" }] }),
    ])
    expect(edits?.calls[0]?.whole).toBe("a.ts\nb.ts")
  })

  it("whose arguments are no JSON are shown as they are", () => {
    expect(groupCalls([{ ...asked("a", "execute", {}), args: "{broken" }])[0]?.calls[0]?.whole).toBe("{broken")
  })
})

describe("a rule", () => {
  it("is offered once, with the first call that it is about", () => {
    const offered = rulesOffered([
      asked("a", "execute", { command: "ls" }),
      asked("b", "execute", { command: "npm test -- 1" }, { allow_rule: npmTest }),
      asked("c", "execute", { command: "npm test -- 2" }, { allow_rule: { ...npmTest } }),
    ])
    expect([...offered]).toEqual([["b", npmTest]])
  })

  it.each([
    [["npm", "test"], "npm test"],
    [["grep", "a b", "it's"], "grep 'a b' 'it'\\''s'"],
    [["echo", "\u202e"], "echo '\\u202e'"],
  ])("is named by the words that would be typed: %j", (command_prefix, named) => {
    expect(ruleSubject({ ...npmTest, args: { command_prefix } })).toBe(named)
  })
})
