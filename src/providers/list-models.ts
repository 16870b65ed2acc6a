import { Effect } from "effect"
import { classifyFailure, type FailureContext, notAStream } from "./classify.ts"
import type { ProviderError } from "./errors.ts"
import { anthropicClient } from "./anthropic/client.ts"
import { providerFetch } from "./stream/http-pool.ts"
import { asArray, asNumber, asRecord, asString, parseJson } from "./json.ts"
import { openaiBaseUrl } from "./openai/client.ts"
import type { ProviderConnection } from "./provider.ts"

export interface ListedModel {
  readonly id: string
  readonly displayName?: string
  /** Context window in tokens, where the provider tells. */
  readonly contextLimit?: number
}

const LIST_TIMEOUT_MS = 15_000

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
    return [
      {
        id,
        ...(displayName === undefined ? {} : { displayName }),
        ...(contextLimit === undefined ? {} : { contextLimit }),
      },
    ]
  })
}

const openaiModels = async (context: FailureContext, connection: ProviderConnection, signal: AbortSignal) => {
  const auth: Record<string, string> = connection.apiKey === "" ? {} : { authorization: `Bearer ${connection.apiKey}` }
  const headers = { ...connection.headers, ...auth }
  // Not through the SDK: it insists on OpenAI's form of the list.
  const response = await providerFetch(`${openaiBaseUrl(connection)}/models`, { headers, signal })
  const text = await response.text()
  const body = parseJson(text)
  if (!response.ok) {
    throw classifyFailure(context, { status: response.status, headers: response.headers, message: "", error: body })
  }
  const models = readModels(body)
  if (models === undefined) throw notAStream(context, text)
  return models
}

const anthropicModels = async (connection: ProviderConnection, signal: AbortSignal) => {
  const client = await anthropicClient(connection)
  const page = await client.models.list({ limit: 1000 }, { signal, headers: { ...connection.headers } })
  return readModels(page.data) ?? []
}

/** `GET {base}/models`, in the provider's order. */
export const listModels = (
  connection: ProviderConnection,
): Effect.Effect<ReadonlyArray<ListedModel>, ProviderError> => {
  const context: FailureContext = { operation: "Providers.listModels", connection }
  return Effect.tryPromise({
    try: (signal) =>
      connection.type === "anthropic" ? anthropicModels(connection, signal) : openaiModels(context, connection, signal),
    catch: (cause) => classifyFailure(context, cause),
  }).pipe(
    Effect.timeoutFail({
      duration: LIST_TIMEOUT_MS,
      onTimeout: () => classifyFailure(context, new Error(`timed out after ${LIST_TIMEOUT_MS / 1000} s`)),
    }),
  )
}
