import { Effect, Schema } from "effect"
import { succeeded } from "./define-tool.ts"
import { defineWorkspaceTool } from "./workspace-tool.ts"

const MAX_LINES = 2000

const atLeastOne = (description: string) =>
  Schema.Int.pipe(
    Schema.filter((value) => value >= 1 || "must be 1 or more"),
    Schema.annotations({ jsonSchema: { type: "integer", minimum: 1, description } }),
  )

const Arguments = Schema.Struct({
  path: Schema.String.annotations({ description: "Absolute path of the file." }),
  offset: Schema.optional(atLeastOne("First line to read, counted from 1.")),
  limit: Schema.optional(atLeastOne(`Number of lines; at most ${MAX_LINES}, which is also the default.`)),
})

export const readFile = defineWorkspaceTool({
  name: "read_file",
  description:
    "Reads lines of a text file in the workspace, each with its number and a tab before it. Files of up to 1 MiB; one answer " +
    "holds up to 2,000 lines and 32 KiB, so read a long file in windows.",
  args: Arguments,
  reads: true,
  replay: "again",
  run: ({ path, offset = 1, limit = MAX_LINES }, workspace) =>
    Effect.map(workspace.readFileLines(path, { offset, limit }), (lines) =>
      lines.success ? succeeded(lines) : { result: lines, isError: true },
    ),
})
