import { beforeAll, describe, expect, it } from "vitest"
import { OWNER, type Reply, signUpOwner, type TestServer, useServer } from "./server.ts"

/** Guessing passwords is held up, and the owner of an account is not. */

interface Attempt {
  readonly email?: string
  readonly password?: string
  readonly cookie?: string
  readonly forwardedFor?: string
}

const logIn = (server: TestServer, { email, password, cookie, forwardedFor }: Attempt = {}): Promise<Reply> =>
  server.call("POST", "/api/v2/users/login", {
    body: { email: email ?? OWNER.email, password: password ?? OWNER.password },
    headers: {
      ...(cookie === undefined ? {} : { cookie }),
      ...(forwardedFor === undefined ? {} : { "x-forwarded-for": forwardedFor }),
    },
  })

const deviceCookieOf = ({ headers }: Reply): string =>
  headers
    .getSetCookie()
    .find((cookie) => cookie.startsWith("troupe_device_"))!
    .split(";", 1)[0]!

const statusesOf = async (
  count: number,
  attempt: (index: number) => Promise<Reply>,
): Promise<ReadonlyArray<number>> => {
  const statuses = []
  for (let index = 0; index < count; index += 1) statuses.push((await attempt(index)).status)
  return statuses
}
const refused = (count: number) => Array.from({ length: count }, () => 401)

describe("a local program that says whom it asks for", () => {
  const server = useServer()
  beforeAll(() => signUpOwner(server))

  it("is not believed unless a setting names it", async () => {
    const guess = (index: number) => logIn(server, { password: "guess", forwardedFor: `198.51.100.${index}` })
    expect(await statusesOf(11, guess)).toEqual([...refused(10), 429])
    const spray = (index: number) =>
      logIn(server, { email: `${index}@example.com`, password: "guess", forwardedFor: `203.0.113.${index}` })
    // Ten of the thirty were tried above.
    expect(await statusesOf(21, spray)).toEqual([...refused(20), 429])
  })
})

describe("behind a proxy that a setting names", () => {
  const server = useServer({ options: { trustedProxies: ["127.0.0.0/8"] } })
  beforeAll(() => signUpOwner(server))

  it("counts each address for itself, and the account over all of them", async () => {
    const from = (forwardedFor: string, email: string) => logIn(server, { email, password: "guess", forwardedFor })
    expect(await statusesOf(31, (index) => from("198.51.100.1", `${index}@example.com`))).toEqual([...refused(30), 429])
    expect(await statusesOf(11, (index) => from(`198.51.100.${2 + index}`, "ada@example.com"))).toEqual([
      ...refused(10),
      429,
    ])
    // What the proxy did not write itself is anybody's word.
    expect((await from("198.51.100.99, 198.51.100.1", "grace@example.com")).status).toBe(429)
  })

  it("keeps nobody out by a flood of tries, and does no more than a little of the work", async () => {
    const known = deviceCookieOf(await logIn(server, { forwardedFor: "198.51.100.200" }))
    const flood = Promise.all(
      Array.from({ length: 150 }, (_, index) =>
        logIn(server, {
          email: `${index}@example.org`,
          password: "guess",
          forwardedFor: `10.0.${index >> 8}.${index & 255}`,
        }),
      ),
    )
    const [owner, page] = await Promise.all([logIn(server, { cookie: known }), server.call("GET", "/")])
    expect([owner.status, page.status]).toEqual([201, 200])
    const replies = await flood
    const busy = replies.filter(({ status }) => status === 429)
    expect(replies.filter(({ status }) => status === 401).length + busy.length).toBe(150)
    expect(busy.length).toBeGreaterThan(50)
    expect(new Set(busy.map(({ headers }) => headers.get("retry-after")))).toEqual(new Set(["1"]))
  })
})

describe("a browser that has signed in before", () => {
  const server = useServer()
  let cookie = ""
  beforeAll(async () => {
    await signUpOwner(server)
    cookie = deviceCookieOf(await logIn(server))
  })

  it("is let in while strangers are held up", async () => {
    expect(await statusesOf(11, () => logIn(server, { password: "guess" }))).toEqual([...refused(10), 429])
    expect((await logIn(server)).status).toBe(429)
    const again = await logIn(server, { cookie })
    expect(again.status).toBe(201)
    // It stays the same browser.
    expect(deviceCookieOf(again)).toBe(cookie)
  })

  it("is known to this account only, and only with a proof that the server made", async () => {
    const [name = "", value = ""] = cookie.split("=")
    const [id = "", ...digest] = value.split(".")
    await server.addUser({ username: "ada" })
    const adas = deviceCookieOf(await logIn(server, { email: "ada@example.com", password: "password of ada" }))
    const forged = [
      `${name}=${adas.split("=")[1]}`,
      `${name}=${id.replace(/./, (first) => (first === "A" ? "B" : "A"))}.${digest.join(".")}`,
      `${name}=${id}.${digest.join(".").slice(0, -2)}`,
      `${name}=${id}`,
      adas,
    ]
    for (const cookie of forged) expect([cookie, (await logIn(server, { cookie })).status]).toEqual([cookie, 429])
  })

  it("has a count of its own for what is tried with it", async () => {
    const guess = () => logIn(server, { cookie, password: "guess" })
    expect(await statusesOf(11, guess)).toEqual([...refused(10), 429])
    expect((await logIn(server, { cookie })).status).toBe(429)
  })
})
