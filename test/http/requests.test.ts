import { HttpApi, HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Effect, Schema } from "effect"
import { EventEmitter, once } from "node:events"
import { beforeAll, describe, expect, it } from "vitest"
import { SendMessageRequest } from "../../src/contract/chats.ts"
import { NotFound, TooMany } from "../../src/contract/errors.ts"
import { BodyLimit, Public } from "../../src/contract/routes/access.ts"
import { NotFoundError, TooManyError } from "../../src/http/errors.ts"
import { type GroupHandlers, mountApi } from "../../src/http/mount.ts"
import { signUpOwner, useServer } from "./server.ts"

/** What every declared route does with a request, shown with routes made for it. */

const LIMIT = 1_000

const Probe = HttpApiGroup.make("probe")
  .add(
    HttpApiEndpoint.post("send", "/probe/:chat/messages")
      .setPath(Schema.Struct({ chat: Schema.UUID }))
      .setUrlParams(Schema.Struct({ limit: Schema.optional(Schema.NumberFromString.pipe(Schema.between(1, 200))) }))
      .setPayload(SendMessageRequest)
      .addSuccess(Schema.Struct({ parts: Schema.Int, limit: Schema.optional(Schema.Number) }), { status: 202 })
      .annotate(BodyLimit, LIMIT),
  )
  .add(
    HttpApiEndpoint.post("optional", "/probe/optional")
      .setPayload(Schema.Struct({ cascade: Schema.optional(Schema.Boolean) }))
      .addSuccess(Schema.Struct({ cascade: Schema.Boolean })),
  )
  .add(HttpApiEndpoint.get("defect", "/probe/defect").addSuccess(Schema.String).annotate(Public, true))
  .add(
    HttpApiEndpoint.get("untrue", "/probe/untrue")
      .addSuccess(Schema.Struct({ count: Schema.Int }))
      .annotate(Public, true),
  )
  .add(
    HttpApiEndpoint.get("missing", "/probe/missing").addSuccess(Schema.Void).addError(NotFound).annotate(Public, true),
  )
  .add(HttpApiEndpoint.get("busy", "/probe/busy").addSuccess(Schema.Void).addError(TooMany).annotate(Public, true))
  .add(HttpApiEndpoint.get("endless", "/probe/endless").addSuccess(Schema.Void).annotate(Public, true))

const api = HttpApi.make("probe").add(Probe).prefix("/api/v2")
const events = new EventEmitter()

const probe = {
  send: ({ payload, urlParams }) =>
    Effect.succeed({
      parts: payload.content.length,
      ...(urlParams.limit === undefined ? {} : { limit: urlParams.limit }),
    }),
  optional: ({ payload }) => Effect.succeed({ cascade: payload.cascade ?? false }),
  defect: { anonymous: () => Effect.die(new Error("the secret of the database")) },
  untrue: { anonymous: () => Effect.succeed({ count: 1.5 }) },
  missing: { anonymous: () => Effect.fail(new NotFoundError({})) },
  busy: { anonymous: () => Effect.fail(new TooManyError({ message: "Wait a little.", retryAfterSeconds: 7 })) },
  endless: {
    anonymous: () =>
      Effect.sync(() => events.emit("started")).pipe(
        Effect.zipRight(Effect.never),
        Effect.onInterrupt(() => Effect.sync(() => events.emit("interrupted"))),
      ),
  },
} satisfies GroupHandlers<typeof Probe, never>

const server = useServer({ routers: (runtime, logger) => [mountApi(api, { handlers: { probe }, runtime, logger })] })
let token = ""
beforeAll(async () => {
  token = await signUpOwner(server)
})

const CHAT = "11111111-1111-4111-8111-111111111111"
const hello = { content: [{ type: "text", text: "hello" }] }
const send = (options: {
  readonly raw?: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
  readonly path?: string
}) => server.call("POST", options.path ?? `/api/v2/probe/${CHAT}/messages`, { token, ...options })

