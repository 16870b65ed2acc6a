import type { OpenAI } from "openai"
import { PROVIDERS } from "../catalog.ts"
import { clientCache, NO_TIMEOUT_MS, providerFetch } from "../stream/http-pool.ts"
import type { ProviderConnection } from "../provider.ts"

/** The one place that loads the OpenAI SDK: the server starts without it. */

interface ClientKey {
  readonly baseUrl: string
  readonly apiKey: string
  readonly azure: boolean
}

const clients = clientCache(64, async (key): Promise<OpenAI> => {
  const { baseUrl, apiKey, azure }: ClientKey = JSON.parse(key)
  const { OpenAI } = await import("openai")
  return new OpenAI({
    baseURL: baseUrl,
    // The SDK insists on a key; without one the header is left out below.
    apiKey: apiKey === "" ? "none" : apiKey,
    adminAPIKey: null,
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: NO_TIMEOUT_MS,
    // Otherwise a variable of the environment could make it print requests, and with them what people wrote.
    logLevel: "off",
    fetch: providerFetch,
    defaultHeaders: {
      ...(apiKey === "" ? { Authorization: null } : {}),
      ...(azure ? { "api-key": apiKey } : {}),
      "X-Stainless-Timeout": null,
    },
  })
})

/** Azure serves the OpenAI protocol under a path that people leave out. */
const withAzurePath = (baseUrl: string): string =>
  /^https:\/\/[^/]+\.openai\.azure\.com\/?$/i.test(baseUrl) ? `${baseUrl.replace(/\/$/, "")}/openai/v1` : baseUrl

/** The base URL of a connection without a trailing slash; the type's default when empty. */
export const openaiBaseUrl = ({ baseUrl, type }: ProviderConnection): string => {
  const url = baseUrl.trim() === "" ? (PROVIDERS[type].defaultBaseUrl ?? "") : baseUrl.trim()
  return (type === "azure" ? withAzurePath(url) : url).replace(/\/+$/, "")
}

/** A client for the connection, shared by all its calls. */
export const openaiClient = (connection: ProviderConnection): Promise<OpenAI> => {
  const key: ClientKey = {
    baseUrl: openaiBaseUrl(connection),
    apiKey: connection.apiKey,
    azure: connection.type === "azure",
  }
  return clients(JSON.stringify(key))
}
