import { Effect, Predicate, Schema } from "effect"
import { succeeded } from "./define-tool.ts"
import { defineWorkspaceTool, identityOf } from "./workspace-tool.ts"

const nonEmpty = <A, I>(item: Schema.Schema<A, I>, description: string) =>
  Schema.Array(item).pipe(
    Schema.filter((items) => items.length > 0 || "must not be empty"),
    Schema.annotations({ jsonSchema: { minItems: 1, description } }),
  )

const Edit = Schema.Struct({
  search: Schema.String.annotations({
    description: "Text to replace. It must occur once, so take in enough lines around it, unless replace_all is set.",
  }),
  replace: Schema.String.annotations({ description: "The text to put there." }),
  replace_all: Schema.optionalWith(Schema.Boolean.annotations({ description: "Replace every occurrence." }), {
    exact: true,
  }),
})

const Arguments = Schema.Struct({
  files: nonEmpty(
    Schema.Struct({
      path: Schema.String.annotations({ description: "Absolute path of an existing file." }),
      edits: nonEmpty(Edit, "Applied in order, each to the result of the one before."),
    }),
    "The files to edit, each once.",
  ),
})

const parsed = (value: unknown): unknown => {
  if (typeof value !== "string") return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

const eachOf = (value: unknown, change: (item: unknown) => unknown): unknown => {
  const list = parsed(value)
  return Array.isArray(list) ? list.map(change) : list
}

/** `old_text` and `new_text` are other names for `search` and `replace`. */
const editOf = (item: unknown): unknown => {
  if (!Predicate.isRecord(item)) return item
  const { old_text, new_text, search = old_text, replace = new_text, replace_all } = item
  return { search, replace, ...(Predicate.isNotNullable(replace_all) ? { replace_all } : {}) }
}

/**
 * Models send the edits in either of two forms, and lists at times as JSON text. The flat form, `edits: [{path, old_text,
 * new_text}]`, is grouped by path in the order of first mention.
 */
const normalize = (args: unknown): unknown => {
  if (!Predicate.isRecord(args)) return args
  if (Predicate.isNotNullable(args["files"])) {
    return {
      files: eachOf(args["files"], (file) =>
        Predicate.isRecord(file) ? { ...file, edits: eachOf(file["edits"], editOf) } : file,
      ),
    }
  }
  const flat = parsed(args["edits"])
  if (!Array.isArray(flat) || !flat.every(Predicate.isRecord)) return args
  const groups = new Map<unknown, Array<unknown>>()
  for (const item of flat) {
    const path = item["path"] ?? args["path"]
    groups.set(path, [...(groups.get(path) ?? []), editOf(item)])
  }
  return { files: [...groups].map(([path, edits]) => ({ path, edits })) }
}

export const editFiles = defineWorkspaceTool({
  name: "edit_files",
  description:
    "Replaces text in existing files of the workspace. All edits are checked first; when one of them does not fit, nothing is " +
    "written. Gives the changes as unified diffs.",
  args: Arguments,
  reads: false,
  replay: "reattach",
  normalize,
  run: ({ files }, workspace, context) =>
    Effect.map(workspace.editFiles(identityOf(context), files), (edited) => succeeded({ ok: true, files: edited })),
})
