import { Schema } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { ApiKey } from "../../../src/contract/tokens.ts"
import { ApprovalsResponse } from "../../../src/contract/tool-policy.ts"
import { useChatServer } from "../../support/chat-server.ts"
import { Client } from "../../support/client.ts"
import { OWNER } from "../../support/server-process.ts"
import { joined, refusalOf, tokenFor } from "./people-client.ts"

/** API tokens and sessions: what they may do, how long, and how they end. */

const server = useChatServer()
let owner: Client
let member: Client
beforeAll(async () => {
  owner = server.client
  member = (await joined(owner, "mo", server.url)).client
})

const scoped = async (...scopes: ReadonlyArray<string>) => (await tokenFor(member, "me", server.url, { scopes })).client

const list = (as: Client, path: string) => as.expect(Schema.Array(ApiKey), 200, "GET", path)

describe("an API token", () => {
  it("does what its user may, is told once, listed without its secret, and ends when it is removed", async () => {
    const { id, client } = await tokenFor(member, "me", server.url, { token_name: "ci", lifetime_days: 1 })
    await client.createChat("Hello")
    const [key] = await list(member, "/users/me/keys/tokens")
    expect(key).toMatchObject({ id, token_name: "ci", scopes: ["all"], lifetime_seconds: 86_400, login_type: "token" })
    expect(await refusalOf(member, "POST", "/users/me/keys/tokens", { token_name: "ci" })).toEqual([409, "token_name"])
    expect((await member.call("GET", "/users/me/keys/tokens/ci")).body).toMatchObject({ id })
    expect(await refusalOf(member, "DELETE", `/users/me/keys/${id}`)).toEqual([204])
    expect(await refusalOf(client, "GET", "/users/me")).toEqual([401])
    expect(await refusalOf(member, "DELETE", `/users/me/keys/${id}`)).toEqual([404])
  })

  it("that was ended early stays in the list of all", async () => {
    const { id, client } = await tokenFor(member, "me", server.url, { token_name: "early" })
    expect(await refusalOf(member, "PUT", `/users/me/keys/${id}/expire`)).toEqual([204])
    expect(await refusalOf(client, "GET", "/users/me")).toEqual([401])
    const names = async (query = "") =>
      (await list(member, `/users/me/keys/tokens${query}`)).map(({ token_name }) => token_name)
    expect(await names()).not.toContain("early")
    expect(await names("?include_expired=true")).toContain("early")
  })

  it.each([
    ["a lifetime beyond the limit", { lifetime_days: 366 }, [400, "lifetime_days"]],
    ["a lifetime of nothing", { lifetime: 5 }, [400, "lifetime"]],
    ["a scope that is not there", { scopes: ["chat:fly"] }, [400, "scopes"]],
    ["no scope", { scopes: [] }, [400, "scopes"]],
    ["a name with a slash", { token_name: "a/b" }, [400, "token_name"]],
  ])("is refused with %s", async (_, body, wanted) => {
    expect(await refusalOf(member, "POST", "/users/me/keys/tokens", body)).toEqual(wanted)
  })

  it("is nobody else's: not to see, not to end, not to make", async () => {
    const other = (await joined(owner, "otto", server.url)).client
    const { id } = await tokenFor(member, "me", server.url)
    expect(await refusalOf(other, "GET", "/users/mo/keys/tokens")).toEqual([404])
    expect(await refusalOf(other, "DELETE", `/users/mo/keys/${id}`)).toEqual([404])
    expect(await refusalOf(other, "DELETE", `/users/me/keys/${id}`)).toEqual([404])
    expect(await refusalOf(other, "POST", "/users/mo/keys/tokens", {})).toEqual([404])
    expect((await list(owner, "/users/me/keys/tokens?include_all=true")).map((key) => key.id)).toContain(id)
    expect((await list(other, "/users/me/keys/tokens?include_all=true")).map((key) => key.id)).not.toContain(id)
  })
})

