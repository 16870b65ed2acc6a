import { Effect } from "effect"
import type { ProviderError } from "../../src/providers/errors.ts"
import type {
  GenerateRequest,
  GenerateResult,
  PromptMessage,
  ProviderConnection,
  StreamEvent,
  ToolDefinition,
} from "../../src/providers/provider.ts"
import { Providers } from "../../src/providers/registry.ts"

/** Short forms for tests that call a provider through the `Providers` service. */

export const tool = (name: string): ToolDefinition => ({
  name,
  description: `The tool ${name}.`,
  inputSchema: { type: "object", properties: { command: { type: "string" } } },
})

export const user = (text: string): PromptMessage => ({ role: "user", parts: [{ type: "text", text }] })

export const requestTo = (
  connection: ProviderConnection,
  messages: ReadonlyArray<PromptMessage>,
  changes: Partial<GenerateRequest> = {},
): GenerateRequest => ({
  connection,
  model: "scripted",
  config: {},
  system: ["You are a test."],
  messages,
  tools: [tool("execute"), tool("read_file")],
  providerTools: ["web_search"],
  toolChoice: "auto",
  ...changes,
})

/** Tests that do not test silence use a limit that only a hang reaches. */
const SILENCE_MS = 10_000

export const callProvider = (
  request: GenerateRequest,
  onEvent: (event: StreamEvent) => void = () => undefined,
  streamSilenceMs: number = SILENCE_MS,
): Effect.Effect<GenerateResult, ProviderError> =>
  Providers.pipe(
    Effect.flatMap((providers) => providers.generate(request, onEvent)),
    Effect.provide(Providers.layer({ streamSilenceMs })),
  )

export const generate = (request: GenerateRequest, events: Array<StreamEvent> = []): Promise<GenerateResult> =>
  Effect.runPromise(callProvider(request, (event) => events.push(event)))

export const failureOf = (request: GenerateRequest, streamSilenceMs?: number): Promise<ProviderError> =>
  Effect.runPromise(Effect.flip(callProvider(request, undefined, streamSilenceMs)))

/** The reply as the next request sees it: an assistant message, and a tool message that answers each local call. */
export const answered = (result: GenerateResult, output: unknown): ReadonlyArray<PromptMessage> => {
  const calls = result.parts.flatMap((part) =>
    part.type === "tool-call" && part.provider_executed !== true ? [part] : [],
  )
  return [
    { role: "assistant", parts: result.parts },
    {
      role: "tool",
      parts: calls.map((call) => ({
        type: "tool-result",
        tool_call_id: call.tool_call_id,
        tool_name: call.tool_name,
        result: output,
      })),
    },
  ]
}
