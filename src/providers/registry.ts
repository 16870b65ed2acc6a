import { Context, Effect, Layer } from "effect"
import { anthropicMessagesApi } from "./anthropic/messages.ts"
import { PROVIDERS, type WireProtocol, isResponsesModel } from "./catalog.ts"
import { refusedCall } from "./classify.ts"
import type { ProviderError } from "./errors.ts"
import { googleGenerate } from "./google/generate.ts"
import { type ListedModel, listModels } from "./list-models.ts"
import { openaiChat } from "./openai/chat.ts"
import { openaiResponses } from "./openai/responses.ts"
import { withReasoningFallback } from "./reasoning-fallback.ts"
import type { Generate, GenerateRequest, ProviderConnection } from "./provider.ts"

/** Picks the adapter for a call. */

const isOpenAiModel = ({ config, model }: GenerateRequest): boolean =>
  config.openai_config?.use_responses_api ?? isResponsesModel(model)

const protocolOf = (request: GenerateRequest): WireProtocol => {
  switch (request.connection.type) {
    case "anthropic":
    case "bedrock":
      return "anthropic-messages"
    case "google":
      return "google"
    case "azure":
      // A deployment is called as its owner likes; only he knows what model is behind it.
      return request.config.openai_config?.use_responses_api === false ? "openai-chat" : "openai-responses"
    case "openai":
      return isOpenAiModel(request) ? "openai-responses" : "openai-chat"
    default:
      return "openai-chat"
  }
}

/** Why a connection cannot be used at all; undefined when it can. */
const refusal = (operation: string, connection: ProviderConnection): ProviderError | undefined => {
  const context = { operation, connection }
  const info = PROVIDERS[connection.type]
  const name = connection.displayName.trim() === "" ? info.displayName : connection.displayName
  const { baseUrl } = connection
  if (baseUrl.trim() === "" ? info.needsBaseUrl : !/^https?:\/\/[^/]/i.test(baseUrl.trim())) {
    return refusedCall(
      context,
      "config",
      `${name} needs a base URL that starts with http:// or https://. Set it in the provider's settings.`,
    )
  }
  if (connection.apiKey === "" && !info.keyOptional) {
    return refusedCall(
      context,
      "missing_key",
      `There is no API key for ${name} (${info.keyName} is not set). Add one in the provider's settings.`,
    )
  }
  return undefined
}

export interface ProvidersOptions {
  /** Longest silence of a stream, before its first event and between events, in milliseconds. */
  readonly streamSilenceMs: number
}

/** Model calls. Fails with `ProviderError` only. */
export class Providers extends Context.Tag("troupe/Providers")<
  Providers,
  {
    /** Streams one call through the adapter that the connection and the model config ask for. */
    readonly generate: Generate
    /** The models a provider says it has, by id. For a person setting one up; a provider without such a list fails. */
    readonly listModels: (connection: ProviderConnection) => Effect.Effect<ReadonlyArray<ListedModel>, ProviderError>
  }
>() {
  static readonly layer = ({ streamSilenceMs }: ProvidersOptions): Layer.Layer<Providers> =>
    Layer.sync(Providers, () => {
      const adapters: Readonly<Record<WireProtocol, Generate>> = {
        "openai-chat": withReasoningFallback(openaiChat(streamSilenceMs)),
        "openai-responses": withReasoningFallback(openaiResponses(streamSilenceMs)),
        "anthropic-messages": withReasoningFallback(anthropicMessagesApi(streamSilenceMs)),
        google: withReasoningFallback(googleGenerate(streamSilenceMs)),
      }
      const generate: Generate = (request, onEvent) => {
        const refused = refusal("Providers.generate", request.connection)
        return refused ? Effect.fail(refused) : adapters[protocolOf(request)](request, onEvent)
      }
      return {
        generate: (request, onEvent) =>
          generate(request, onEvent).pipe(
            Effect.withSpan("Providers.generate", {
              attributes: {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": request.connection.type,
                "gen_ai.request.model": request.model,
              },
            }),
          ),
        listModels: Effect.fn("Providers.listModels")(function* (connection: ProviderConnection) {
          const refused = refusal("Providers.listModels", connection)
          return refused ? yield* refused : yield* listModels(connection)
        }),
      }
    })
}
