import type { Anthropic } from "@anthropic-ai/sdk"
import { PROVIDERS } from "../catalog.ts"
import { clientCache, NO_TIMEOUT_MS, providerFetch } from "../stream/http-pool.ts"
import type { ProviderConnection } from "../provider.ts"

/** The one place that loads the Anthropic SDK: the server starts without it. */

interface ClientKey {
  readonly baseUrl: string
  readonly apiKey: string
}

const clients = clientCache(64, async (key): Promise<Anthropic> => {
  const { apiKey, baseUrl }: ClientKey = JSON.parse(key)
  const { Anthropic } = await import("@anthropic-ai/sdk")
  return new Anthropic({
    baseURL: baseUrl,
    apiKey,
    authToken: null,
    webhookKey: null,
    maxRetries: 0,
    timeout: NO_TIMEOUT_MS,
    // Otherwise a variable of the environment could make it print requests, and with them what people wrote.
    logLevel: "off",
    fetch: providerFetch,
    // The SDK sends the key as a bearer token; gateways made for earlier ones look for this header, as the API does.
    defaultHeaders: { "x-api-key": apiKey, Authorization: null, "X-Stainless-Timeout": null },
  })
})

/** The base URL of a connection, without the version that the SDK adds itself. */
export const anthropicBaseUrl = ({ baseUrl, type }: ProviderConnection): string => {
  const url = baseUrl.trim() === "" ? (PROVIDERS[type].defaultBaseUrl ?? "") : baseUrl.trim()
  return url.replace(/\/+$/, "").replace(/\/v1$/, "")
}

/** A client for the connection, shared by all its calls. */
export const anthropicClient = (connection: ProviderConnection): Promise<Anthropic> => {
  const key: ClientKey = { baseUrl: anthropicBaseUrl(connection), apiKey: connection.apiKey }
  return clients(JSON.stringify(key))
}
