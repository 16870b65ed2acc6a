import { Context, Effect, Either, Layer } from "effect"
import type { ChatRow } from "../db/chats/rows.ts"
import type { GenerateRequest, ToolDefinition } from "../providers/provider.ts"
import { mayUse, type TurnMode } from "./allowance.ts"
import { FIND_OUT, outcomeUnknown } from "./define-tool.ts"
import type { CallDescription, NativeTool, ServerTool, Tool } from "./tool.ts"

/** What a source has for a chat at this moment. A source that cannot tell has nothing, and says so in the log. */
export type ToolSource = (chat: ChatRow) => Effect.Effect<ReadonlyArray<Tool>>

/** What carries out calls of a tool. */
export type Executor = Pick<ServerTool, "run" | "stop" | "reads">

/** The tools of a chat at one moment of a step. */
export interface StepTools {
  /** What the model is told, in an order that never changes for a chat: a provider's prompt cache depends on it. */
  readonly definitions: Pick<GenerateRequest, "tools" | "providerTools">
  /** A call of it is the client's to answer. */
  readonly isForClient: (name: string) => boolean
  /** What carries out a call of it here; else the sentence that answers the call. */
  readonly executorOf: (name: string) => Either.Either<Executor, string>
  readonly describe: (name: string, args: unknown) => CallDescription
  /** The line for the shell that is all a call of it runs, where its tool says so. */
  readonly commandOf: (name: string, args: unknown) => string | undefined
}

const firstOfEachName = (tools: ReadonlyArray<Tool>): ReadonlyMap<string, Tool> => {
  const byName = new Map<string, Tool>()
  for (const tool of tools) if (!byName.has(tool.name)) byName.set(tool.name, tool)
  return byName
}

const isNative = (tool: Tool): tool is NativeTool => tool.runBy === "provider"

const definitionsOf = (tool: Tool): ReadonlyArray<ToolDefinition> =>
  isNative(tool) ? [] : [{ name: tool.name, description: tool.description, inputSchema: tool.inputSchema }]

/** A call whose repeat could do harm, and which nobody keeps a record of, is run by one server only. */
const onlyOnce =
  ({ name, run }: ServerTool): ServerTool["run"] =>
  (args, context) =>
    context.repeat
      ? Effect.succeed(outcomeUnknown(`${name} was cut off before its result was known.`, FIND_OUT))
      : run(args, context)

/** @param tools of all sources, in their order */
export const stepTools = (tools: ReadonlyArray<Tool>, turn: TurnMode): StepTools => {
  const byName = firstOfEachName(tools)
  const active = [...byName.values()].filter((tool) => mayUse(turn, tool))
  return {
    definitions: {
      tools: active.flatMap(definitionsOf),
      providerTools: active.filter(isNative).map(({ name }) => name),
    },
    isForClient: (name) => active.some((tool) => tool.runBy === "client" && tool.name === name),
    executorOf: (name) => {
      const tool = byName.get(name)
      if (tool?.runBy !== "server") return Either.left(`There is no tool named ${name}.`)
      if (!active.includes(tool)) return Either.left(`The tool ${name} is not active in this turn.`)
      return Either.right(tool.replay === "unknown" ? { ...tool, run: onlyOnce(tool) } : tool)
    },
    describe: (name, args) => {
      const tool = byName.get(name)
      return tool?.runBy === "server" ? (tool.describe?.(args) ?? {}) : {}
    },
    commandOf: (name, args) => {
      const tool = byName.get(name)
      return tool?.runBy === "server" ? tool.commandOf?.(args) : undefined
    },
  }
}

/**
 * The tools of chats, from all sources. Each half of a step asks once and goes by that answer to its end: the call of the model, and
 * the execution of what it called, which may begin after a restart or days later, when a person has approved.
 */
export class Toolbox extends Context.Tag("troupe/Toolbox")<
  Toolbox,
  { readonly materialise: (chat: ChatRow) => Effect.Effect<StepTools> }
>() {
  /** Each source is made once, with services of its own: who uses the toolbox needs none of them. */
  static readonly layer = <Needs>(sources: ReadonlyArray<Effect.Effect<ToolSource, never, Needs>>) =>
    Layer.scoped(
      Toolbox,
      Effect.map(Effect.all(sources), (made) => ({
        materialise: (chat) =>
          Effect.map(
            Effect.forEach(made, (source) => source(chat)),
            (tools) => stepTools(tools.flat(), chat),
          ),
      })),
    )
}
