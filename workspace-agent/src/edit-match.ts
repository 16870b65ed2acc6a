import type { FileEdit } from "./protocol.ts"

/** Finding the place of an edit in a text, and what to put there. Pure. */

export type EditOutcome = { readonly text: string } | { readonly problem: string }

interface Line {
  /** Without its end. */
  readonly text: string
  /** `""` for a last line that has none. */
  readonly end: string
  readonly start: number
}

interface Replacement {
  readonly from: number
  readonly to: number
  readonly text: string
}

const linesOf = (text: string): Array<Line> => {
  const lines: Array<Line> = []
  let start = 0
  while (start < text.length) {
    const newline = text.indexOf("\n", start)
    if (newline < 0) {
      lines.push({ text: text.slice(start), end: "", start })
      break
    }
    const crlf = newline > start && text[newline - 1] === "\r"
    lines.push({ text: text.slice(start, crlf ? newline - 1 : newline), end: crlf ? "\r\n" : "\n", start })
    start = newline + 1
  }
  return lines
}

/** The line end that most lines of the text have. */
const lineEndOf = (text: string): "\n" | "\r\n" => {
  const crlf = text.split("\r\n").length - 1
  const all = text.split("\n").length - 1
  return crlf * 2 > all ? "\r\n" : "\n"
}

/** New text takes over the file's line ends, unless the caller wrote carriage returns and so means what it wrote. */
const withLineEnds = (edit: FileEdit, lineEnd: "\n" | "\r\n"): string =>
  lineEnd === "\n" || edit.search.includes("\r") || edit.replace.includes("\r")
    ? edit.replace
    : edit.replace.replaceAll("\n", "\r\n")

const exactPlaces = (text: string, edit: FileEdit, lineEnd: "\n" | "\r\n"): Array<Replacement> => {
  const places: Array<Replacement> = []
  const replacement = withLineEnds(edit, lineEnd)
  for (let at = text.indexOf(edit.search); at >= 0; at = text.indexOf(edit.search, at + edit.search.length)) {
    places.push({ from: at, to: at + edit.search.length, text: replacement })
  }
  return places
}

const indentOf = (line: string) => /^[ \t]*/.exec(line)?.[0] ?? ""

/** Gives lines written for the indentation of `searched` that of `found`, line by line where the two tell. */
const reindent = (
  lines: ReadonlyArray<string>,
  searched: ReadonlyArray<string>,
  found: ReadonlyArray<string>,
): Array<string> => {
  const known = new Map<string, string>()
  for (const [index, line] of searched.entries()) {
    const place = found[index] ?? ""
    if (line.trim() !== "" && !known.has(indentOf(line))) known.set(indentOf(line), indentOf(place))
  }
  const byLength = [...known].sort(([a], [b]) => b.length - a.length)
  const shallowest = byLength.at(-1)
  return lines.map((line) => {
    if (line.trim() === "") return line
    const indent = indentOf(line)
    const body = line.slice(indent.length)
    for (const [from, to] of byLength) {
      if (indent.startsWith(from)) return to + inStyleOf(indent.slice(from.length), from, to) + body
    }
    if (shallowest === undefined) return line
    // Further out than anything searched for: as far out from the place found.
    const [from, to] = shallowest
    return to.slice(0, Math.max(0, to.length - (from.length - indent.length))) + body
  })
}

/** Extra indentation, as tabs where the file indents by tabs what the caller indented by spaces. */
const inStyleOf = (extra: string, from: string, to: string): string => {
  if (!/^ +$/.test(extra) || !/^ +$/.test(from) || !/^\t+$/.test(to)) return extra
  const width = Math.max(1, Math.round(from.length / to.length))
  return "\t".repeat(Math.ceil(extra.length / width))
}

const wholeLinePlaces = (
  lines: ReadonlyArray<Line>,
  edit: FileEdit,
  lineEnd: "\n" | "\r\n",
  ignore: "trailing" | "both",
): Array<Replacement> => {
  const plain = (text: string) => (ignore === "both" ? text.trim() : text.trimEnd())
  const searched = edit.search.split(/\r?\n/)
  const endsWithLineEnd = searched.length > 1 && searched.at(-1) === ""
  if (endsWithLineEnd) searched.pop()
  const wanted = searched.map(plain)
  // Blank lines are everywhere: they identify no place.
  if (wanted.every((line) => line === "")) return []
  const texts = lines.map((line) => plain(line.text))

  const replaced = edit.replace === "" ? [] : edit.replace.split(/\r?\n/)
  if (endsWithLineEnd && replaced.at(-1) === "") replaced.pop()
  // Deleting whole lines takes the line end along; otherwise the last line keeps the one it has.
  const deletes = endsWithLineEnd && replaced.length === 0

  const places: Array<Replacement> = []
  for (let at = 0; at + wanted.length <= lines.length; at += 1) {
    if (!wanted.every((line, index) => texts[at + index] === line)) continue
    const found = lines.slice(at, at + wanted.length)
    const first = found[0]
    const last = found.at(-1)
    if (first === undefined || last === undefined) continue
    const body =
      ignore === "both"
        ? reindent(
            replaced,
            searched,
            found.map((line) => line.text),
          )
        : replaced
    places.push({
      from: first.start,
      to: last.start + last.text.length + (deletes ? last.end.length : 0),
      text: body.join(found.find((line) => line.end !== "")?.end ?? lineEnd),
    })
    at += wanted.length - 1
  }
  return places
}

