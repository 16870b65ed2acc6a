import { Effect } from "effect"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { type ForwardProxy, startForwardProxy } from "../../../test/support/forward-proxy.ts"
import { failureOf, generate, requestTo, user } from "../../../test/support/provider-call.ts"
import { chatText, RawProvider } from "../../../test/support/raw-provider.ts"
import type { ProviderType } from "../../contract/models.ts"
import { classifyFailure } from "../classify.ts"
import { openPool } from "./http-pool.ts"
import { listModels } from "../list-models.ts"
import type { GenerateRequest, ProviderConnection } from "../provider.ts"
import { readBody } from "./response-body.ts"

let provider: RawProvider
let other: RawProvider

beforeAll(async () => {
  provider = await RawProvider.start()
  other = await RawProvider.start()
})
afterEach(() => {
  provider.reset()
  other.reset()
})
afterAll(() => Promise.all([provider.close(), other.close()]))

const connectionOf = (type: ProviderType): ProviderConnection => ({
  type,
  displayName: "Acme",
  baseUrl: type === "anthropic" ? provider.url : `${provider.url}/v1`,
  apiKey: "sk-of-the-provider",
  headers: { "x-token": "of-the-connection" },
})

const moved = (status: number, location: string) => ({ status, headers: { location }, body: "moved" })

const MODELS: Readonly<Record<string, string>> = { openai: "gpt-5.2", anthropic: "claude-test-4-5" }

describe.each<ProviderType>(["openai-compat", "openai", "anthropic"])("a redirect: %s", (type) => {
  const request = (): GenerateRequest =>
    requestTo(connectionOf(type), [user("what people wrote")], { model: MODELS[type] ?? "any" })
  const list = () => Effect.runPromise(Effect.flip(listModels(connectionOf(type))))

  test.each([301, 302, 303, 307, 308])("to another origin is refused, and nothing goes there (%d)", async (status) => {
    const elsewhere = `${other.url}/v1/away?token=of-somebody`
    provider.always(moved(status, elsewhere))
    for (const failure of [await failureOf(request()), await list()]) {
      expect(failure).toMatchObject({
        kind: "config",
        retryable: false,
        message: `Acme redirects requests to ${other.url}, which was not followed. If that is the right place, set it as the provider's base URL.`,
        detail: `Redirect to ${other.url}.`,
      })
    }
    expect(provider.requests).toHaveLength(2)
    expect(other.requests).toEqual([])
  })

  test.each([
    ["another name of this machine", () => provider.url.replace("127.0.0.1", "localhost")],
    ["another scheme", () => provider.url.replace("http:", "https:")],
    ["a file", () => "file:///etc/passwd"],
    ["credentials in the address", () => provider.url.replace("//", "//me:secret@")],
  ])("to %s is refused", async (_name, target) => {
    provider.always(moved(307, target()))
    const failure = await failureOf(request())
    expect(failure).toMatchObject({ kind: "config", retryable: false, message: expect.stringContaining("base URL") })
    expect(JSON.stringify(failure)).not.toContain("secret")
    expect(provider.requests).toHaveLength(1)
  })

  test.each([301, 302, 303])("of the same origin that would lose the request is refused (%d)", async (status) => {
    provider.always(moved(status, "/elsewhere/v1/?key=x"))
    expect(await failureOf(request())).toMatchObject({
      kind: "config",
      retryable: false,
      message: expect.stringContaining("Set the address that it redirects to as the provider's base URL."),
      detail: `Redirect with status ${status} to ${provider.url}/elsewhere/v1/.`,
    })
    expect(provider.requests).toHaveLength(1)
  })

  test.each([
    ["to nowhere", { status: 307, body: "" }],
    ["to no address", moved(308, "http://")],
    ["in a circle", moved(307, "/v1/round")],
  ])("%s is told as that", async (_name, answer) => {
    provider.always(answer)
    expect(await failureOf(request())).toMatchObject({
      kind: "config",
      retryable: false,
      message: "Acme answered with a redirect that leads nowhere. Check the provider's base URL.",
    })
    expect(provider.requests.length).toBeLessThanOrEqual(6)
  })
})

test.each([307, 308])("a redirect of the same origin takes method, body and key along (%d)", async (status) => {
  provider.answer(moved(status, "/moved/once"), moved(status, "twice"), chatText("there"))
  const result = await generate(requestTo(connectionOf("openai-compat"), [user("hi")]))
  expect(result.parts).toEqual([{ type: "text", text: "there" }])
  expect(provider.requests.map(({ path }) => path)).toEqual(["/v1/chat/completions", "/moved/once", "/moved/twice"])
  const [first, , last] = provider.requests
  expect(last?.body).toEqual(first?.body)
  expect(last?.headers["authorization"]).toBe("Bearer sk-of-the-provider")
})

