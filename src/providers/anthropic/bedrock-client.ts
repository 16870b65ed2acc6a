import type { AnthropicBedrock } from "@anthropic-ai/bedrock-sdk"
import { clientCache, NO_TIMEOUT_MS, providerFetch } from "../stream/http-pool.ts"
import { TransportRefusal } from "../stream/transport-refusal.ts"
import type { ProviderConnection } from "../provider.ts"

/**
 * The one place that loads the SDK for Claude on AWS Bedrock. With a key its calls carry that as a bearer token; without one they
 * are signed with what AWS's own chain of credentials finds: variables, profiles, roles. Who may call without a key is decided
 * before, by the key policy.
 */

interface ClientKey {
  readonly baseUrl: string
  readonly apiKey: string
}

/** Where a bearer token is good for, unless AWS's own settings name another region. */
const BEARER_REGION = "us-east-1"

const noRegion = new TransportRefusal(
  (name) =>
    `${name} has no API key, and the server does not know the AWS region to sign its calls for. Set AWS_REGION where the server runs, or add a key.`,
  "AWS_REGION is not set, and no AWS profile names a region.",
)

const noCredentials = (words: string): TransportRefusal =>
  new TransportRefusal(
    (name) =>
      `${name} has no API key, and the server found no AWS credentials of its own. Add a key in the provider's settings, or give the server a role or a profile.`,
    words,
  )

/** The chain that the SDK would make anew for each call. */
const credentialChain = async () => {
  const { awsCredentials } = await import("./aws-settings.ts")
  const chain = awsCredentials()
  return async () => {
    try {
      return await chain()
    } catch (cause) {
      // Nothing there to find; anything else is the failure of something that is there.
      if (cause instanceof Error && /could not load credentials/i.test(cause.message))
        throw noCredentials(cause.message)
      throw cause
    }
  }
}

/** Signatures hold for one region, so it is not guessed for them. */
const regionFor = async (apiKey: string): Promise<string> => {
  const { awsRegion } = await import("./aws-settings.ts")
  const region = await awsRegion(apiKey === "")
  if (region === "" && apiKey === "") throw noRegion
  return region || BEARER_REGION
}

const clients = clientCache(64, async (key): Promise<AnthropicBedrock> => {
  const { apiKey, baseUrl }: ClientKey = JSON.parse(key)
  const { AnthropicBedrock } = await import("@anthropic-ai/bedrock-sdk")
  const awsRegion = await regionFor(apiKey)
  const chain = apiKey === "" ? credentialChain() : undefined
  return new AnthropicBedrock({
    // Always given: the SDK would take both from variables of the environment that are meant for others.
    baseURL: baseUrl === "" ? `https://bedrock-runtime.${awsRegion}.amazonaws.com` : baseUrl,
    apiKey: apiKey === "" ? null : apiKey,
    awsRegion,
    ...(chain === undefined ? {} : { providerChainResolver: () => chain }),
    maxRetries: 0,
    timeout: NO_TIMEOUT_MS,
    // Otherwise a variable of the environment could make it print requests, and with them what people wrote.
    logLevel: "off",
    fetch: providerFetch,
    defaultHeaders: { "X-Stainless-Timeout": null },
  })
})

/** A client for the connection, shared by all its calls. Rejects with a TransportRefusal where nothing names a region. */
export const bedrockClient = ({ apiKey, baseUrl }: ProviderConnection): Promise<AnthropicBedrock> => {
  const key: ClientKey = { baseUrl: baseUrl.trim().replace(/\/+$/, ""), apiKey }
  return clients(JSON.stringify(key))
}
