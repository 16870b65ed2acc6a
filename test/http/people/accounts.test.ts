import { Schema } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { User, Users } from "../../../src/contract/identity.ts"
import { Organization } from "../../../src/contract/organizations.ts"
import { useChatServer } from "../../support/chat-server.ts"
import { Client, textContent } from "../../support/client.ts"
import { OWNER } from "../../support/server-process.ts"
import { addUser, joined, PASSWORD, refusalOf, tokenFor, userBody } from "./people-client.ts"

/** Accounts: how they come, change, sign in and go. */

const server = useChatServer()
let owner: Client
let userAdmin: Client
beforeAll(async () => {
  owner = server.client
  userAdmin = (await joined(owner, "uma", server.url, ["user-admin"])).client
})

const signIn = (email: string, password: string = PASSWORD) =>
  refusalOf(new Client(server.url), "POST", "/users/login", { email, password })

describe("an account that an administrator makes", () => {
  it("belongs to the default organization, delegates to agents, and is dormant until it signs in", async () => {
    const made = await addUser(owner, "newcomer")
    expect(made).toMatchObject({ status: "dormant", login_type: "password", roles: [], is_service_account: false })
    const client = await Client.signIn(server.url, { email: "NEWCOMER@example.com", password: PASSWORD })
    expect((await client.expect(User, 200, "GET", "/users/me")).status).toBe("active")
    await client.createChat("Hello")
  })

  it("may be made by an administrator of users, and by nobody with less", async () => {
    await addUser(userAdmin, "made-by-uma")
    const { client } = await joined(owner, "plain", server.url)
    expect(await refusalOf(client, "POST", "/users", userBody("nope"))).toEqual([403])
    expect(await refusalOf(client, "GET", "/users")).toEqual([403])
  })

  it.each([
    ["a username that is taken, in another case", userBody("Newcomer", { email: "x1@example.com" }), [409, "username"]],
    ["an address that is taken, in another case", userBody("x2", { email: "NewComer@Example.com" }), [409, "email"]],
    ["an address that only looks like another", userBody("x3", { email: "nеwcomer@example.com" }), [400, "email"]],
    ["an address in wide letters", userBody("x4", { email: "ｎewcomer@example.com" }), [400, "email"]],
    ["a password that is tried first", userBody("x5", { password: "password12" }), [400, "password"]],
    ["no password", { username: "x6", email: "x6@example.com" }, [400, "password"]],
    ["no address", { username: "x7", password: PASSWORD }, [400, "email"]],
    [
      "a password for a service account",
      { username: "x8", password: PASSWORD, service_account: true },
      [400, "password"],
    ],
    [
      "an organization that is not there",
      userBody("x9", { organization_ids: ["00000000-0000-4000-8000-000000000000"] }),
      [400, "organization_ids"],
    ],
    ["a name with a slash", userBody("a/b"), [400, "username"]],
  ])("is refused with %s", async (_, body, wanted) => {
    expect(await refusalOf(owner, "POST", "/users", body)).toEqual(wanted)
  })

  it("of two at once with one name, one is made", async () => {
    const replies = await Promise.all([1, 2].map(() => refusalOf(owner, "POST", "/users", userBody("twin"))))
    expect(replies.map(([status]) => status).sort()).toEqual([201, 409])
  })
})

describe("the list of accounts", () => {
  it("is searched, paged and counted", async () => {
    for (let index = 1; index <= 3; index += 1) await addUser(owner, `paged-${index}`)
    const list = (q: string, more = "") => owner.expect(Users, 200, "GET", `/users?q=${encodeURIComponent(q)}${more}`)
    const first = await list("paged-", "&limit=2")
    expect([first.count, first.users.map(({ username }) => username)]).toEqual([3, ["paged-1", "paged-2"]])
    const rest = await list("paged-", `&limit=2&after_id=${first.users[1]?.id}`)
    expect(rest.users.map(({ username }) => username)).toEqual(["paged-3"])
    expect((await list("PAGED-1@EXAMPLE")).count).toBe(1)
    expect((await list("role:user-admin")).users.map(({ username }) => username)).toEqual(["uma"])
    expect((await list("status:dormant paged")).count).toBe(3)
    expect((await list("%")).count).toBe(0)
    expect(await refusalOf(owner, "GET", "/users?q=nope:1%20status:odd")).toEqual([400, "nope", "status"])
  })
})

describe("a suspended account", () => {
  it("is signed out at once, also where it has a stream open, and comes back when it is activated", async () => {
    const { user, client } = await joined(owner, "sally", server.url)
    const chat = await client.createChat("Hello")
    const reader = await client.stream(chat.id)
    const token = await tokenFor(client, "me", server.url)
    await owner.expect(User, 200, "PUT", `/users/sally/status/suspend`)
    await reader.closed
    expect(await refusalOf(client, "GET", "/users/me")).toEqual([401])
    expect(await refusalOf(token.client, "GET", "/users/me")).toEqual([401])
    expect(await signIn(user.email)).toEqual([401])
    await owner.expect(User, 200, "PUT", `/users/${user.id}/status/activate`)
    expect(await signIn(user.email)).toEqual([201])
  })

  it("cannot be one's own, nor the last owner's", async () => {
    expect(await refusalOf(owner, "PUT", "/users/me/status/suspend")).toEqual([400, "user"])
    expect(await refusalOf(userAdmin, "PUT", `/users/${OWNER.username}/status/suspend`)).toEqual([403])
  })
})

