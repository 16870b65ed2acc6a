import { beforeAll, describe, expect, it } from "vitest"
import { AuditLog } from "../../../src/contract/audit.ts"
import { useChatServer } from "../../support/chat-server.ts"
import type { Client } from "../../support/client.ts"
import { addUser, joined, PASSWORD, refusalOf, tokenFor, userBody } from "./people-client.ts"

/** What is written down of changes, and of what is no change. */

const server = useChatServer()
let owner: Client
beforeAll(() => {
  owner = server.client
})

const log = async (q: string, as = owner) =>
  (await as.expect(AuditLog, 200, "GET", `/audit?q=${encodeURIComponent(q)}`)).audit_logs

describe("the audit log", () => {
  it("has one row for each change, with what was and what is, and secrets only as changed", async () => {
    const user = await addUser(owner, "dan")
    await owner.call("PUT", "/users/dan/profile", { body: { username: "daniel", name: "Dan" } })
    await owner.call("PUT", "/users/daniel/password", { body: { password: "another long password" } })
    await owner.call("PUT", "/users/daniel/roles", { body: { roles: ["auditor"] } })
    const rows = await log(`resource_type:user resource_id:${user.id}`)
    expect(rows.map(({ action, diff }) => [action, Object.keys(diff).sort()])).toEqual([
      ["write", ["site_roles"]],
      ["write", ["password_hash"]],
      ["write", ["name", "username"]],
      ["create", expect.arrayContaining(["email", "password_hash", "username"])],
    ])
    expect(rows[1]?.diff).toEqual({ password_hash: { old: "", new: "", secret: true } })
    expect(rows[2]?.diff["username"]).toEqual({ old: "dan", new: "daniel", secret: false })
    expect(rows[0]).toMatchObject({
      actor: { kind: "person", username: "owner" },
      ip: expect.any(String),
      request_id: expect.any(String),
      description: "owner changed the user daniel",
    })
    expect(JSON.stringify(await log(""))).not.toMatch(/argon2|another long password|a staple and a horse/)
  })

  it("has nothing of what failed, and nothing of what changed nothing", async () => {
    const count = async () => (await owner.expect(AuditLog, 200, "GET", "/audit")).count
    await addUser(owner, "uma")
    const before = await count()
    expect(await refusalOf(owner, "POST", "/users", userBody("uma"))).toEqual([409, "username"])
    expect(await refusalOf(owner, "PUT", "/users/uma/profile", { username: "uma" })).toEqual([200])
    expect(await refusalOf(owner, "DELETE", "/users/nobody-like-this")).toEqual([404])
    expect(await refusalOf(owner, "PUT", "/organizations/default/members/uma/roles", { roles: ["none"] })).toEqual([
      400,
      "roles",
    ])
    expect(await count()).toBe(before)
  })

  it("names chats by their ids and never their titles", async () => {
    const chat = await owner.createChat("A secret plan of mine")
    await owner.call("PATCH", `/chats/${chat.id}`, { body: { title: "Another secret plan" } })
    await owner.call("PATCH", `/chats/${chat.id}`, { body: { labels: { team: "core" } } })
    const rows = await log(`resource_type:chat resource_target:${chat.id.slice(0, 8)}`)
    expect(rows.map(({ action, diff }) => [action, diff])).toEqual([
      ["write", { labels: { old: {}, new: { team: "core" }, secret: false } }],
      ["write", { title: { old: "", new: "", secret: true } }],
      ["create", expect.objectContaining({ title: { old: "", new: "", secret: true } })],
    ])
    expect(JSON.stringify(rows)).not.toContain("secret plan")
  })

  it("tells a token and a service account from a person", async () => {
    const { client } = await joined(owner, "tom", server.url, ["owner"])
    const token = await tokenFor(client, "me", server.url)
    await addUser(token.client, "by-token")
    expect((await log("action:create resource_target:by-token"))[0]).toMatchObject({
      actor: { kind: "token", username: "tom", token_id: token.id },
    })
    await owner.call("POST", "/users", { body: { username: "robo", service_account: true } })
    const robot = await tokenFor(owner, "robo", server.url)
    await owner.call("PUT", "/organizations/default/members/robo/roles", { body: { roles: ["agents-access"] } })
    const chat = await robot.client.createChat("Hi")
    expect((await log(`resource_id:${chat.id}`))[0]).toMatchObject({ actor: { kind: "service_account" } })
  })

  it("is read by owners and auditors, by organization administrators as far as it is theirs, and by nobody else", async () => {
    const auditor = (await joined(owner, "aud", server.url, ["auditor"])).client
    expect((await log("", auditor)).length).toBeGreaterThan(0)
    const plain = (await joined(owner, "pat", server.url)).client
    expect(await refusalOf(plain, "GET", "/audit")).toEqual([403])
    await owner.call("POST", "/organizations", { body: { name: "apart" } })
    const admin = (await joined(owner, "oda", server.url)).client
    await owner.call("POST", "/organizations/apart/members/oda")
    await owner.call("PUT", "/organizations/apart/members/oda/roles", { body: { roles: ["organization-admin"] } })
    const rows = await log("", admin)
    expect(rows.length).toBeGreaterThan(0)
    expect(new Set(rows.map(({ organization }) => organization?.name))).toEqual(new Set(["apart"]))
    expect(await log("organization:default", owner)).not.toEqual([])
  })

  it("is searched by who, what and when; what cannot be searched for is named", async () => {
    expect((await log("username:tom")).every(({ actor }) => actor.username === "tom")).toBe(true)
    expect(await log("date_to:2001-01-01")).toEqual([])
    const [row] = await log("action:delete date_from:2001-01-01")
    expect(row?.action ?? "delete").toBe("delete")
    expect(await refusalOf(owner, "GET", "/audit?q=colour:red%20date_from:soon")).toEqual([400, "colour", "date_from"])
  })

  it("is exported whole, as lines of JSON and as a table that no spreadsheet runs", async () => {
    await owner.call("POST", "/users", { body: { ...userBody("formula"), name: "=HYPERLINK(1)" } })
    const get = (format: string) =>
      fetch(`${server.url}/api/v2/audit/export?format=${format}`, { headers: owner.authorization })
    const lines = await (await get("jsonl")).text()
    const rows = lines
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly id: string })
    expect(rows.length).toBe((await owner.expect(AuditLog, 200, "GET", "/audit")).count)
    const csv = await get("csv")
    expect(csv.headers.get("content-type")).toContain("text/csv")
    expect(csv.headers.get("content-disposition")).toContain("attachment")
    const text = await csv.text()
    expect(text.split("\r\n")[0]).toContain("time,actor_kind")
    expect(text).not.toMatch(/(^|,|\n)"?[=+@]/)
    expect(text).not.toContain(PASSWORD)
    const plain = (await joined(owner, "pia", server.url)).client
    const refused = await fetch(`${server.url}/api/v2/audit/export?format=csv`, { headers: plain.authorization })
    expect(refused.status).toBe(403)
  })
})
