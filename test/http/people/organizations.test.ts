import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Effect, Schema } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { User } from "../../../src/contract/identity.ts"
import { Group, Organization, OrganizationMember, PaginatedMembers } from "../../../src/contract/organizations.ts"
import { AssignableRole, AuthorizationResponse } from "../../../src/contract/roles.ts"
import { useChatServer } from "../../support/chat-server.ts"
import { type Client, textContent } from "../../support/client.ts"
import { addUser, joined, refusalOf } from "./people-client.ts"

/** Organizations, members, groups and roles. */

const server = useChatServer()
let owner: Client
let organization: Organization
let admin: Client
let member: Client
let memberId = ""
beforeAll(async () => {
  owner = server.client
  organization = await owner.expect(Organization, 201, "POST", "/organizations", {
    body: { name: "research", display_name: "Research" },
  })
  admin = (await joined(owner, "ada", server.url)).client
  const joinedMember = await joined(owner, "mel", server.url)
  member = joinedMember.client
  memberId = joinedMember.user.id
  for (const name of ["ada", "mel"]) {
    await owner.expect(OrganizationMember, 200, "POST", `/organizations/research/members/${name}`)
  }
  await owner.expect(OrganizationMember, 200, "PUT", "/organizations/research/members/ada/roles", {
    body: { roles: ["organization-admin"] },
  })
})

const rows = <Row extends object>(query: (sql: SqlClient.SqlClient) => Effect.Effect<ReadonlyArray<Row>, SqlError>) =>
  server.database.run(Effect.flatMap(SqlClient.SqlClient, query))

const setRoles = (as: Client, user: string, roles: ReadonlyArray<string>, at = "research") =>
  refusalOf(as, "PUT", `/organizations/${at}/members/${user}/roles`, { roles })

describe("an organization", () => {
  it("is made by owners, found by id and name, changed by its administrators, and seen by its members", async () => {
    expect(await refusalOf(admin, "POST", "/organizations", { name: "nope" })).toEqual([403])
    expect(await refusalOf(owner, "POST", "/organizations", { name: "RESEARCH" })).toEqual([409, "name"])
    expect(await refusalOf(owner, "POST", "/organizations", { name: "default" })).toEqual([409, "name"])
    expect(await refusalOf(owner, "POST", "/organizations", { name: "a/b" })).toEqual([400, "name"])
    for (const who of [owner, admin, member]) {
      expect(await refusalOf(who, "GET", `/organizations/${organization.id}`)).toEqual([200])
      expect(await refusalOf(who, "GET", "/organizations/Research")).toEqual([200])
    }
    const stranger = (await joined(owner, "sid", server.url)).client
    expect(await refusalOf(stranger, "GET", "/organizations/research")).toEqual([404])
    const patch = { description: "Where things are found out" }
    expect(await refusalOf(admin, "PATCH", "/organizations/research", patch)).toEqual([200])
    expect(await refusalOf(member, "PATCH", "/organizations/research", patch)).toEqual([403])
    expect(await refusalOf(stranger, "PATCH", "/organizations/research", patch)).toEqual([404])
    expect(await refusalOf(admin, "PATCH", "/organizations/research", { icon: "javascript:alert(1)" })).toEqual([
      400,
      "icon",
    ])
  })

  it("that is deleted is gone for all, and its name is free; the default one stays", async () => {
    const made = await owner.expect(Organization, 201, "POST", "/organizations", { body: { name: "short-lived" } })
    expect(await refusalOf(admin, "DELETE", `/organizations/research`)).toEqual([403])
    expect(await refusalOf(owner, "DELETE", `/organizations/${made.id}`)).toEqual([204])
    expect(await refusalOf(owner, "GET", `/organizations/${made.id}`)).toEqual([404])
    expect(await refusalOf(owner, "POST", "/organizations", { name: "short-lived" })).toEqual([201])
    expect(await refusalOf(owner, "DELETE", "/organizations/default")).toEqual([400, "organization"])
  })
})