describe("owners", () => {
  it("of two who take each other out at once, one stays", async () => {
    const { user, client } = await joined(owner, "second-owner", server.url, ["owner"])
    const me = await owner.expect(User, 200, "GET", "/users/me")
    const replies = await Promise.all([
      refusalOf(owner, "PUT", `/users/${user.id}/roles`, { roles: [] }),
      refusalOf(client, "PUT", `/users/${me.id}/roles`, { roles: [] }),
    ])
    const owners = await Promise.all(
      [owner, client].map(async (who) => (await who.expect(User, 200, "GET", "/users/me")).roles.length),
    )
    expect(replies.map(([status]) => status).filter((status) => status === 200)).toHaveLength(1)
    expect(owners.filter((roles) => roles > 0)).toHaveLength(1)
    // As it was: whoever is left makes the first one owner again.
    if (owners[0] === 0) await client.expect(User, 200, "PUT", `/users/${me.id}/roles`, { body: { roles: ["owner"] } })
  })

  it("alone give roles of the deployment, and not to themselves", async () => {
    expect(await refusalOf(userAdmin, "PUT", "/users/newcomer/roles", { roles: ["auditor"] })).toEqual([403])
    expect(await refusalOf(owner, "PUT", "/users/me/roles", { roles: [] })).toEqual([400, "roles"])
    expect(await refusalOf(owner, "PUT", "/users/newcomer/roles", { roles: ["emperor"] })).toEqual([400, "roles"])
  })

  it("are not taken over by who administers users", async () => {
    const body = { password: "another good long one" }
    expect(await refusalOf(userAdmin, "PUT", `/users/${OWNER.username}/password`, body)).toEqual([403])
    expect(await refusalOf(userAdmin, "DELETE", `/users/${OWNER.username}`)).toEqual([403])
    expect(await refusalOf(userAdmin, "POST", `/users/${OWNER.username}/keys/tokens`, {})).toEqual([403])
  })
})

describe("a password", () => {
  it("is changed with the old one, and signs everybody else out", async () => {
    const { user, client } = await joined(owner, "paula", server.url)
    const other = await Client.signIn(server.url, { email: user.email, password: PASSWORD })
    const next = "quite another long one"
    const change = (old_password?: string) =>
      refusalOf(client, "PUT", "/users/me/password", {
        password: next,
        ...(old_password !== undefined && { old_password }),
      })
    expect(await change()).toEqual([400, "old_password"])
    expect(await change("not this one")).toEqual([400, "old_password"])
    expect(await change(PASSWORD)).toEqual([204])
    expect(await refusalOf(client, "GET", "/users/me")).toEqual([200])
    expect(await refusalOf(other, "GET", "/users/me")).toEqual([401])
    expect(await signIn(user.email)).toEqual([401])
    expect(await signIn(user.email, next)).toEqual([201])
    expect(await refusalOf(userAdmin, "PUT", "/users/paula/password", { password: PASSWORD })).toEqual([204])
    expect(await refusalOf(client, "GET", "/users/me")).toEqual([401])
  })
})

describe("a profile", () => {
  it("is one's own to change, but for the address", async () => {
    const { client } = await joined(owner, "pete", server.url)
    const put = (body: unknown, who = client, name = "me") => refusalOf(who, "PUT", `/users/${name}/profile`, body)
    expect(await put({ username: "peter", name: "Peter" })).toEqual([200])
    expect(await put({ username: "uma" })).toEqual([409, "username"])
    expect(await put({ username: "peter", email: "other@example.com" })).toEqual([403])
    expect(await put({ username: "peter", email: "other@example.com" }, userAdmin, "peter")).toEqual([200])
    expect(await put({ username: "uma", name: "x" }, client, "uma")).toEqual([404])
  })

  it("keeps what a person chose for the pages", async () => {
    const body = { theme_preference: "dark", terminal_font: "" }
    expect((await owner.call("PUT", "/users/me/appearance", { body })).body).toEqual(body)
    expect((await owner.call("GET", "/users/me/appearance")).body).toEqual(body)
    expect(await refusalOf(owner, "PUT", "/users/me/appearance", { theme_preference: "pink" })).toEqual([
      400,
      "theme_preference",
    ])
  })
})

describe("a deleted account", () => {
  it("is gone, its token too, and its names are free", async () => {
    const { user, client } = await joined(owner, "dora", server.url)
    const token = await tokenFor(client, "me", server.url)
    expect(await refusalOf(owner, "DELETE", `/users/${user.id}`)).toEqual([204])
    expect(await refusalOf(token.client, "GET", "/users/me")).toEqual([401])
    expect(await refusalOf(owner, "GET", `/users/${user.id}`)).toEqual([404])
    expect((await addUser(owner, "dora")).id).not.toBe(user.id)
  })
})

describe("a service account", () => {
  it("works by a token that an owner makes, and creates no chats until it is given the role", async () => {
    const robot = await owner.expect(User, 201, "POST", "/users", {
      body: { username: "robot", service_account: true },
    })
    expect(robot).toMatchObject({ is_service_account: true, email: "", login_type: "none" })
    const second = { username: "robot-2", service_account: true }
    expect(await refusalOf(owner, "POST", "/users", second)).toEqual([201])
    const { client } = await tokenFor(owner, "robot", server.url)
    const [organization] = await client.expect(Schema.Array(Organization), 200, "GET", "/organizations")
    const create = () =>
      refusalOf(client, "POST", "/chats", { organization_id: organization?.id, content: textContent("Hello") })
    expect(await create()).toEqual([403])
    const roles = `/organizations/default/members/robot/roles`
    expect(await refusalOf(owner, "PUT", roles, { roles: ["agents-access"] })).toEqual([200])
    expect(await create()).toEqual([201])
    expect(await refusalOf(client, "POST", "/users/me/keys/tokens", {})).toEqual([403])
    expect(await refusalOf(owner, "POST", "/users/robot/keys/tokens", { scopes: ["approve"] })).toEqual([400, "scopes"])
  })
})
