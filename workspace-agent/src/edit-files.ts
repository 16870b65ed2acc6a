import { applyEdit } from "./edit-match.ts"
import type { EditedFile, FileEdits } from "./protocol.ts"
import { Refusal } from "./refusal.ts"
import { MAX_EDIT_BYTES, readEditableText, replaceFile } from "./text-files.ts"
import { unifiedDiff } from "./unified-diff.ts"
import type { WorkspacePaths } from "./workspace-paths.ts"

const MAX_DIFF_CHARACTERS = 16_000

const shorten = (diff: string): string =>
  diff.length <= MAX_DIFF_CHARACTERS
    ? diff
    : `${diff.slice(0, diff.lastIndexOf("\n", MAX_DIFF_CHARACTERS) + 1)}…[diff cut: ${diff.length} characters in all]\n`

/**
 * All or nothing up front: every edit of every file is tried on the text before anything is written, and the problems of all
 * are told together. A disk failure while writing can still leave earlier files written.
 */
export const editFiles = async (paths: WorkspacePaths, files: ReadonlyArray<FileEdits>): Promise<Array<EditedFile>> => {
  const seen = new Map<string, string>()
  const planned: Array<{ path: string; file: string; before: string; after: string }> = []
  const problems: Array<{ text: string; status: number }> = []
  for (const { path, edits } of files) {
    const read = await readEditableText(paths, path).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error
      problems.push({ text: error.message, status: error.status })
      return undefined
    })
    if (read === undefined) continue
    const other = seen.get(read.file)
    if (other !== undefined) {
      problems.push({ text: `${path} names the same file as ${other}: put its edits into one entry.`, status: 400 })
      continue
    }
    seen.set(read.file, path)
    let text = read.text
    for (const [index, edit] of edits.entries()) {
      const outcome = applyEdit(text, edit)
      if ("text" in outcome) text = outcome.text
      else problems.push({ text: `${path}, edit ${index + 1}: ${outcome.problem}`, status: 400 })
    }
    if (Buffer.byteLength(text) > MAX_EDIT_BYTES) {
      problems.push({ text: `${path} would become too large.`, status: 413 })
    }
    planned.push({ path, file: read.file, before: read.text, after: text })
  }
  const [first] = problems
  if (first !== undefined) {
    const status = problems.every((problem) => problem.status === first.status) ? first.status : 400
    throw new Refusal(status, `Nothing was written.\n${problems.map((problem) => problem.text).join("\n")}`)
  }
  const done: Array<EditedFile> = []
  for (const { path, file, before, after } of planned) {
    if (after !== before) await replaceFile(file, path, after)
    done.push({ path, diff: shorten(unifiedDiff(path, before, after)) })
  }
  return done
}
