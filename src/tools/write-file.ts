import { Effect, Schema } from "effect"
import { defineTool, identityOf, succeeded } from "./define-tool.ts"

const Arguments = Schema.Struct({
  path: Schema.String.annotations({ description: "Absolute path of the file. Missing folders are made." }),
  content: Schema.String.annotations({ description: "All of the file's new content." }),
})

export const writeFile = defineTool({
  name: "write_file",
  description: "Writes a file in the workspace, replacing what it held. To change a part of a file, use edit_files.",
  args: Arguments,
  replay: "recorded",
  run: ({ path, content }, workspace, context) =>
    workspace.writeFile(identityOf(context), path, content).pipe(Effect.as(succeeded({ ok: true }))),
})
