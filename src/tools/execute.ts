import { Clock, Effect, Schema } from "effect"
import type { ProcessOutput, WorkspaceConnection } from "../workspaces/workspace.ts"
import { outcomeUnknown, succeeded } from "./define-tool.ts"
import { durationText, formatDuration } from "./durations.ts"
import { awaitOutput, describeOutput, LONGEST_WAIT_MS } from "./process-results.ts"
import type { ToolContext } from "./tool.ts"
import { defineWorkspaceTool, identityOf } from "./workspace-tool.ts"

const DEFAULT_TIMEOUT_MS = 10_000

const Arguments = Schema.Struct({
  command: Schema.String.pipe(
    Schema.filter((command) => command.trim() !== "" || "must not be empty"),
    Schema.annotations({ jsonSchema: { description: "The command, run by `sh -c`." } }),
  ),
  timeout: Schema.optional(
    durationText(
      'How long to wait for the end, such as "30s" or "5m"; 10s when absent, at most 4h. It is not ended then.',
    ),
  ),
  workdir: Schema.optional(
    Schema.String.annotations({ description: "Absolute folder to run in; the workspace's folder when absent." }),
  ),
  run_in_background: Schema.optional(
    Schema.Boolean.annotations({ description: "Answer at once; for servers and other commands that do not end." }),
  ),
})

/** A command that puts itself in the background would leave nothing to wait for or to read from, so we do it. */
const splitBackground = (command: string): { command: string; background: boolean } => {
  const match = /^([^]*[^&|>\\\s])\s*&\s*$/.exec(command)
  return match?.[1] === undefined ? { command, background: false } : { command: match[1], background: true }
}

/** Program and first word of each command of a line, for people who look at it. */
const commandsOf = (args: unknown): ReadonlyArray<ReadonlyArray<string>> => {
  const command = typeof args === "object" && args !== null && "command" in args ? args.command : undefined
  if (typeof command !== "string") return []
  return command
    .split(/&&|\|\||[;|\n]/)
    .map((piece) => piece.trim().split(/\s+/))
    .filter(([program]) => program !== undefined && program !== "")
    .map(([program = "", ...rest]) => [program, ...rest.filter((word) => !word.startsWith("-")).slice(0, 1)])
}

const dumpsFile = (command: string): boolean =>
  /^\s*(cat|bat|less|more|nl)\s+[^|;&<>`$()\n]+$/.test(command) ||
  /^\s*rg\s+(-\S+\s+)*(''|""|'\.\*?'|"\.\*?"|\.|\^|'\^'|"\^")\s+\S+\s*$/.test(command)

const DUMP_NOTE =
  "To read a file, read_file is the better way: it gives line numbers and takes a window of a long file."

/** The user wants it ended: it must not start any more, and what has started is killed. Bounded, as the turn waits for it. */
const endForUser = (workspace: WorkspaceConnection, context: ToolContext) =>
  workspace.cancelCall(identityOf(context)).pipe(Effect.interruptible, Effect.timeout("4500 millis"), Effect.ignore)

const timedOut = (output: ProcessOutput, id: string, timeoutMs: number, wallMs: number) =>
  succeeded({
    ...describeOutput(output, wallMs),
    success: false,
    exit_code: -1,
    error:
      `The command did not end within ${formatDuration(timeoutMs)}. It was not stopped and goes on in the background; ` +
      "wait for it with process_output.",
    background_process_id: id,
  })

export const execute = defineWorkspaceTool({
  name: "execute",
  description:
    "Runs a shell command in the workspace and gives its output and exit code. Prefer a generous timeout over the background " +
    "for anything that ends by itself. A command that outlives the timeout goes on, and process_output reads it.",
  args: Arguments,
  reads: false,
  // A shell is the best means of looking around. That it changes nothing then is asked of the model, and not enforced.
  whileReading: true,
  replay: "reattach",
  describe: (args) => ({ parsed_commands: commandsOf(args) }),
  // The same words mean another program in another folder, and one that goes on by itself is not what was looked at.
  commandOf: ({ command, run_in_background, workdir }) =>
    workdir === undefined && run_in_background !== true ? command : undefined,
  run: (args, workspace, context) => {
    const asked = splitBackground(args.command)
    const background = asked.background || args.run_in_background === true
    const timeoutMs = Math.min(args.timeout ?? DEFAULT_TIMEOUT_MS, LONGEST_WAIT_MS)
    return Effect.gen(function* () {
      const before = yield* Clock.currentTimeMillis
      const started = yield* workspace.startProcess(identityOf(context), {
        command: asked.command,
        background,
        ...(args.workdir === undefined ? {} : { workdir: args.workdir }),
      })
      if (background) {
        return succeeded({
          success: true,
          output: "",
          background_process_id: started.id,
          note: "The command runs in the background; read it with process_output.",
        })
      }
      // A re-attached process has used up a part of its time already.
      const output = yield* awaitOutput(workspace, context, started.id, Math.max(0, timeoutMs - started.runAgeMs))
      const wallMs = (yield* Clock.currentTimeMillis) - before + started.runAgeMs
      if (output.running) return timedOut(output, started.id, timeoutMs, wallMs)
      return succeeded({ ...describeOutput(output, wallMs), ...(dumpsFile(args.command) ? { note: DUMP_NOTE } : {}) })
    }).pipe(
      Effect.catchIf(
        (error) => error.reason === "not_found" && error.operation === "Workspaces.processOutput",
        () =>
          Effect.succeed(
            outcomeUnknown("The workspace does not know the process of this command any more, and its output is lost."),
          ),
      ),
      Effect.onInterrupt(() => (context.stopping() === "user" ? endForUser(workspace, context) : Effect.void)),
    )
  },
  stop: (workspace, context) =>
    Effect.gen(function* () {
      yield* workspace.cancelCall(identityOf(context))
      const output = yield* workspace.processOutput(context.chatId, context.toolCallId, 0)
      const { success: _, ...left } = describeOutput(output, Math.round(context.callAgeMs))
      return left
    }),
})
