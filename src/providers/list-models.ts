import { Effect } from "effect"
import { classifyFailure, type FailureContext, notAStream, refusedCall } from "./classify.ts"
import type { ProviderError } from "./errors.ts"
import { anthropicClient } from "./anthropic/client.ts"
import { providerFetch } from "./stream/http-pool.ts"
import { googleEndpoint } from "./google/client.ts"
import { asArray, asNumber, asRecord, asRecords, asString, parseJson } from "./json.ts"
import { openaiList } from "./openai/client.ts"
import { defined } from "./options.ts"
import type { ProviderConnection } from "./provider.ts"

export interface ListedModel {
  readonly id: string
  readonly displayName?: string
  /** Context window in tokens, where the provider tells. */
  readonly contextLimit?: number
}

const LIST_TIMEOUT_MS = 15_000
const MAX_PAGES = 20

const readModels = (body: unknown): ReadonlyArray<ListedModel> | undefined => {
  // Most answer {data: [...]}, a few servers the bare list.
  const list = Array.isArray(body) ? body : asRecord(body)?.["data"]
  if (!Array.isArray(list)) return undefined
  return asArray(list).flatMap((entry) => {
    const model = asRecord(entry)
    const id = asString(model?.["id"])
    if (id === undefined) return []
    const displayName = asString(model?.["display_name"]) ?? asString(model?.["name"])
    const contextLimit =
      asNumber(model?.["context_length"]) ??
      asNumber(model?.["context_window"]) ??
      asNumber(model?.["max_model_len"]) ??
      asNumber(model?.["max_input_tokens"])
    return [{ id, ...defined({ displayName, contextLimit }) }]
  })
}

/** What stands at an address. Not through the SDKs: they insist on the form of their own service, and hide its failures. */
const readList = async (
  context: FailureContext,
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ readonly body: unknown; readonly text: string }> => {
  const response = await providerFetch(url, { headers: { ...context.connection.headers, ...headers }, signal })
  const text = await response.text()
  const body = parseJson(text)
  if (!response.ok) {
    throw classifyFailure(context, { status: response.status, headers: response.headers, message: "", error: body })
  }
  return { body, text }
}

const openaiModels = async (context: FailureContext, connection: ProviderConnection, signal: AbortSignal) => {
  const { headers, url } = openaiList(connection)
  const { body, text } = await readList(context, url, headers, signal)
  const models = readModels(body)
  if (models === undefined) throw notAStream(context, text)
  return models
}

/** Google's list holds what makes vectors and pictures as well. */
const readGoogleModels = (body: unknown): ReadonlyArray<ListedModel> | undefined => {
  const list = asRecord(body)?.["models"]
  if (!Array.isArray(list)) return undefined
  return asRecords(list).flatMap((model) => {
    const id = asString(model["name"])?.replace(/^models\//, "")
    const methods = model["supportedGenerationMethods"]
    if (id === undefined || (Array.isArray(methods) && !methods.includes("generateContent"))) return []
    const displayName = asString(model["displayName"])
    const contextLimit = asNumber(model["inputTokenLimit"])
    return [{ id, ...defined({ displayName, contextLimit }) }]
  })
}

const googleModels = async (context: FailureContext, connection: ProviderConnection, signal: AbortSignal) => {
  const { apiVersion, baseUrl } = googleEndpoint(connection)
  const key = { "x-goog-api-key": connection.apiKey }
  const models: Array<ListedModel> = []
  let next: string | undefined = ""
  // A list that names itself as its next page would have no end.
  for (let pages = 0; next !== undefined && pages < MAX_PAGES; pages++) {
    const query: string = new URLSearchParams({
      pageSize: "1000",
      ...(next === "" ? {} : { pageToken: next }),
    }).toString()
    const { body, text } = await readList(context, `${baseUrl}/${apiVersion}/models?${query}`, key, signal)
    const page = readGoogleModels(body)
    if (page === undefined) throw notAStream(context, text)
    models.push(...page)
    next = asString(asRecord(body)?.["nextPageToken"])
  }
  return models
}

const anthropicModels = async (connection: ProviderConnection, signal: AbortSignal) => {
  const client = await anthropicClient(connection)
  const page = await client.models.list({ limit: 1000 }, { signal, headers: { ...connection.headers } })
  return readModels(page.data) ?? []
}

/** Bedrock tells its models at another address, to other rights than those of a call. */
const noList = (context: FailureContext, name: string): ProviderError =>
  refusedCall(
    context,
    "config",
    `${name} tells no list of its models here. Enter the id of a model or of an inference profile.`,
  )

const listOf = (context: FailureContext, connection: ProviderConnection, signal: AbortSignal) => {
  switch (connection.type) {
    case "anthropic":
      return anthropicModels(connection, signal)
    case "google":
      return googleModels(context, connection, signal)
    default:
      return openaiModels(context, connection, signal)
  }
}

/** `GET {base}/models`, in the provider's order. */
export const listModels = (
  connection: ProviderConnection,
): Effect.Effect<ReadonlyArray<ListedModel>, ProviderError> => {
  const context: FailureContext = { operation: "Providers.listModels", connection }
  if (connection.type === "bedrock") return Effect.fail(noList(context, connection.displayName))
  return Effect.tryPromise({
    try: (signal) => listOf(context, connection, signal),
    catch: (cause) => classifyFailure(context, cause),
  }).pipe(
    Effect.timeoutFail({
      duration: LIST_TIMEOUT_MS,
      onTimeout: () => classifyFailure(context, new Error(`timed out after ${LIST_TIMEOUT_MS / 1000} s`)),
    }),
  )
}
