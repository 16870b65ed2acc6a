import { Effect, Layer } from "effect"
import type { ChatJournal } from "../db/chats/journal.ts"
import type { ToolCalls } from "../db/chats/tool-calls.ts"
import type { ModelCatalog } from "../models/catalog.ts"
import type { Settings } from "../settings.ts"
import { toolSources } from "../tools/sources.ts"
import { Toolbox } from "../tools/toolbox.ts"
import { compact } from "./compact.ts"
import { execute } from "./execute.ts"
import { generate } from "./generate.ts"
import { finishInterruption } from "./interruption.ts"
import { ModelCalls } from "./model-call.ts"
import type { ToolPolicies } from "./tool-policies.ts"
import { Turn } from "./turn.ts"
import { awaitClientTools, backOff } from "./waits.ts"

/** The effects of the machine with what they need; and the tools, which whoever judges a call asks as well. */
export const TurnLive = Layer.effect(
  Turn,
  Effect.gen(function* () {
    const context = yield* Effect.context<
      ChatJournal | ModelCalls | ModelCatalog | Settings | Toolbox | ToolCalls | ToolPolicies
    >()
    return {
      generate: (host, input) => generate(host, input).pipe(Effect.provide(context)),
      execute: (host, input) => execute(host, input).pipe(Effect.provide(context)),
      compact: (host) => compact(host).pipe(Effect.provide(context)),
      backOff,
      finishInterruption,
      awaitClientTools,
    }
  }),
).pipe(Layer.provide(ModelCalls.layer), Layer.provideMerge(Toolbox.layer(toolSources)))