describe("members", () => {
  it("are added once, listed with their roles, and leave the groups with the organization", async () => {
    expect(await refusalOf(owner, "POST", "/organizations/research/members/mel")).toEqual([409])
    expect(await refusalOf(member, "POST", "/organizations/research/members/sid")).toEqual([403])
    const page = await admin.expect(
      PaginatedMembers,
      200,
      "GET",
      "/organizations/research/paginated-members?q=me&limit=1",
    )
    expect(page).toMatchObject({ count: 1, members: [{ username: "mel", roles: [{ name: "agents-access" }] }] })
    const group = await owner.expect(Group, 201, "POST", "/organizations/research/groups", { body: { name: "brief" } })
    const visitor = await addUser(owner, "visitor")
    expect(await refusalOf(owner, "PATCH", `/groups/${group.id}`, { add_users: [visitor.id] })).toEqual([
      400,
      "add_users",
    ])
    await owner.call("POST", "/organizations/research/members/visitor")
    expect(await refusalOf(owner, "PATCH", `/groups/${group.id}`, { add_users: [visitor.id] })).toEqual([200])
    expect(await refusalOf(owner, "DELETE", "/organizations/research/members/visitor")).toEqual([204])
    expect((await owner.expect(Group, 200, "GET", `/groups/${group.id}`)).members).toEqual([])
    expect(await refusalOf(admin, "DELETE", "/organizations/research/members/ada")).toEqual([400, "user"])
  })

  it("without agents-access may do nothing with chats there, with it at once", async () => {
    const create = () =>
      refusalOf(member, "POST", "/chats", { organization_id: organization.id, content: textContent("Hello") })
    expect(await setRoles(admin, "mel", [])).toEqual([200])
    expect(await create()).toEqual([403])
    expect(await setRoles(admin, "mel", ["agents-access"])).toEqual([200])
    expect(await create()).toEqual([201])
  })
})

describe("a role", () => {
  it("is given by those who may, and never to oneself", async () => {
    expect(await setRoles(admin, "ada", [])).toEqual([400, "roles"])
    expect(await setRoles(admin, "mel", ["agents-access", "no-such-role"])).toEqual([400, "roles"])
    expect(await setRoles(member, "ada", [])).toEqual([403])
    const uma = (await joined(owner, "uma", server.url, ["user-admin"])).client
    expect(await setRoles(uma, "mel", [])).toEqual([200])
    expect(await setRoles(uma, "mel", ["agents-access"])).toEqual([200])
    expect(await setRoles(uma, "mel", ["agents-access", "organization-admin"])).toEqual([403])
    const roles = await uma.expect(Schema.Array(AssignableRole), 200, "GET", "/organizations/research/members/roles")
    expect(roles.filter(({ assignable }) => assignable).map(({ name }) => name)).toEqual(["agents-access"])
  })

  it("that is made here allows no more than its maker may", async () => {
    const make = (as: Client, body: unknown) => refusalOf(as, "POST", "/organizations/research/members/roles", body)
    const allow = (resource_type: string, action: string) => [{ negate: false, resource_type, action }]
    expect(await make(admin, { name: "reader", organization_permissions: allow("chat", "read") })).toEqual([201])
    expect(await make(admin, { name: "reader", organization_permissions: [] })).toEqual([409, "name"])
    expect(await make(admin, { name: "agents-access" })).toEqual([409, "name"])
    expect(await make(admin, { name: "shell", organization_permissions: allow("workspace", "ssh") })).toEqual([403])
    expect(await make(admin, { name: "site", site_permissions: allow("user", "read") })).toEqual([
      400,
      "site_permissions",
    ])
    expect(await make(owner, { name: "odd", organization_permissions: allow("chat", "fly") })).toEqual([
      400,
      "organization_permissions",
    ])
    expect(await make(member, { name: "mine", organization_permissions: allow("chat", "read") })).toEqual([403])
  })

  it("that is made here counts at once, is changed, and goes from all who have it", async () => {
    const chat = await owner.createChat("Hello", { organization_id: organization.id })
    void chat
    const others = await refusalOf(admin, "POST", "/chats", {
      organization_id: organization.id,
      content: textContent("Hi"),
    })
    expect(others).toEqual([201])
    const check = async () =>
      (
        await member.expect(AuthorizationResponse, 200, "POST", "/authcheck", {
          body: {
            checks: { see: { object: { resource_type: "chat", organization_id: organization.id }, action: "read" } },
          },
        })
      )["see"]
    expect(await check()).toBe(false)
    expect(await setRoles(owner, "mel", ["agents-access", "reader"])).toEqual([200])
    expect(await check()).toBe(true)
    const negated = [{ negate: true, resource_type: "chat", action: "read" }]
    const body = { name: "reader", organization_permissions: negated }
    expect(await refusalOf(admin, "PUT", "/organizations/research/members/roles", body)).toEqual([200])
    expect(await check()).toBe(false)
    expect(await refusalOf(admin, "DELETE", "/organizations/research/members/roles/reader")).toEqual([204])
    expect(await refusalOf(admin, "DELETE", "/organizations/research/members/roles/reader")).toEqual([404])
    const me = await member.expect(User, 200, "GET", "/users/me")
    const roles = (await owner.call("GET", `/users/${me.id}/roles`)).body
    expect(roles).toMatchObject({ organization_roles: { [organization.id]: ["agents-access"] } })
  })
})

