import { Effect } from "effect"
import type { NativeTool } from "./tool.ts"
import type { ToolSource } from "./toolbox.ts"

/** What providers run themselves. Whether the one that is called has it, and with what options, its adapter and the model config say. */
const nativeTools: ReadonlyArray<NativeTool> = [{ runBy: "provider", name: "web_search" }]

export const providerSource = Effect.succeed<ToolSource>(() => Effect.succeed(nativeTools))
