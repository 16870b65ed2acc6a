import { describe, expect, it } from "vitest"
import type { AuditEntry } from "../../../../src/contract/audit.ts"
import { deedOf, fieldTitle, shownValue, typeTitle } from "./audit-words.ts"

const tracked = (before: unknown, after: unknown) => ({ old: before, new: after, secret: false })
const secret = { old: "", new: "", secret: true }

const words = (
  resource_type: string,
  action: AuditEntry["action"],
  diff: AuditEntry["diff"] = {},
  additional_fields: AuditEntry["additional_fields"] = {},
) => deedOf({ resource_type, action, diff, additional_fields })

describe("what was done", () => {
  it.each([
    ["user", "create", {}, "added the user"],
    ["user", "write", { status: tracked("active", "suspended") }, "suspended the user"],
    ["user", "write", { status: tracked("suspended", "active") }, "activated the user"],
    ["user", "write", { status: tracked("active", "dormant") }, "marked as dormant the user"],
    ["user", "write", { password_hash: secret }, "changed the password of the user"],
    ["user", "write", { site_roles: tracked([], ["owner"]) }, "changed the roles of the user"],
    ["user", "write", { name: tracked("a", "b") }, "changed the user"],
    ["organization_member", "write", { roles: tracked([], []) }, "changed the roles of the member"],
    ["api_key", "delete", {}, "revoked the API token"],
    ["chat", "create", {}, "began the chat"],
    ["chat", "write", { title: secret }, "renamed the chat"],
    ["chat", "write", { archived: tracked(false, true) }, "archived the chat"],
    ["chat", "write", { archived: tracked(true, false) }, "brought back the chat"],
    ["chat", "write", { group_acl: tracked({}, {}) }, "changed who may read the chat"],
    ["chat", "write", { tool_policy: tracked([], []) }, "changed the tool rules of the chat"],
    [
      "chat",
      "write",
      { approvals: tracked(null, [{ decision: "approve" }, { decision: "deny" }, { decision: "approve" }]) },
      "approved 2 tool calls and denied 1 in the chat",
    ],
    ["chat", "write", { approvals: tracked(null, [{ decision: "deny" }]) }, "denied 1 tool call in the chat"],
    ["deployment_setting", "write", { value: tracked({}, {}) }, "changed the setting"],
    ["a_kind_of_tomorrow", "delete", {}, "removed the a kind of tomorrow"],
  ] as const)("to a %s by %s %j", (type, action, diff, said) => {
    expect(words(type, action, diff)).toEqual({ verb: said, named: true })
  })

  it("names nobody twice who signs in, and counts the sessions that are ended", () => {
    expect(words("user", "login")).toEqual({ verb: "signed in", named: false })
    expect(words("user", "logout")).toEqual({ verb: "signed out", named: false })
    expect(words("user", "logout", {}, { sessions: 3 })).toEqual({ verb: "ended 3 sessions of the user", named: true })
  })
})

it("shows values as people write them", () => {
  expect([null, "", "text", true, false, 3, [], ["a", "b"], { a: 1 }].map(shownValue)).toEqual([
    ...["nothing", "nothing", "text", "yes", "no", "3", "none", "a, b", '{\n  "a": 1\n}'],
  ])
  expect(fieldTitle("shareable_workspace_owners")).toBe("Shareable workspace owners")
  expect(fieldTitle("password_hash")).toBe("Password")
  expect(typeTitle("api_key")).toBe("API token")
})