test("a list of models is followed to its place at the same origin", async () => {
  provider.answer(moved(301, "/v1/models/"), { body: '{"data":[{"id":"m"}]}' })
  expect(await Effect.runPromise(listModels(connectionOf("openai-compat")))).toEqual([{ id: "m" }])
})

describe("a proxy of the environment", () => {
  let proxy: ForwardProxy
  const port = () => Number(new URL(provider.url).port)

  beforeAll(async () => {
    proxy = await startForwardProxy({ "llm.corp.example": port })
  })
  afterEach(() => {
    proxy.asked.length = 0
    proxy.authorizations.length = 0
  })
  afterAll(() => proxy.close())

  const streamed = async (env: Readonly<Record<string, string>>, url: string): Promise<string> => {
    const response = await (await openPool(env))(url, { method: "POST", body: "{}" })
    let text = ""
    await readBody(response, (chunk) => (text += Buffer.from(chunk).toString()), new AbortController().signal)
    // What the tap has taken is not in the body: it works behind a proxy, too.
    expect(await response.text()).toBe("")
    return text
  }

  test("is asked for a host that only it knows, in absolute form", async () => {
    provider.answer(chatText("through the proxy"))
    expect(await streamed({ HTTP_PROXY: proxy.url }, "http://llm.corp.example/v1/chat/completions")).toContain(
      "through the proxy",
    )
    expect(proxy.asked).toEqual(["POST http://llm.corp.example/v1/chat/completions"])
    expect(provider.requests[0]?.headers["host"]).toBe("llm.corp.example")
  })

  test("gets the name and password of its address, which the provider does not", async () => {
    provider.answer(chatText("ok"))
    const withPassword = proxy.url.replace("//", "//me:p%40ss@")
    await streamed({ http_proxy: withPassword }, "http://llm.corp.example/v1/chat/completions")
    expect(proxy.authorizations).toEqual([`Basic ${Buffer.from("me:p@ss").toString("base64")}`])
  })

  test("is passed by for this machine and for what NO_PROXY names", async () => {
    provider.always(chatText("straight"))
    const env = { HTTP_PROXY: proxy.url, NO_PROXY: ".corp.example" }
    for (const host of ["127.0.0.1", "localhost", "LOCALHOST", "127.1"]) {
      expect(await streamed(env, `http://${host}:${port()}/v1`)).toContain("straight")
    }
    await expect(streamed(env, "http://llm.corp.example/v1")).rejects.toMatchObject({
      cause: { code: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) },
    })
    expect(proxy.asked).toEqual([])
  })

  test("is asked for a tunnel where TLS is spoken", async () => {
    const url = "https://other.corp.example/v1"
    const failure = await streamed({ HTTPS_PROXY: proxy.url }, url).catch((cause: unknown) => cause)
    expect(classifyFailure({ operation: "test", connection: connectionOf("openai") }, failure)).toMatchObject({
      kind: "timeout",
      retryable: true,
      detail: expect.stringContaining("Proxy response (502)"),
    })
    expect(proxy.asked).toEqual(["CONNECT other.corp.example:443"])
  })

  test.each([
    ["wants a password", 407],
    ["refuses", 403],
  ])("that %s is named as the one that refused", async (_name, status) => {
    const strict = await startForwardProxy({}, status)
    const env = { HTTP_PROXY: strict.url, HTTPS_PROXY: strict.url }
    for (const url of ["https://llm.corp.example/v1", ...(status === 407 ? ["http://llm.corp.example/v1"] : [])]) {
      const failure = await streamed(env, url).catch((cause: unknown) => cause)
      expect(classifyFailure({ operation: "test", connection: connectionOf("openai") }, failure)).toMatchObject({
        kind: "config",
        retryable: false,
        message: expect.stringContaining("The proxy on the way to Acme refused the request."),
      })
    }
    await strict.close()
  })

  test.each(["socks4://127.0.0.1:1", "http://", "http://me:secret@:x"])(
    "whose address is none: %s",
    async (address) => {
      const failure = await streamed({ HTTP_PROXY: address }, "http://llm.corp.example/v1").catch(
        (cause: unknown) => cause,
      )
      expect(classifyFailure({ operation: "test", connection: connectionOf("openai") }, failure)).toMatchObject({
        kind: "config",
        retryable: false,
        message:
          "Acme cannot be reached: the server's variable HTTP_PROXY is not the address of an http or https proxy.",
        detail: "HTTP_PROXY is not the address of a proxy.",
      })
    },
  )

  test("does not take a redirect to another origin along", async () => {
    provider.always(moved(307, "http://other.corp.example/v1"))
    await expect(streamed({ HTTP_PROXY: proxy.url }, "http://llm.corp.example/v1")).rejects.toMatchObject({
      name: "TransportRefusal",
    })
    expect(proxy.asked).toEqual(["POST http://llm.corp.example/v1"])
  })
})
