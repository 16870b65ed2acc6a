import type { GoogleGenAI } from "@google/genai"
import { PROVIDERS } from "../catalog.ts"
import { clientCache } from "../stream/http-pool.ts"
import type { ProviderConnection } from "../provider.ts"

/** The one place that loads Google's SDK: the server starts without it. */

export interface GoogleEndpoint {
  readonly baseUrl: string
  readonly apiVersion: string
}

const DEFAULT_VERSION = "v1beta"

/** Where the API is. People give its address with the version or without; the SDK wants them apart. */
export const googleEndpoint = ({ baseUrl, type }: ProviderConnection): GoogleEndpoint => {
  const url = (baseUrl.trim() === "" ? (PROVIDERS[type].defaultBaseUrl ?? "") : baseUrl.trim()).replace(/\/+$/, "")
  const version = /\/(v\d+(?:alpha|beta)?)$/.exec(url)
  return version === null
    ? { baseUrl: url, apiVersion: DEFAULT_VERSION }
    : { baseUrl: url.slice(0, version.index), apiVersion: version[1] ?? DEFAULT_VERSION }
}

interface ClientKey extends GoogleEndpoint {
  readonly apiKey: string
}

const clients = clientCache(64, async (key): Promise<GoogleGenAI> => {
  const { apiKey, apiVersion, baseUrl }: ClientKey = JSON.parse(key)
  const { GoogleGenAI } = await import("@google/genai")
  // All of it given: the SDK would take what is missing from variables of the environment that are meant for others.
  return new GoogleGenAI({ apiKey, vertexai: false, httpOptions: { baseUrl, apiVersion } })
})

/** A client for the connection, shared by all its calls. */
export const googleClient = (connection: ProviderConnection): Promise<GoogleGenAI> => {
  const key: ClientKey = { ...googleEndpoint(connection), apiKey: connection.apiKey }
  return clients(JSON.stringify(key))
}
