import { beforeAll, expect, it } from "vitest"
import { signUpOwner, useServer } from "./server.ts"

/** Every route, for everyone: what is answered to whom. */

const server = useServer()
const tokens: Record<"owner" | "admin" | "member" | "stranger", string> = {
  owner: "",
  admin: "",
  member: "",
  stranger: "",
}

beforeAll(async () => {
  tokens.owner = await signUpOwner(server)
  tokens.admin = await server.addUser({ username: "admin", roles: ["organization-admin"] })
  tokens.member = await server.addUser({ username: "member", roles: ["agents-access"] })
  tokens.stranger = await server.addUser({ username: "stranger" })
})

const everyone = ["owner", "admin", "member", "stranger"] as const

interface Route {
  readonly route: string
  readonly body?: unknown
  readonly wanted: Record<(typeof everyone)[number] | "nobody", number>
}

const wanted = (owner: number, admin: number, member: number, stranger: number, nobody: number) => ({
  owner,
  admin,
  member,
  stranger,
  nobody,
})

const routes: ReadonlyArray<Route> = [
  { route: "GET /users/first", wanted: wanted(200, 200, 200, 200, 200) },
  { route: "POST /users/first", body: {}, wanted: wanted(400, 400, 400, 400, 400) },
  { route: "POST /users/login", body: {}, wanted: wanted(400, 400, 400, 400, 400) },
  { route: "GET /users/me", wanted: wanted(200, 200, 200, 200, 401) },
  { route: "GET /users/member", wanted: wanted(200, 404, 200, 404, 401) },
  { route: "GET /users/nobody-has-this-name", wanted: wanted(404, 404, 404, 404, 401) },
  { route: "GET /organizations", wanted: wanted(200, 200, 200, 200, 401) },
  { route: "GET /chats/providers", wanted: wanted(200, 403, 403, 403, 401) },
  // Whether one may comes before whether the request is right.
  { route: "POST /chats/providers", body: {}, wanted: wanted(400, 403, 403, 403, 401) },
  { route: "GET /chats/models", wanted: wanted(200, 200, 200, 200, 401) },
  { route: "GET /chats/model-configs", wanted: wanted(200, 200, 200, 200, 401) },
  { route: "POST /chats/model-configs", body: {}, wanted: wanted(400, 403, 403, 403, 401) },
]

it.each(routes)("$route answers each as it should, errors with a sentence", async ({ route, body, wanted }) => {
  const [method = "", path = ""] = route.split(" ")
  const statuses = { ...wanted }
  const unclear: Array<unknown> = []
  for (const who of [...everyone, "nobody"] as const) {
    const token = who === "nobody" ? undefined : tokens[who]
    const { status, json } = await server.call(method, `/api/v2${path}`, { token, body })
    statuses[who] = status
    if (status >= 400 && !/^[A-Z].*\.$/.test(String((json as { message?: unknown }).message))) unclear.push(json)
  }
  expect(statuses).toEqual(wanted)
  expect(unclear).toEqual([])
})

it("shows a stranger no organization, and the owner all", async () => {
  expect((await server.call("GET", "/api/v2/organizations", { token: tokens.stranger })).json).toEqual([])
  expect((await server.call("GET", "/api/v2/organizations", { token: tokens.member })).json).toMatchObject([
    { name: "default", is_default: true },
  ])
})

it("says the same of a user who is hidden and of one who does not exist", async () => {
  const hidden = await server.call("GET", "/api/v2/users/owner", { token: tokens.member })
  const missing = await server.call("GET", "/api/v2/users/nobody-has-this-name", { token: tokens.member })
  expect(hidden.status).toBe(404)
  expect(hidden.text).toBe(missing.text)
})

it("finds a user by id and by name in any case", async () => {
  const { json } = await server.call("GET", "/api/v2/users/me", { token: tokens.member })
  const { id } = json as { id: string }
  expect((await server.call("GET", `/api/v2/users/${id}`, { token: tokens.owner })).json).toEqual(json)
  expect((await server.call("GET", "/api/v2/users/MEMBER", { token: tokens.owner })).json).toEqual(json)
  expect(json).toMatchObject({ username: "member", email: "member@example.com", roles: [] })
})
