import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib"
import { afterAll, expect, it } from "vitest"
import { rawRequest } from "./raw-request.ts"
import { useServer } from "./server.ts"

/** What is sent packed, to whom, and with which headers. On bare sockets: `fetch` unpacks before a test can look. */

const folder = mkdtempSync(path.join(tmpdir(), "troupe-web-"))
const script = `console.log("${"a long script ".repeat(200)}")`
const page = `<!doctype html><div id="root"></div>${"<p></p>".repeat(300)}`
mkdirSync(path.join(folder, "assets"))
for (const [name, content] of [
  ["assets/app-1a2b3c.js", script],
  ["index.html", page],
] as const) {
  writeFileSync(path.join(folder, name), content)
  writeFileSync(path.join(folder, `${name}.br`), brotliCompressSync(content))
  writeFileSync(path.join(folder, `${name}.gz`), gzipSync(content))
}
writeFileSync(path.join(folder, "assets", "small-1a2b3c.js"), "0")

const server = useServer({ options: { webFolder: folder } })
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const get = (target: string, taken: string, ...headers: ReadonlyArray<string>) =>
  rawRequest(server.url, `GET ${target} HTTP/1.1`, [
    `Host: ${new URL(server.url).host}`,
    `Accept-Encoding: ${taken}`,
    ...headers,
  ])

const unpacked = (encoding: string | undefined, body: string): string => {
  const bytes = Buffer.from(body, "latin1")
  const content = encoding === "br" ? brotliDecompressSync(bytes) : encoding === "gzip" ? gunzipSync(bytes) : bytes
  return content.toString("utf8")
}

it.each([
  ["gzip, deflate, br, zstd", "br"],
  ["gzip, deflate", "gzip"],
  ["br;q=0, gzip", "gzip"],
  ["*", "br"],
  ["identity", undefined],
  ["deflate", undefined],
  ["br;q=0", undefined],
])("a client that takes %s is sent files and pages as %s", async (taken, encoding) => {
  for (const [target, content, type, kept] of [
    ["/assets/app-1a2b3c.js", script, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"],
    ["/agents/1?x=a.js", page, "text/html; charset=utf-8", "no-cache"],
  ] as const) {
    const { status, headers, body } = await get(target, taken)
    expect([target, status, headers["content-encoding"]]).toEqual([target, 200, encoding])
    expect([headers["content-type"], headers["cache-control"]]).toEqual([type, kept])
    expect(headers["vary"]).toBe("Accept-Encoding")
    expect(unpacked(encoding, body)).toBe(content)
  }
})

it("each form of a file has a tag of its own, by which it need not be sent again", async () => {
  const tags = new Map<string, string>()
  for (const taken of ["br", "gzip", "identity"]) {
    const tag = (await get("/agents", taken)).headers["etag"] ?? ""
    tags.set(taken, tag)
    expect((await get("/agents", taken, `If-None-Match: ${tag}`)).status).toBe(304)
  }
  expect(new Set(tags.values()).size).toBe(3)
  expect((await get("/agents", "gzip", `If-None-Match: ${tags.get("br")}`)).status).toBe(200)
})

it("a file that was not worth packing, and one that is gone, are answered as they are", async () => {
  const small = await get("/assets/small-1a2b3c.js", "br")
  expect([small.status, small.headers["content-encoding"], small.body]).toEqual([200, undefined, "0"])
  const gone = await get("/assets/old-1a2b3c.js", "br")
  expect([gone.status, gone.headers["content-encoding"]]).toEqual([404, undefined])
  for (const outside of ["/assets/..%2f..%2fserver.ts", "/%2e%2e/%2e%2e/package.json", "/assets/%ff.js"]) {
    expect((await get(outside, "br")).body).not.toContain("useServer")
  }
})

it.each([
  ["brotli", "br, gzip", "br"],
  ["gzip", "gzip", "gzip"],
  ["neither", "identity", undefined],
])("a long answer of the API goes to who takes %s so, a short one as it is", async (username, taken, encoding) => {
  const session_token = await server.addUser({ username, siteRoles: ["owner"] })
  const providers = await get("/api/v2/chats/providers", taken, `Coder-Session-Token: ${session_token}`)
  const text = unpacked(encoding, providers.body)
  expect([providers.status, providers.headers["content-encoding"]]).toEqual([200, encoding])
  expect(providers.headers["content-type"]).toBe("application/json; charset=utf-8")
  expect(providers.headers["vary"]).toBe("Accept-Encoding")
  expect(Number(providers.headers["content-length"])).toBe(providers.body.length)
  expect(text.length).toBeGreaterThan(1400)
  expect(JSON.parse(text)).toBeInstanceOf(Array)

  const me = await get("/api/v2/users/me", taken, `Coder-Session-Token: ${session_token}`)
  expect([me.status, me.headers["content-encoding"], me.headers["vary"]]).toEqual([200, undefined, "Accept-Encoding"])
  expect(JSON.parse(me.body)).toMatchObject({ username })
})
