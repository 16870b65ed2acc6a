import { HttpApi } from "@effect/platform"
import { beforeAll, expect, it } from "vitest"
import { Organization } from "../../../src/contract/organizations.ts"
import { CreateTokenResponse } from "../../../src/contract/tokens.ts"
import { User } from "../../../src/contract/identity.ts"
import { TroupeApi } from "../../../src/http/families.ts"
import { useChatServer } from "../../support/chat-server.ts"
import { Client } from "../../support/client.ts"
import { CALLERS, type CallerName, MATRIX, type Things } from "./matrix.ts"
import { addUser, PASSWORD, userBody } from "./people-client.ts"

/** Each route, asked by each kind of caller. */

const server = useChatServer()
const signedIn = new Map<CallerName, () => Promise<Client>>()
let things: Things

const idOf = (body: unknown): string => String((body as { readonly id: unknown }).id)

beforeAll(async () => {
  const owner = server.client
  let made = 0
  const fresh = (name: string) => `${name}-${(made += 1)}`
  const post = async (path: string, body: unknown) => (await owner.call("POST", path, { body })).body

  const sessionOf = (username: string) => () =>
    Client.signIn(server.url, { email: `${username}@example.com`, password: PASSWORD })
  const account = async (
    name: CallerName,
    siteRoles: ReadonlyArray<string>,
    roles: ReadonlyArray<string> | undefined,
  ) => {
    const username = name.toLowerCase()
    const user = await addUser(owner, username)
    if (siteRoles.length > 0)
      await owner.expect(User, 200, "PUT", `/users/${user.id}/roles`, { body: { roles: siteRoles } })
    const membership = `/organizations/default/members/${username}`
    if (roles === undefined) await owner.call("DELETE", membership)
    else await owner.call("PUT", `${membership}/roles`, { body: { roles } })
    signedIn.set(name, sessionOf(username))
    return user
  }

  signedIn.set("owner", () => Client.signIn(server.url))
  await account("userAdmin", ["user-admin"], [])
  await account("auditor", ["auditor"], [])
  await account("organizationAdmin", [], ["organization-admin"])
  await account("member", [], ["agents-access"])
  await account("withoutAgents", [], [])
  await account("stranger", [], undefined)
  await owner.expect(Organization, 201, "POST", "/organizations", { body: { name: "elsewhere" } })
  await owner.call("POST", "/organizations/elsewhere/members/stranger")
  await owner.call("PUT", "/organizations/elsewhere/members/stranger/roles", {
    body: { roles: ["organization-admin"] },
  })

  await post("/users", { username: "serviceaccount", service_account: true })
  await owner.call("PUT", "/organizations/default/members/serviceaccount/roles", { body: { roles: ["agents-access"] } })
  const tokenOf = async (user: string, body: unknown = {}) =>
    owner.expect(CreateTokenResponse, 201, "POST", `/users/${user}/keys/tokens`, { body })
  signedIn.set("serviceAccount", async () => new Client(server.url, (await tokenOf("serviceaccount")).key))

  const suspended = await account("suspended", [], ["agents-access"])
  const token = await tokenOf("suspended")
  await owner.call("PUT", `/users/${suspended.id}/status/suspend`)
  signedIn.set("suspended", () => Promise.resolve(new Client(server.url, token.key)))
  const over = await tokenOf("member")
  await owner.call("PUT", `/users/member/keys/${over.id}/expire`)
  signedIn.set("expired", () => Promise.resolve(new Client(server.url, over.key)))
  const narrow = await tokenOf("member", { scopes: ["chat:read"] })
  signedIn.set("scoped", () => Promise.resolve(new Client(server.url, narrow.key)))
  signedIn.set("nobody", () => Promise.resolve(new Client(server.url)))

  const subject = await addUser(owner, "subject")
  const subjectClient = await sessionOf("subject")()
  server.provider.script({ items: [{ text: "Hello." }] })
  const chat = await subjectClient.createChat("Hello")
  const reader = await subjectClient.stream(chat.id)
  await reader.untilAnswered(1)
  await reader.close()
  const subjectToken = await tokenOf("subject", { token_name: "matrix" })

  things = {
    chat: chat.id,
    subject: subject.id,
    subjectToken: subjectToken.id,
    group: idOf(await post("/organizations/default/groups", { name: "matrix" })),
    user: async () => idOf(await post("/users", userBody(fresh("person")))),
    member: async () => idOf(await post("/users", userBody(fresh("person")))),
    organization: async () => idOf(await post("/organizations", { name: fresh("organization") })),
    newGroup: async () => idOf(await post("/organizations/default/groups", { name: fresh("group") })),
    siteRole: async () => {
      const name = fresh("role")
      await post("/users/roles", { name })
      return name
    },
    organizationRole: async () => {
      const name = fresh("role")
      await post("/organizations/default/members/roles", { name })
      return name
    },
    token: async () => (await tokenOf("subject")).id,
  }
}, 120_000)

it("has a row for every route there is", () => {
  const routes: Array<string> = []
  HttpApi.reflect(TroupeApi, {
    onGroup: () => undefined,
    onEndpoint: ({ endpoint }) => void routes.push(`${endpoint.method} ${endpoint.path.slice("/api/v2".length)}`),
  })
  expect(Object.keys(MATRIX).sort()).toEqual(routes.sort())
})

const clients = new Map<CallerName, Client>()
const clientOf = async (caller: CallerName, route: string) => {
  const known = clients.get(caller)
  if (known !== undefined && route !== "POST /users/logout") return known
  const client = await signedIn.get(caller)?.()
  if (client === undefined) throw new Error(`${caller} was not made`)
  if (route !== "POST /users/logout") clients.set(caller, client)
  return client
}

it.each(Object.entries(MATRIX))("%s", async (route, { path, body, answers }) => {
  const [method = ""] = route.split(" ")
  const found: Record<string, number> = {}
  const said: Array<string> = []
  for (const caller of CALLERS) {
    const client = await clientOf(caller, route)
    const reply = await client.call(method, await path(things), body === undefined ? {} : { body: body(things) })
    found[caller] = reply.status
    if (reply.status >= 400) said.push((reply.body as { readonly message: string }).message)
  }
  expect(found).toEqual(answers)
  expect(said.filter((message) => !/^\S.*[.?!]$/s.test(message))).toEqual([])
})
