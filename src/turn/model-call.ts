import { Context, Effect, Layer } from "effect"
import type { Usage } from "../contract/parts.ts"
import type { ChatRow } from "../db/chats/rows.ts"
import type { NewMessage } from "../machines/chat-events.ts"
import { ModelCatalog, type ModelNotUsable, type ResolvedModel } from "../models/catalog.ts"
import { costMicros, type Spent, spentTogether } from "../models/pricing.ts"
import type { ProviderError } from "../providers/errors.ts"
import type { Generate, GenerateRequest, GenerateResult, StreamEvent } from "../providers/provider.ts"
import { Providers } from "../providers/registry.ts"

/**
 * The one way to call a model, whatever for: a step of a turn, a summary, and every call beside the turn. It is resolved for
 * whom it is made, asked, and settled; the message that comes of it records what it took.
 */

/** For whom and in which chat a model is called. */
export type Asker = Pick<ChatRow, "last_model_config_id" | "owner_id">

/** What a model is asked; whom to ask, and with which key, has been resolved. */
export type Question = Omit<GenerateRequest, "connection" | "model" | "origin" | "config">

const unheard = (): void => undefined

/** A model that may be called now, and the account of the calls that were made of it. */
export class ModelCall {
  readonly model: ResolvedModel
  readonly #generate: Generate
  #replies: ReadonlyArray<Spent> = []

  /** @param generate what a call goes through on its way to the provider */
  constructor(model: ResolvedModel, generate: Generate) {
    this.model = model
    this.#generate = generate
  }

  /** Streams one reply. May be asked several times, when one reply is not what was wanted: each is paid for. */
  ask(
    question: Question,
    onEvent: (event: StreamEvent) => void = unheard,
  ): Effect.Effect<GenerateResult, ProviderError> {
    const { config, connection, model, origin } = this.model
    return this.#generate({ ...question, connection, model, origin, config }, onEvent).pipe(
      Effect.tap((reply) => Effect.sync(() => this.#settle(reply.usage))),
    )
  }

  #settle(usage: Usage): void {
    this.#replies = [...this.#replies, { usage, costMicros: costMicros(usage, this.model.config.cost) }]
  }

  /** What all replies so far took and cost, as the message records it that comes of them. */
  get record(): Required<Pick<NewMessage, "modelConfigId" | "usage" | "costMicros">> {
    const { usage, costMicros: cost } = spentTogether(this.#replies)
    const { contextLimit, modelConfigId } = this.model
    return { modelConfigId, usage: { ...usage, context_limit: contextLimit }, costMicros: cost }
  }
}

export class ModelCalls extends Context.Tag("troupe/ModelCalls")<
  ModelCalls,
  {
    /** The model that the asker has chosen, or the default where that is gone. Asked before every call. */
    readonly begin: (asker: Asker) => Effect.Effect<ModelCall, ModelNotUsable>
  }
>() {
  static readonly layer = Layer.effect(
    ModelCalls,
    Effect.gen(function* () {
      const catalog = yield* ModelCatalog
      const providers = yield* Providers
      return {
        begin: ({ last_model_config_id, owner_id }) =>
          Effect.map(
            catalog.resolveOrDefault(last_model_config_id, owner_id),
            (model) => new ModelCall(model, providers.generate),
          ),
      }
    }),
  )
}