describe("a request", () => {
  it("is decoded and answered as declared", async () => {
    const { status, json } = await send({
      body: { ...hello, unknown: true },
      path: `/api/v2/probe/${CHAT}/messages?limit=5`,
    })
    expect([status, json]).toEqual([202, { parts: 1, limit: 5 }])
  })

  it("may come under the old prefix", async () => {
    expect((await send({ body: hello, path: `/api/experimental/probe/${CHAT}/messages` })).status).toBe(202)
  })

  it("without a body counts as {}", async () => {
    const bare = await server.call("POST", "/api/v2/probe/optional", { token })
    const empty = await server.call("POST", "/api/v2/probe/optional", { token, raw: "" })
    const given = await server.call("POST", "/api/v2/probe/optional", { token, body: { cascade: true } })
    expect([bare.json, empty.json, given.json]).toEqual([{ cascade: false }, { cascade: false }, { cascade: true }])
  })

  it.each([
    ["broken JSON", { raw: '{"content": [' }, "body"],
    ["JSON that is no object", { raw: "[]" }, "body"],
    ["a bare null", { raw: "null" }, "body"],
    ["a body without its fields", { body: {} }, "content"],
    ["no content", { body: { content: [] } }, "content"],
    ["a wrong type far inside", { body: { content: [{ type: "text", text: 1 }] } }, "content[0].text"],
    ["an unknown word", { body: { ...hello, busy_behavior: "wait" } }, "busy_behavior"],
    ["an id that is none", { body: hello, path: "/api/v2/probe/7/messages" }, "chat"],
    ["a query that is no number", { body: hello, path: `/api/v2/probe/${CHAT}/messages?limit=many` }, "limit"],
    ["a query out of range", { body: hello, path: `/api/v2/probe/${CHAT}/messages?limit=201` }, "limit"],
  ])("with %s is refused, naming the field", async (_name, options, field) => {
    const { status, json } = await send(options)
    expect(status).toBe(400)
    expect(json).toEqual({
      message: expect.stringMatching(/^[A-Z].*\.$/),
      validations: expect.arrayContaining([{ field, detail: expect.stringMatching(/\S/) }]),
    })
  })

  it("is refused above its limit, and taken up to it", async () => {
    const wrapper = JSON.stringify({ content: [{ type: "text", text: "" }] }).length
    const ofSize = (bytes: number) => ({ content: [{ type: "text", text: "x".repeat(bytes - wrapper) }] })
    expect((await send({ body: ofSize(LIMIT) })).status).toBe(202)
    const { status, json } = await send({ body: ofSize(LIMIT + 1) })
    expect(status).toBe(413)
    expect(json).toMatchObject({ message: expect.stringContaining("1,000 bytes") })
    // Two million bytes, more than a socket's buffers hold.
    expect((await send({ body: ofSize(2_000_000) })).status).toBe(413)
  })

  it("is refused when its body is not JSON", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
      expect((await send({ raw: JSON.stringify(hello), headers: { "content-type": type } })).status).toBe(415)
    }
    expect((await send({ body: hello, headers: { "content-type": "application/json; charset=klingon" } })).status).toBe(
      415,
    )
    expect((await send({ body: hello, headers: { "content-encoding": "zip" } })).status).toBe(415)
  })

  it("by a stranger is refused before its body is looked at", async () => {
    const { status } = await server.call("POST", `/api/v2/probe/${CHAT}/messages`, { raw: "{" })
    expect(status).toBe(401)
  })

  it("to a route that does not exist is a 404 in JSON", async () => {
    for (const path of ["/api/v2/nothing", "/api/v2", "/api", "/api/v3/users/me"]) {
      const { status, json } = await server.call("GET", path, { token })
      expect([status, json]).toEqual([404, { message: expect.stringMatching(/\S/) }])
    }
  })

  it("with an address that cannot be read is a 400", async () => {
    expect((await server.call("GET", "/api/v2/users/%E0%A4%A", { token })).status).toBe(400)
  })

  it("with a method that the route does not have is a 405 that lists them", async () => {
    const { status, headers } = await server.call("DELETE", "/api/v2/users/first", { token })
    expect([status, headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS, POST"])
    const options = await server.call("OPTIONS", "/api/v2/users/first")
    expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS, POST"])
    const head = await server.call("HEAD", "/api/v2/users/me", { token })
    expect([head.status, head.text]).toEqual([200, ""])
  })
})