const lineNumberAt = (text: string, offset: number): number => text.slice(0, offset).split("\n").length

const CONTEXT_LINES = 2
const MAX_SHOWN_LINES = 16
const MAX_SHOWN_CHARACTERS = 200

const pairsOf = (text: string): Set<string> => {
  const pairs = new Set<string>()
  for (let at = 0; at + 1 < text.length; at += 1) pairs.add(text.slice(at, at + 2))
  return pairs
}

/** Share of common letter pairs, 0 to 1. */
const likeness = (pairs: Set<string>, other: string): number => {
  const others = pairsOf(other)
  if (pairs.size + others.size === 0) return 0
  let common = 0
  for (const pair of others) if (pairs.has(pair)) common += 1
  return (2 * common) / (pairs.size + others.size)
}

/** The lines of the text most like the searched ones, with numbers; undefined when nothing is alike. */
const nearestText = (lines: ReadonlyArray<Line>, search: string): string | undefined => {
  const searched = search.split(/\r?\n/).map((line) => line.trim())
  const telling = searched.reduce((longest, line) => (line.length > longest.length ? line : longest), "").slice(0, 500)
  const tellingAt = searched.findIndex((line) => line.startsWith(telling))
  const pairs = pairsOf(telling)
  let best = { at: -1, score: 0.35 }
  for (const [at, line] of lines.entries()) {
    const text = line.text.trim()
    // Lines of quite another length are not alike; skipping them keeps large files quick.
    if (text.length * 4 < telling.length || text.length > telling.length * 4 + 80) continue
    const score = likeness(pairs, text)
    if (score > best.score) best = { at, score }
  }
  if (best.at < 0) return undefined
  const from = Math.max(0, best.at - Math.min(tellingAt, MAX_SHOWN_LINES / 2) - CONTEXT_LINES)
  const to = Math.min(lines.length, from + Math.min(searched.length + 2 * CONTEXT_LINES, MAX_SHOWN_LINES))
  return lines
    .slice(from, to)
    .map((line, index) => `${from + index + 1}\t${line.text.slice(0, MAX_SHOWN_CHARACTERS)}`)
    .join("\n")
}

/**
 * Applies one edit: as an exact substring; else by whole lines, ignoring white space at their ends; else also at their
 * starts, the replacement then taking the indentation of the place. The first way that finds something decides.
 */
export const applyEdit = (text: string, edit: FileEdit): EditOutcome => {
  if (edit.search === "") {
    return { problem: "The search text is empty. Give the text to replace, or use write_file to write the whole file." }
  }
  if (edit.search === edit.replace) return { problem: "The search text and its replacement are the same." }
  const lineEnd = lineEndOf(text)
  const lines = linesOf(text)
  const ways = [
    () => exactPlaces(text, edit, lineEnd),
    () => wholeLinePlaces(lines, edit, lineEnd, "trailing"),
    () => wholeLinePlaces(lines, edit, lineEnd, "both"),
  ]
  for (const find of ways) {
    const places = find()
    if (places.length === 0) continue
    if (places.length > 1 && edit.replace_all !== true) {
      const numbers = places.slice(0, 10).map((place) => lineNumberAt(text, place.from))
      return {
        problem:
          `The search text occurs ${places.length} times (lines ${numbers.join(", ")}${places.length > 10 ? ", …" : ""}). ` +
          "Add surrounding lines until it is unique, or set replace_all.",
      }
    }
    let result = ""
    let done = 0
    for (const place of places) {
      result += text.slice(done, place.from) + place.text
      done = place.to
    }
    return { text: result + text.slice(done) }
  }
  const nearest = nearestText(lines, edit.search)
  return {
    problem:
      nearest === undefined
        ? "The search text was not found, nor anything like it. Read the file again."
        : `The search text was not found. The nearest text is:\n${nearest}`,
  }
}
