import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest"
import { FRAMES, framesOf } from "../../../test/support/aws-frames.ts"
import { failureOf, generate, requestTo, user } from "../../../test/support/provider-call.ts"
import { type RawAnswer, RawProvider } from "../../../test/support/raw-provider.ts"
import { textOf } from "../../../test/support/raw-reply.ts"
import { Issued } from "../../../test/support/scripted-provider/script.ts"
import { MessagesWriter } from "../../../test/support/scripted-provider/messages-writer.ts"
import type { ModelCallConfig } from "../../contract/models.ts"

/** Who signs a call to Bedrock, for which region, and where it goes. */

let bedrock: RawProvider
let home: string

const AWS_VARIABLES = [
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_PROFILE",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_BEARER_TOKEN_BEDROCK",
  "ANTHROPIC_BEDROCK_BASE_URL",
]

beforeAll(async () => {
  bedrock = await RawProvider.start()
})
afterAll(() => bedrock.close())
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), "aws-"))
  for (const name of AWS_VARIABLES) vi.stubEnv(name, undefined)
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true")
  vi.stubEnv("AWS_CONFIG_FILE", path.join(home, "config"))
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", path.join(home, "credentials"))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  bedrock.reset()
  await rm(home, { recursive: true })
})

const reply = (): RawAnswer => {
  const writer = new MessagesWriter(1, {}, new Issued())
  const text = [writer.open(), writer.text("Hello."), writer.close("stop", { input: 1, output: 1 })].join("")
  return { headers: { "content-type": FRAMES }, body: framesOf(text) }
}

const MODEL = "us.anthropic.claude-opus-4-6-v1:0"
let clients = 0

/** A base URL of its own for each test: clients are shared by those who have the same. */
const callTo = (apiKey: string, more: { readonly model?: string; readonly config?: ModelCallConfig } = {}) =>
  requestTo(
    { type: "bedrock", displayName: "AWS", baseUrl: `${bedrock.url}/${++clients}`, apiKey, headers: {} },
    [user("hi")],
    { model: MODEL, ...more },
  )

const credential = (): string => String(bedrock.requests[0]?.headers.authorization)

it("a stored key goes along as a bearer token, whatever credentials the server has", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDOFSERVER")
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret")
  vi.stubEnv("AWS_BEARER_TOKEN_BEDROCK", "token-of-server")
  bedrock.answer(reply())
  expect(textOf(await generate(callTo("stored-key")))).toBe("Hello.")
  expect(bedrock.requests[0]?.headers).toMatchObject({ authorization: "Bearer stored-key" })
  expect(bedrock.requests[0]?.headers).not.toHaveProperty("x-amz-date")
})

it("without one the call is signed with the server's own credentials, for its own region", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDOFSERVER")
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret")
  vi.stubEnv("AWS_SESSION_TOKEN", "session")
  vi.stubEnv("AWS_REGION", "eu-central-1")
  // A key in a variable is nobody's stored key.
  vi.stubEnv("AWS_BEARER_TOKEN_BEDROCK", "token-of-server")
  vi.stubEnv("ANTHROPIC_BEDROCK_BASE_URL", "http://127.0.0.1:1")
  bedrock.answer(reply())
  expect(textOf(await generate(callTo("")))).toBe("Hello.")
  expect(credential()).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDOFSERVER\/\d{8}\/eu-central-1\/bedrock\/aws4_request, SignedHeaders=\S*host\S*, Signature=[0-9a-f]{64}$/,
  )
  expect(bedrock.requests[0]?.headers).toMatchObject({ "x-amz-security-token": "session" })
  expect(bedrock.requests[0]?.headers).not.toHaveProperty("x-api-key")
})