describe("a handler", () => {
  it("that breaks says nothing of its insides, and its reason is in the log under the request's id", async () => {
    const { status, json, headers, text } = await server.call("GET", "/api/v2/probe/defect")
    const id = headers.get("x-request-id")
    expect(status).toBe(500)
    expect(json).toEqual({ message: expect.any(String), detail: `Request ${id}` })
    expect(text).not.toContain("secret of the database")
    const line = server
      .log()
      .split("\n")
      .find((line) => line.includes("secret of the database"))
    expect(line).toContain(id)
  })

  it("that answers what it did not declare is a defect", async () => {
    expect((await server.call("GET", "/api/v2/probe/untrue")).status).toBe(500)
  })

  it("fails with the status and the headers of its error", async () => {
    const missing = await server.call("GET", "/api/v2/probe/missing")
    expect([missing.status, missing.json]).toEqual([404, { message: "This does not exist, or you may not see it." }])
    const busy = await server.call("GET", "/api/v2/probe/busy")
    expect([busy.status, busy.headers.get("retry-after")]).toEqual([429, "7"])
  })

  it("is interrupted when its client goes away", async () => {
    const client = new AbortController()
    const running = once(events, "started")
    const interrupted = once(events, "interrupted")
    const request = fetch(`${server.url}/api/v2/probe/endless`, { signal: client.signal })
    await running
    client.abort()
    await expect(request).rejects.toThrow("aborted")
    await interrupted
  })
})

describe("mounting", () => {
  it("does not start with two families that declare one route, and says which", () => {
    const Twin = HttpApiGroup.make("twin").add(
      HttpApiEndpoint.post("again", "/probe/:other/messages")
        .setPath(Schema.Struct({ other: Schema.UUID }))
        .addSuccess(Schema.Void),
    )
    const both = HttpApi.make("probe").add(Probe).add(Twin).prefix("/api/v2")
    const twin = { again: () => Effect.void } satisfies GroupHandlers<typeof Twin, never>
    const mount = () =>
      mountApi(both, { handlers: { probe, twin }, runtime: server.runtime, logger: undefined as never })
    expect(mount).toThrow(
      "POST /probe/:other/messages is declared twice, as probe.send and as twin.again: change one of them.",
    )
  })

  it("does not compile or start with a handler that does not fit its declaration", () => {
    const mount = (handlers: object) => () =>
      mountApi(api, {
        handlers: { probe: handlers as typeof probe },
        runtime: server.runtime,
        logger: undefined as never,
      })
    const { defect: _defect, ...incomplete } = probe
    expect(mount(incomplete)).toThrow("no handler for probe.defect")
    expect(mount({ ...probe, defect: () => Effect.succeed("") })).toThrow("defect is annotated Public")
    expect(mount({ ...probe, send: { anonymous: () => Effect.succeed({ parts: 1 }) } })).toThrow(
      "send is not annotated Public",
    )

    type Fits<Handlers> = Handlers extends GroupHandlers<typeof Probe, never> ? true : false
    const fits: Fits<typeof probe> = true
    const missing: Fits<typeof incomplete> = false
    const wrong: Fits<Omit<typeof probe, "optional"> & { optional: () => Effect.Effect<{ cascade: string }> }> = false
    expect([fits, missing, wrong]).toEqual([true, false, false])
  })
})
