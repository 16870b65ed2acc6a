import { describe, expect, it } from "vitest"
import { type Caller, can, chatAccess } from "./policy.ts"

const org = "org"
const caller = (options: {
  readonly id?: string
  readonly site?: ReadonlyArray<string>
  readonly roles?: ReadonlyArray<string>
}): Caller => ({
  userId: options.id ?? "ann",
  username: options.id ?? "ann",
  siteRoles: options.site ?? [],
  organizations: options.roles === undefined ? [] : [{ id: org, roles: options.roles }],
})

const owner = caller({ site: ["owner"], roles: [] })
const member = caller({ roles: ["agents-access"] })
const plain = caller({ roles: [] })
const orgAdmin = caller({ roles: ["organization-admin"] })
const stranger: Caller = {
  ...member,
  organizations: [{ id: "elsewhere", roles: ["agents-access", "organization-admin"] }],
}

describe("chats", () => {
  const own = { ownerId: "ann", organizationId: org }
  const others = { ownerId: "bob", organizationId: org }

  it.each([
    ["site owner", owner, { own: "allowed allowed allowed", others: "allowed allowed forbidden" }],
    ["organization admin", orgAdmin, { own: "allowed allowed allowed", others: "allowed allowed forbidden" }],
    ["member with agents-access", member, { own: "allowed allowed allowed", others: "hidden hidden hidden" }],
    ["member without a role", plain, { own: "hidden hidden hidden", others: "hidden hidden hidden" }],
    ["stranger with roles elsewhere", stranger, { own: "hidden hidden hidden", others: "hidden hidden hidden" }],
  ] as const)("%s", (_name, who, wanted) => {
    const all = (chat: typeof own) =>
      [chatAccess(who, "read", chat), chatAccess(who, "update", chat), chatAccess(who, "converse", chat)].join(" ")
    expect(all(own)).toBe(wanted.own)
    expect(all(others)).toBe(wanted.others)
  })

  it.each([
    ["site owner who is a member", owner, true],
    ["site owner who is no member", caller({ site: ["owner"] }), false],
    ["organization admin", orgAdmin, true],
    ["member with agents-access", member, true],
    ["member without a role", plain, false],
    ["stranger with roles elsewhere", stranger, false],
    ["user admin", caller({ site: ["user-admin"], roles: [] }), false],
  ])("are created by: %s", (_name, who, wanted) => {
    expect(can(who, "create", { type: "chat", ownerId: who.userId, organizationId: org })).toBe(wanted)
  })

  it("are created for nobody else", () => {
    expect(can(owner, "create", { type: "chat", ownerId: "bob", organizationId: org })).toBe(false)
  })
})

describe("settings of the deployment", () => {
  it.each([
    ["owner", ["owner"], true, true],
    ["auditor", ["auditor"], true, false],
    ["user admin", ["user-admin"], false, false],
    ["member", [], false, false],
  ] as const)("%s", (_name, site, read, update) => {
    const who = caller({ site, roles: ["organization-admin", "agents-access"] })
    expect(can(who, "read", { type: "deployment_config" })).toBe(read)
    expect(can(who, "update", { type: "deployment_config" })).toBe(update)
  })
})

describe("users and organizations", () => {
  it("are seen by themselves and by those who administer users", () => {
    expect(can(member, "read", { type: "user", ownerId: "ann" })).toBe(true)
    expect(can(member, "read", { type: "user", ownerId: "bob" })).toBe(false)
    expect(can(caller({ site: ["user-admin"] }), "read", { type: "user", ownerId: "bob" })).toBe(true)
    expect(can(plain, "read", { type: "organization", organizationId: org })).toBe(true)
    expect(can(stranger, "read", { type: "organization", organizationId: org })).toBe(false)
    expect(can(caller({ site: ["owner"] }), "read", { type: "organization", organizationId: org })).toBe(true)
  })
})
