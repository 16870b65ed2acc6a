import { beforeAll, describe, expect, it } from "vitest"
import { openApiDocument } from "../../src/http/openapi.ts"
import { useServer } from "./server.ts"

let ready = false
const server = useServer({ options: { isReady: () => ready } })

describe("/healthz", () => {
  it("is 503 until the server is ready", async () => {
    expect((await server.call("GET", "/healthz")).status).toBe(503)
    ready = true
    expect((await server.call("GET", "/healthz")).status).toBe(200)
  })
})

describe("the web app", () => {
  it("answers its page for every address that is a person's", async () => {
    for (const path of ["/", "/chats/1", "/settings/models?tab=1"]) {
      const { status, text, headers } = await server.call("GET", path)
      expect([status, headers.get("cache-control")]).toEqual([200, "no-cache"])
      expect(text).toContain('<div id="root">')
    }
  })

  it("has files that are kept for ever, and a 404 for one that is gone", async () => {
    const { status, headers } = await server.call("GET", "/assets/app-1a2b3c.js")
    expect([status, headers.get("cache-control")]).toEqual([200, "public, max-age=31536000, immutable"])
    expect((await server.call("GET", "/assets/app-old.js")).status).toBe(404)
    expect((await server.call("GET", "/assets/%2e%2e%2f%2e%2e%2fserver.ts")).text).not.toContain("useServer")
  })

  it("may load nothing from elsewhere, and tells nobody what serves it", async () => {
    const { headers } = await server.call("GET", "/")
    const policy = headers.get("content-security-policy") ?? ""
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("img-src 'self' data: blob:;")
    expect(policy).toContain(`connect-src 'self' ${server.url.replace("http", "ws")};`)
    expect(policy).not.toContain("upgrade-insecure-requests")
    expect(headers.get("x-content-type-options")).toBe("nosniff")
    expect(headers.get("strict-transport-security")).toBeNull()
    expect(headers.get("x-powered-by")).toBeNull()
  })
})

describe("the reference for people", () => {
  it("is a page of the web app, at the address that it always had, and below it one for each operation", async () => {
    for (const path of ["/docs/api", "/docs/api/createChat"]) {
      const { status, text } = await server.call("GET", path)
      expect([status, text.includes('<div id="root">')]).toEqual([200, true])
    }
    const { status, headers } = await server.call("GET", "/docs")
    expect([status, headers.get("location")]).toEqual([302, "/docs/api"])
  })
})

describe("both documents", () => {
  const NAMES = ["/api/v2/openapi.json", "/api/v2/asyncapi.json"]
  const ask = (path: string, headers: Record<string, string>) => fetch(server.url + path, { headers })

  it.each(NAMES)("%s comes packed to whoever takes it so, twice the same, and plain to others", async (path) => {
    const plain = await ask(path, { "accept-encoding": "identity" })
    expect(plain.headers.get("content-encoding")).toBeNull()
    const whole = await plain.text()
    for (const encoding of ["br", "gzip"]) {
      for (let time = 0; time < 2; time += 1) {
        const packed = await ask(path, { "accept-encoding": encoding })
        expect([packed.headers.get("content-encoding"), packed.headers.get("vary")]).toEqual([
          encoding,
          "Accept-Encoding",
        ])
        expect(packed.headers.get("content-type")).toBe(plain.headers.get("content-type"))
        expect(Number(packed.headers.get("content-length"))).toBeLessThan(whole.length / 2)
        expect((await packed.text()) === whole).toBe(true)
        const tag = packed.headers.get("etag") ?? ""
        const again = await ask(path, {
          "accept-encoding": encoding,
          "if-none-match": tag,
          "cache-control": "max-age=0",
        })
        expect(again.status).toBe(304)
      }
    }
  })
})

describe("the OpenAPI document", () => {
  type Json = { readonly [name: string]: Json } & ReadonlyArray<Json>
  let document: Json

  beforeAll(async () => {
    document = (await server.call("GET", "/api/v2/openapi.json")).json as Json
  })

  const operations = () =>
    Object.entries(document["paths"]!).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
    )

  it("is the one that is made from the declarations, with every route", () => {
    expect(document).toEqual(JSON.parse(JSON.stringify(openApiDocument())))
    expect(document["openapi"]).toBe("3.1.0")
    const names = operations().map(({ name }) => name)
    expect(names).toContain("post /api/v2/users/login")
    expect(names).toContain("post /api/v2/chats/{chat}/messages")
    expect(names).toContain("post /api/v2/chats/model-configs")
  })

  it("says of each route whether it needs a session, and what it answers without one", () => {
    const open = operations().filter(({ operation }) => operation["security"]!.length === 0)
    expect(open.map(({ name }) => name).sort()).toEqual([
      "get /api/v2/appearance",
      "get /api/v2/buildinfo",
      "get /api/v2/users/authmethods",
      "get /api/v2/users/first",
      "post /api/v2/users/first",
      "post /api/v2/users/login",
    ])
    const unexplained = operations().filter(
      ({ operation }) => operation["security"]!.length > 0 && !("401" in operation["responses"]!),
    )
    expect(unexplained).toEqual([])
    expect(Object.keys(document["components"]!["securitySchemes"]!)).toEqual(["sessionToken", "bearer", "cookie"])
  })

  it("lists what any call of its kind may be answered, whether its declaration thinks of it or not", () => {
    const lacking = operations().flatMap(({ name, operation }) => {
      const changes = !name.startsWith("get ")
      const needsSession = operation["security"]!.length > 0
      const expected = [
        "500",
        "503",
        ...(needsSession ? ["401"] : []),
        ...(operation["parameters"]!.length > 0 ? ["400"] : []),
        ...("requestBody" in operation ? ["400", "413", "415"] : []),
        ...(changes ? ["400", "409"] : []),
        ...(changes && needsSession ? ["403"] : []),
      ]
      return expected.filter((status) => !(status in operation["responses"]!)).map((status) => `${name} ${status}`)
    })
    expect(operations().length).toBeGreaterThan(35)
    expect(lacking).toEqual([])
    const responsesOf = (path: string, method: string) => Object.keys(document["paths"]![path]![method]!["responses"]!)
    expect(responsesOf("/api/v2/users/{user}", "get")).toContain("400")
    expect(responsesOf("/api/v2/chats/config/tool-policy", "put")).toContain("413")
    expect(responsesOf("/api/v2/chats/providers", "get")).toContain("403")
  })

  it("lists nothing that a call cannot be answered", () => {
    const idle = operations().flatMap(({ name, operation }) => {
      const answers = Object.keys(operation["responses"]!)
      const impossible = [
        ...("requestBody" in operation ? [] : ["413", "415"]),
        ...(name.startsWith("get ") ? ["409", "429"] : []),
        ...(name.startsWith("get ") && operation["parameters"]!.length === 0 ? ["400", "404"] : []),
      ]
      return impossible.filter((status) => answers.includes(status)).map((status) => `${name} ${status}`)
    })
    expect(idle).toEqual([])
  })

  it("describes every error with the one error body, and refers to nothing that is not there", () => {
    const text = JSON.stringify(document)
    expect(text).not.toContain("HttpApiDecodeError")
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name!)
    expect(new Set(Object.keys(document["components"]!["schemas"]!))).toEqual(
      new Set([...references, "ChatStreamEvent", "WatchEvent"]),
    )
    for (const { operation } of operations()) {
      for (const [status, response] of Object.entries(operation["responses"]!)) {
        if (Number(status) < 400) continue
        expect(response["content"]).toEqual({ "application/json": { schema: { $ref: "#/components/schemas/Error" } } })
      }
    }
  })
})