describe("groups", () => {
  it("have a name of their own, and that of everyone is the organization", async () => {
    const make = (name: string) => refusalOf(admin, "POST", "/organizations/research/groups", { name })
    expect(await make("core")).toEqual([201])
    expect(await make("CORE")).toEqual([409, "name"])
    expect(await make("everyone")).toEqual([409, "name"])
    expect(await refusalOf(member, "POST", "/organizations/research/groups", { name: "mine" })).toEqual([403])
    const everyone = await member.expect(Group, 200, "GET", `/groups/${organization.id}`)
    expect(everyone.members.map(({ username }) => username)).toContain("mel")
    expect(await refusalOf(owner, "PATCH", `/groups/${organization.id}`, { name: "all" })).toEqual([400, "group"])
    expect(await refusalOf(owner, "DELETE", `/groups/${organization.id}`)).toEqual([400, "group"])
  })

  it("are unseen by strangers", async () => {
    const core = await admin.expect(Group, 200, "GET", "/organizations/research/groups/core")
    const stranger = (await joined(owner, "stan", server.url)).client
    expect(await refusalOf(stranger, "GET", `/groups/${core.id}`)).toEqual([404])
    expect(await refusalOf(stranger, "GET", "/organizations/research/groups")).toEqual([404])
    const all = await stranger.expect(Schema.Array(Group), 200, "GET", "/groups")
    expect(all.map(({ organization_id }) => organization_id)).not.toContain(organization.id)
  })

  it("take ten thousand members, a thousand at a time", async () => {
    const big = await owner.expect(Group, 201, "POST", "/organizations/research/groups", { body: { name: "big" } })
    await rows(
      (sql) => sql`
      with made as (insert into users (id, email, username) select gen_random_uuid(), 'many' || n || '@example.com', 'many-' || n
                    from generate_series(1, 10000) n returning id)
      insert into organization_members (organization_id, user_id) select ${organization.id}, id from made`,
    )
    const made = await rows((sql) => sql<{ id: string }>`select id from users where username like 'many-%'`)
    const ids = made.map(({ id }) => id)
    expect(await refusalOf(owner, "PATCH", `/groups/${big.id}`, { add_users: ids.slice(0, 1001) })).toEqual([
      400,
      "add_users",
    ])
    for (let from = 0; from < ids.length; from += 1000) {
      const body = { add_users: ids.slice(from, from + 1000) }
      expect(await refusalOf(owner, "PATCH", `/groups/${big.id}`, body)).toEqual([200])
    }
    const found = await owner.expect(Group, 200, "GET", `/groups/${big.id}?limit=10`)
    expect([found.total_member_count, found.members.length]).toEqual([10_000, 10])
  })
})

describe("who shares workspaces", () => {
  it("is a setting of the organization, in its newer and its older form", async () => {
    const path = "/organizations/research/settings/workspace-sharing"
    const may = async (who: Client, ownerId: string) =>
      (
        await who.expect(AuthorizationResponse, 200, "POST", "/authcheck", {
          body: {
            checks: {
              share: {
                object: { resource_type: "workspace", organization_id: organization.id, owner_id: ownerId },
                action: "share",
              },
            },
          },
        })
      )["share"]
    expect([await may(member, "me"), await may(admin, memberId)]).toEqual([true, true])
    expect(
      (await admin.call("PATCH", path, { body: { shareable_workspace_owners: "service_accounts" } })).body,
    ).toEqual({
      shareable_workspace_owners: "service_accounts",
      sharing_disabled: false,
      sharing_globally_disabled: false,
    })
    expect([await may(member, "me"), await may(admin, memberId)]).toEqual([false, true])
    expect((await admin.call("PATCH", path, { body: { sharing_disabled: true } })).body).toMatchObject({
      shareable_workspace_owners: "none",
    })
    expect([await may(member, "me"), await may(admin, memberId)]).toEqual([false, false])
    expect(await refusalOf(admin, "PATCH", path, { shareable_workspace_owners: "some" })).toEqual([
      400,
      "shareable_workspace_owners",
    ])
    expect(await refusalOf(admin, "PATCH", path, {})).toEqual([400, "shareable_workspace_owners"])
    expect(await refusalOf(member, "PATCH", path, { sharing_disabled: false })).toEqual([403])
  })
})
