import express, { type RequestHandler } from "express"
import { once } from "node:events"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { TroupeApi } from "./families.ts"
import { mountRoutes, type Route, wordsBeside } from "./route-table.ts"
import { HttpApi } from "@effect/platform"

const declared = (...routes: ReadonlyArray<string>): ReadonlyArray<Route> =>
  routes.map((route) => {
    const [method = "", path = ""] = route.split(" ")
    const serve: RequestHandler = (request, response) => void response.json({ route, params: request.params })
    return { name: route, method, path, serve }
  })

const mount = (routes: ReadonlyArray<Route>, elsewhere: ReadonlyArray<string> = []) => {
  const router = express.Router()
  mountRoutes(router, routes, elsewhere)
  return router
}

const servers: Array<Server> = []
const serve = async (routes: ReadonlyArray<Route>, elsewhere?: ReadonlyArray<string>) => {
  const app = express().use(mount(routes, elsewhere))
  app.use((_request, response) => void response.status(404).json({ message: "no such route" }))
  const server = createServer(app).listen(0, "127.0.0.1")
  servers.push(server)
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  return async (method: string, path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method })
    const text = await response.text()
    const body = text === "" ? {} : (JSON.parse(text) as { readonly route?: string })
    return { status: response.status, route: body.route, allow: response.headers.get("allow") }
  }
}
afterAll(() => {
  for (const server of servers) server.close()
})

describe("two routes that are one", () => {
  it.each([
    ["with the same method and path", ["GET /chats/:chat", "GET /chats/:chat"], []],
    ["whatever their parameters are called", ["GET /chats/:chat/queue/:queued", "GET /chats/:id/queue/:entry"], []],
    ["whatever their case", ["PUT /chats/config/a", "PUT /Chats/Config/A"], []],
    ["where one is a stream", ["GET /chats/:id/stream"], ["/chats/:chat/stream"]],
  ])("are refused with a sentence that names both, %s", (_how, routes, elsewhere) => {
    expect(() => mount(declared(...routes), elsewhere)).toThrow(
      new RegExp(`^${routes.at(-1)} is declared twice, as .+ and as ${routes.at(-1)}: change one of them\\.$`),
    )
  })

  it("are not those that differ in method, in a word, or in length", () => {
    expect(() =>
      mount(declared("GET /chats/:chat", "PATCH /chats/:chat", "GET /chats/a", "GET /chats/:chat/a", "GET /chats")),
    ).not.toThrow()
  })

  it("with a method that cannot be mounted are refused as well", () => {
    expect(() => mount(declared("TRACE /chats"))).toThrow("TRACE /chats is declared with TRACE, which is not mounted.")
  })
})

describe("a word in a path", () => {
  // The parameters come first, so that order does not help.
  const routes = declared(
    "GET /a/:one/:two",
    "PATCH /a/:one",
    "GET /a/:id",
    "GET /a/:one/list",
    "GET /a/config/capacity",
    "GET /a/models",
    "POST /a/:one/list/:three",
  )
  let call: Awaited<ReturnType<typeof serve>>
  beforeAll(async () => {
    call = await serve(routes, ["/a/watch", "/a/:one/stream"])
  })

  it.each([
    ["GET", "/a/x", 200, "GET /a/:id"],
    ["PATCH", "/a/x", 200, "PATCH /a/:one"],
    ["GET", "/a/models", 200, "GET /a/models"],
    ["GET", "/a/x/list", 200, "GET /a/:one/list"],
    ["GET", "/a/x/y", 200, "GET /a/:one/:two"],
    ["GET", "/a/config/capacity", 200, "GET /a/config/capacity"],
    ["POST", "/a/x/list/y", 200, "POST /a/:one/list/:three"],
  ])("leaves %s %s to the route that means it", async (method, path, status, route) => {
    expect(await call(method, path)).toMatchObject({ status, route })
  })

  it.each([
    ["GET", "/a/config"],
    ["PATCH", "/a/config"],
    ["GET", "/a/CONFIG"],
    ["GET", "/a/%63onfig"],
    ["GET", "/a/config/"],
    ["GET", "/a/config/other"],
    ["GET", "/a/models/list"],
    ["GET", "/a/watch"],
    ["GET", "/a/watch/list"],
    ["GET", "/a/x/stream"],
    ["OPTIONS", "/a/config"],
  ])("is never what a parameter stands for: %s %s is no route", async (method, path) => {
    expect((await call(method, path)).status).toBe(404)
  })

  it.each([
    ["PATCH", "/a/models", "GET, HEAD, OPTIONS"],
    ["DELETE", "/a/x", "GET, HEAD, OPTIONS, PATCH"],
    ["GET", "/a/x/list/y", "OPTIONS, POST"],
  ])("or a path that has not this method says which it has: %s %s", async (method, path, allow) => {
    expect(await call(method, path)).toMatchObject({ status: 405, allow })
  })
})

describe("the declared routes", () => {
  const STREAMS = ["/chats/watch", "/chats/:chat/stream"]
  const routes: Array<string> = []
  HttpApi.reflect(TroupeApi, {
    onGroup: () => undefined,
    onEndpoint: ({ endpoint }) => void routes.push(`${endpoint.method} ${endpoint.path.slice("/api/v2".length)}`),
  })
  const paths = [...routes.map((route) => route.split(" ")[1] ?? ""), ...STREAMS]
  /** With something in the place of each parameter that no path has as a word. */
  const filled = (path: string) => path.replace(/:\w+/g, "11111111-1111-4111-8111-111111111111")

  it("are each found by an address of their own", async () => {
    const call = await serve(declared(...routes), STREAMS)
    const found = await Promise.all(
      routes.map(async (route) => {
        const [method = "", path = ""] = route.split(" ")
        return (await call(method, filled(path))).route
      }),
    )
    expect(found).toEqual(routes)
  })

  it("have no fixed segment that could be a chat", async () => {
    const fixed = paths
      .filter((path) => path.startsWith("/chats/"))
      .map((path) => path.split("/")[2] ?? "")
      .filter((segment) => !segment.startsWith(":"))
    expect(fixed).toEqual(expect.arrayContaining(["config", "models", "watch", "providers", "model-configs"]))
    const ofAChat = routes.filter((route) => /^\w+ \/chats\/:chat/.test(route))
    expect(ofAChat.length).toBeGreaterThan(15)
    const call = await serve(declared(...routes), STREAMS)
    for (const word of new Set(fixed)) {
      for (const route of ofAChat) {
        const [method = "", path = ""] = route.split(" ")
        const answered = await call(method, filled(path.replace(":chat", word)))
        expect([word, route, answered.route?.includes(":chat")]).toEqual([word, route, answered.route && false])
      }
    }
  })

  it("take every word that stands beside a parameter for what it is", () => {
    for (const path of paths) {
      for (const [parameter, words] of wordsBeside(path, paths)) {
        const before = path.slice(0, path.indexOf(`:${parameter}`))
        const beside = paths.filter((other) => other.startsWith(before)).map((other) => other.slice(before.length))
        const expected = beside.map((rest) => rest.split("/")[0] ?? "").filter((word) => !word.startsWith(":"))
        expect([path, [...words].sort()]).toEqual([path, [...new Set(expected)].sort()])
      }
    }
  })
})