describe("a scope", () => {
  it("only takes from what the user may", async () => {
    const chat = await member.createChat("Hello")
    const reader = await scoped("chat:read")
    expect(await refusalOf(reader, "GET", `/chats/${chat.id}`)).toEqual([200])
    expect(await refusalOf(reader, "GET", "/chats")).toEqual([200])
    expect(await refusalOf(reader, "PATCH", `/chats/${chat.id}`, { title: "x" })).toEqual([403])
    expect(await refusalOf(reader, "GET", "/users/me")).toEqual([403])
    expect(await refusalOf(reader, "POST", "/users/me/keys/tokens", {})).toEqual([403])
    const renamer = await scoped("chat:read", "chat:update")
    expect(await refusalOf(renamer, "PATCH", `/chats/${chat.id}`, { title: "x" })).toEqual([204])
    const message = { content: [{ type: "text", text: "and?" }] }
    expect(await refusalOf(renamer, "POST", `/chats/${chat.id}/messages`, message)).toEqual([403])
    const stranger = await scoped("user:read")
    expect(await refusalOf(stranger, "GET", `/chats/${chat.id}`)).toEqual([403])
    expect(await refusalOf(stranger, "GET", "/users/me")).toEqual([200])
  })

  it("cannot be widened by making another token with it", async () => {
    const minter = await scoped("api_key:*", "user:read")
    expect(await refusalOf(minter, "POST", "/users/me/keys/tokens", { scopes: ["all"] })).toEqual([403])
    expect(await refusalOf(minter, "POST", "/users/me/keys/tokens", { scopes: ["chat:read"] })).toEqual([403])
    expect(await refusalOf(minter, "POST", "/users/me/keys/tokens", { scopes: ["api_key:read"] })).toEqual([201])
    const all = await scoped("all")
    expect(await refusalOf(all, "POST", "/users/me/keys/tokens", { scopes: ["approve"] })).toEqual([403])
  })
})

describe("an approval", () => {
  const asked = async () => {
    const call = { tool: "execute", args: { command: "true" } }
    server.provider.script({ items: [{ calls: [call] }] }, { items: [{ text: "Done." }] })
    const chat = await member.createChat("Run it", { tool_policy: [{ pattern: "*", action: "ask" }] })
    const reader = await member.stream(chat.id)
    await reader.until((seen) => seen.status === "requires_action")
    await reader.close()
    const { approvals } = await member.expect(ApprovalsResponse, 200, "GET", `/chats/${chat.id}/approvals`)
    const body = { decisions: [{ id: approvals[0]?.id, decision: "deny" }] }
    return { path: `/chats/${chat.id}/approvals`, body }
  }

  it("is decided in a session, or with a token that was made for it", async () => {
    const { path, body } = await asked()
    const all = await scoped("all")
    expect(await refusalOf(all, "POST", path, body)).toEqual([403])
    expect(await refusalOf(owner, "POST", path, body)).toEqual([403])
    const approver = await scoped("approve")
    expect(await refusalOf(approver, "GET", path)).toEqual([200])
    expect(await refusalOf(approver, "POST", path, body)).toEqual([204])
  })
})

describe("sessions", () => {
  it("are listed with the present one marked, and ended all but it", async () => {
    const { user, client } = await joined(owner, "sue", server.url)
    const other = await Client.signIn(server.url, { email: user.email, password: "a staple and a horse" })
    const sessions = await list(client, "/users/me/sessions")
    expect(sessions.map(({ current }) => current).sort()).toEqual([false, true])
    expect(await refusalOf(client, "DELETE", "/users/me/sessions")).toEqual([204])
    expect(await refusalOf(other, "GET", "/users/me")).toEqual([401])
    expect(await refusalOf(client, "GET", "/users/me")).toEqual([200])
  })

  it("are new with each sign-in: one that somebody brings along is not taken over", async () => {
    const planted = { cookie: "coder_session_token=0123456789abcdef-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
    const reply = await new Client(server.url).call("POST", "/users/login", {
      body: { email: OWNER.email, password: OWNER.password },
      headers: { ...planted, origin: server.url },
    })
    expect(reply.status).toBe(201)
    expect(reply.headers.get("set-cookie")).not.toContain("0123456789abcdef")
  })
})