it("credentials and region may stand in a profile", async () => {
  await writeFile(path.join(home, "config"), "[profile team]\nregion = ap-southeast-2\n")
  await writeFile(
    path.join(home, "credentials"),
    "[team]\naws_access_key_id = AKIDOFTEAM\naws_secret_access_key = secret\n",
  )
  vi.stubEnv("AWS_PROFILE", "team")
  bedrock.answer(reply())
  expect(textOf(await generate(callTo("")))).toBe("Hello.")
  expect(credential()).toMatch(/Credential=AKIDOFTEAM\/\d{8}\/ap-southeast-2\//)
})

it.each([
  ["a region", { AWS_ACCESS_KEY_ID: "AKIDOFSERVER", AWS_SECRET_ACCESS_KEY: "secret" }, /AWS_REGION/],
  ["credentials", { AWS_REGION: "eu-central-1" }, /no AWS credentials of its own/],
])("without %s of the server's a keyless call is refused before it is sent", async (_, variables, words) => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value)
  const error = await failureOf(callTo(""))
  expect(error).toMatchObject({ kind: "config", retryable: false, message: expect.stringMatching(words) })
  expect(bedrock.requests).toEqual([])
})

it("a region that was missing is found by the next call", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDOFSERVER")
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret")
  const request = callTo("")
  expect(await failureOf(request)).toMatchObject({ kind: "config" })
  vi.stubEnv("AWS_DEFAULT_REGION", "us-west-2")
  bedrock.answer(reply())
  expect(textOf(await generate(request))).toBe("Hello.")
  expect(credential()).toContain("/us-west-2/")
})

it("the model stands in the path, version and betas in the body", async () => {
  const arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-v1:0"
  const config = { temperature: 0.5, provider_options: { anthropic: { context_1m_enabled: true } } }
  bedrock.answer(reply())
  await generate(callTo("k", { model: arn, config }))
  const [sent] = bedrock.requests
  expect(decodeURIComponent(sent?.path ?? "")).toBe(`/${clients}/model/${arn}/invoke-with-response-stream`)
  expect(sent?.body).toMatchObject({
    anthropic_version: "bedrock-2023-05-31",
    anthropic_beta: ["context-1m-2025-08-07"],
    temperature: 0.5,
  })
  expect(sent?.body).not.toHaveProperty("model")
  expect(sent?.body).not.toHaveProperty("stream")
})

it("what a model takes is known by its name on Bedrock, too", async () => {
  const config: ModelCallConfig = { temperature: 0.5, reasoning_effort: { default: "high", max: "max" } }
  bedrock.answer(reply())
  await generate(callTo("k", { config }))
  expect(bedrock.requests[0]?.body).toMatchObject({
    thinking: { type: "adaptive" },
    output_config: { effort: "high" },
  })
  expect(bedrock.requests[0]?.body).not.toHaveProperty("temperature")
})

it.each([
  [400, "ValidationException", "Input is too long for requested model.", "context_overflow", false],
  [403, "AccessDeniedException", "You don't have access to the model with the specified model ID.", "auth", false],
  [403, "ExpiredTokenException", "The security token included in the request is expired", "auth", false],
  [404, "ResourceNotFoundException", "Could not resolve the foundation model.", "config", false],
  [408, "ModelTimeoutException", "The request took too long to process.", "timeout", true],
  [424, "ModelErrorException", "The model failed.", "generic", true],
  [429, "ThrottlingException", "Too many tokens, please wait before trying again.", "rate_limit", true],
  [500, "InternalServerException", "An internal server error occurred.", "generic", true],
  [503, "ServiceUnavailableException", "Bedrock is unable to process your request.", "timeout", true],
] as const)("AWS's %i %s is told as it is meant", async (status, name, message, kind, retryable) => {
  bedrock.answer({
    status,
    headers: { "content-type": "application/json", "x-amzn-errortype": `${name}:http://internal.amazon.com/` },
    body: JSON.stringify({ message }),
  })
  expect(await failureOf(callTo("k"))).toMatchObject({ kind, retryable, statusCode: status, detail: message })
})

it("a gateway that sends plain events in place of AWS's frames is understood", async () => {
  const writer = new MessagesWriter(1, {}, new Issued())
  const body = [writer.open(), writer.text("Hello."), writer.close("stop", null)].join("")
  bedrock.answer({ headers: { "content-type": "text/event-stream" }, body })
  expect(textOf(await generate(callTo("k")))).toBe("Hello.")
})
