import { HttpApi } from "@effect/platform"
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { describe, expect, it } from "vitest"
import { TroupeApi } from "../http/families.ts"

/** Every route that a page for people names is one that is declared, and those that are said not to be there are not. */

const root = path.join(import.meta.dirname, "../..")
const pages = [
  "README.md",
  ...readdirSync(path.join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => path.join("docs", name)),
]

const API = /^\/api\/(?:v2|experimental)/
/** Beside the declared ones: the streams, which are described as such, and the documents. */
const ROUTES = new Set([
  ...[
    "GET /chats/{}/stream",
    "GET /chats/watch",
    "GET /openapi.json",
    "GET /asyncapi.json",
    "GET /docs/api",
    "GET /healthz",
    "GET /audit/export",
  ],
])
const FAMILIES = new Set(["docs", "healthz"])
HttpApi.reflect(TroupeApi, {
  onGroup: () => undefined,
  onEndpoint: ({ endpoint }) => {
    const declared = endpoint.path.replace(API, "").replace(/:\w+/g, "{}")
    ROUTES.add(`${endpoint.method} ${declared}`)
    FAMILIES.add(declared.split("/")[1] ?? "")
  },
})

interface Named {
  readonly methods: ReadonlyArray<string>
  readonly path: string
}

/** Methods, where some stand before it, and the path of each route in a text: "`GET` and `PUT /chats/config/capacity`". */
const routesIn = (text: string): ReadonlyArray<Named> =>
  [
    ...text.matchAll(
      /((?:`?(?:GET|POST|PUT|PATCH|DELETE)`?(?:,| and| or)? ?)*)(?:`|\$URL)?(?<=\$URL|[\s`"(,]|^)((?:\/[\w.{}$-]+)+)/g,
    ),
  ].flatMap(([, methods = "", found = ""]) => {
    const named = found
      .replace(API, "")
      .replace(/\$?\{\w*\}|\$\w+/g, "{}")
      .replace(/^\/users\/me(?=\/|$)/, "/users/{}")
    const isOurs = API.test(found) || methods !== "" || FAMILIES.has(named.split("/")[1] ?? "")
    return isOurs && named !== "" ? [{ methods: methods.match(/[A-Z]+/g) ?? [], path: named }] : []
  })

const isServed = ({ methods, path }: Named): boolean =>
  methods.length > 0
    ? methods.every((method) => ROUTES.has(`${method} ${path}`))
    : [...ROUTES].some((route) => route.endsWith(` ${path}`))

const ABSENT = "## Not there yet"
const [present = "", absent = ""] = readFileSync(path.join(root, "docs/differences.md"), "utf8").split(ABSENT)

describe("the routes of a page", () => {
  it("are found with their methods, in prose and in commands", () => {
    expect(routesIn("`GET` and `PUT /chats/config/capacity`, curl $URL/chats/$CHAT/stream, /api/v2/nothing")).toEqual([
      { methods: ["GET", "PUT"], path: "/chats/config/capacity" },
      { methods: [], path: "/chats/{}/stream" },
      { methods: [], path: "/nothing" },
    ])
    expect(isServed({ methods: ["DELETE"], path: "/chats/config/capacity" })).toBe(false)
    expect(isServed({ methods: [], path: "/ai/providers" })).toBe(false)
    expect(routesIn(present).length).toBeGreaterThan(15)
  })

  it.each(pages)("exist: %s", (page) => {
    const text = page === path.join("docs", "differences.md") ? present : readFileSync(path.join(root, page), "utf8")
    expect(routesIn(text).filter((route) => !isServed(route))).toEqual([])
  })

  it("that are said not to be there yet are not", () => {
    const named = routesIn(absent).filter(({ path }) => path !== "/docs/api")
    expect(named.map(({ path }) => path)).toContain("/chats/by-workspace")
    expect(named.filter(isServed)).toEqual([])
  })
})
