import { Effect, Schema } from "effect"
import { succeeded } from "./define-tool.ts"
import { defineWorkspaceTool, identityOf } from "./workspace-tool.ts"

const Arguments = Schema.Struct({
  path: Schema.String.annotations({ description: "Absolute path of the file. Missing folders are made." }),
  content: Schema.String.annotations({ description: "All of the file's new content." }),
})

export const writeFile = defineWorkspaceTool({
  name: "write_file",
  description: "Writes a file in the workspace, replacing what it held. To change a part of a file, use edit_files.",
  args: Arguments,
  reads: false,
  replay: "reattach",
  run: ({ path, content }, workspace, context) =>
    workspace.writeFile(identityOf(context), path, content).pipe(Effect.as(succeeded({ ok: true }))),
})
