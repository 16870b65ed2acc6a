import { Effect, Either, JSONSchema, Option, ParseResult, Predicate, Schema } from "effect"
import type { ServerTool, ToolContext, ToolOutcome } from "./tool.ts"

/** What the tools that the server runs have in common: reading arguments, and telling the model what went wrong. */

export const succeeded = (result: object): ToolOutcome => ({ result, isError: false })

export const failed = (error: string, more: object = {}): ToolOutcome => ({
  result: { success: false, ...more, error },
  isError: true,
})

/** For a tool of which nobody here knows what it works on. */
export const FIND_OUT = "Find out what has come of it before you repeat it."

/** @param advice what the model is to do before it repeats the call */
export const outcomeUnknown = (
  message: string,
  advice = "Look at the present state of the workspace before you repeat it.",
): ToolOutcome => failed(`${message} It is not known whether this call took effect. ${advice}`, { outcome: "unknown" })

/** Every problem with the name of its field, in one sentence each. */
const problemsOf = (error: ParseResult.ParseError): string =>
  ParseResult.ArrayFormatter.formatErrorSync(error)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`))
    .join("; ")

/** Models send null where they mean nothing. */
const withoutNulls = (args: unknown): unknown =>
  Predicate.isRecord(args) ? Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null)) : args

const inputSchemaOf = <A, I>(schema: Schema.Schema<A, I>): Readonly<Record<string, unknown>> => {
  const { $schema: _, ...rest } = JSONSchema.make(schema)
  return rest
}

type Facts = Omit<ServerTool, "inputSchema" | "run" | "stop" | "runBy" | "commandOf">

export interface ToolSpec<A, I, Needs> extends Facts {
  readonly args: Schema.Schema<A, I>
  /** Puts other forms of the arguments, which models also send, into the declared one. */
  readonly normalize?: (args: unknown) => unknown
  readonly run: (args: A, context: ToolContext) => Effect.Effect<ToolOutcome, never, Needs>
  /** Of the arguments as `run` gets them: what is judged is what runs. */
  readonly commandOf?: (args: A) => string | undefined
  readonly stop?: NonNullable<ServerTool<Needs>["stop"]>
}

export const defineTool = <A, I, Needs>({
  args: schema,
  normalize = (args) => args,
  run,
  commandOf,
  ...facts
}: ToolSpec<A, I, Needs>): ServerTool<Needs> => {
  const decodeFields = Schema.decodeUnknownEither(schema, { errors: "all" })
  const decode = (given: unknown) => decodeFields(withoutNulls(normalize(given)))
  return {
    ...facts,
    runBy: "server",
    inputSchema: inputSchemaOf(schema),
    ...(commandOf !== undefined && {
      commandOf: (given) => Option.getOrUndefined(Option.flatMapNullable(Either.getRight(decode(given)), commandOf)),
    }),
    run: (given, context) => {
      const args = decode(given)
      return Either.isLeft(args)
        ? Effect.succeed(failed(`Invalid arguments for ${facts.name}. ${problemsOf(args.left)}`))
        : run(args.right, context)
    },
  }
}
