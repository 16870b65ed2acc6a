import type { OpenAI } from "openai"
import { PROVIDERS } from "../catalog.ts"
import { clientCache, NO_TIMEOUT_MS, providerFetch } from "../stream/http-pool.ts"
import type { ProviderConnection } from "../provider.ts"

/** The one place that loads the OpenAI SDK: the server starts without it. */

/**
 * Azure has two ways to the same models: `/openai/v1`, which is OpenAI's own API, and the older `/openai`, where the deployment
 * stands in the path and each call names a dated version.
 */
type Api = "openai" | "azure" | "azure-dated"

/** The last of Azure's dated versions, and the first with Responses. */
const AZURE_VERSION = "2025-04-01-preview"

interface ClientKey {
  readonly baseUrl: string
  readonly apiKey: string
  readonly api: Api
}

const clients = clientCache(64, async (key): Promise<OpenAI> => {
  const { api, apiKey, baseUrl }: ClientKey = JSON.parse(key)
  const { AzureOpenAI, OpenAI } = await import("openai")
  const options = {
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
      ...(api === "azure" ? { "api-key": apiKey } : {}),
      "X-Stainless-Timeout": null,
    },
  } as const
  return api === "azure-dated" ? new AzureOpenAI({ ...options, apiVersion: AZURE_VERSION }) : new OpenAI(options)
})

const AZURE_HOST = /^https:\/\/[^/]+\.(?:openai|services\.ai|cognitiveservices)\.azure\.(?:com|us|cn)$/i

/** People leave out the path, or give that of one deployment: which one is called, the model says. */
const azurePath = (url: string): string =>
  AZURE_HOST.test(url) ? `${url}/openai/v1` : url.replace(/\/openai\/deployments\/.*$/i, "/openai")

/** The base URL of a connection without a trailing slash; the type's default when empty. */
export const openaiBaseUrl = ({ baseUrl, type }: ProviderConnection): string => {
  const given = baseUrl.trim() === "" ? (PROVIDERS[type].defaultBaseUrl ?? "") : baseUrl.trim()
  const url = given.replace(/\/+$/, "")
  return type === "azure" ? azurePath(url) : url
}

const apiOf = ({ type }: ProviderConnection, baseUrl: string): Api => {
  if (type !== "azure") return "openai"
  return /\/openai$/i.test(baseUrl) ? "azure-dated" : "azure"
}

/** A client for the connection, shared by all its calls. */
export const openaiClient = (connection: ProviderConnection): Promise<OpenAI> => {
  const baseUrl = openaiBaseUrl(connection)
  const key: ClientKey = { baseUrl, apiKey: connection.apiKey, api: apiOf(connection, baseUrl) }
  return clients(JSON.stringify(key))
}

/** Where the list of models is, and what it wants to be asked with. */
export const openaiList = (
  connection: ProviderConnection,
): { readonly url: string; readonly headers: Readonly<Record<string, string>> } => {
  const { apiKey } = connection
  const baseUrl = openaiBaseUrl(connection)
  const api = apiOf(connection, baseUrl)
  return {
    url: `${baseUrl}/models${api === "azure-dated" ? `?api-version=${AZURE_VERSION}` : ""}`,
    headers: {
      ...(apiKey === "" || api === "azure-dated" ? {} : { authorization: `Bearer ${apiKey}` }),
      ...(api === "openai" ? {} : { "api-key": apiKey }),
    },
  }
}
