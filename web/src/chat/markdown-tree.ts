import type { Nodes, Root } from "mdast"
import { fromMarkdown } from "mdast-util-from-markdown"
import { gfmFromMarkdown } from "mdast-util-gfm"
import { gfm } from "micromark-extension-gfm"
import completed from "remend"

/** Markdown read into a tree: CommonMark with tables, tasks, strikethrough, notes and bare links. */

const extensions = [gfm()]
const mdastExtensions = [gfmFromMarkdown()]

export const readMarkdown = (text: string): Root => fromMarkdown(text, { extensions, mdastExtensions })

/** A text that is still being written, as if what is open in it were closed: an emphasis, a link, a table. */
export const asIfWhole = (text: string): string => completed(text, { linkMode: "text-only" })

/** Where links and pictures lead that are written by a name, by that name. */
export type Definitions = ReadonlyMap<string, string>

export const definitionsOf = (tree: Root): Definitions => {
  const found = new Map<string, string>()
  const look = (node: Nodes): void => {
    // The first one counts, as CommonMark has it.
    if (node.type === "definition" && !found.has(node.identifier)) found.set(node.identifier, node.url)
    if ("children" in node) for (const child of node.children) look(child)
  }
  look(tree)
  return found
}

/** Levels of lists and quotes that are drawn. What lies deeper stays as it was written. */
const MAX_DEPTH = 40

/** The part of the text that a node was read from. */
export const sourceOf = (node: Nodes, text: string): string =>
  text.slice(node.position?.start.offset ?? 0, node.position?.end.offset ?? 0)

export const isTooDeep = (depth: number): boolean => depth > MAX_DEPTH

/** Only these lead anywhere: a link of a model runs no script and opens no program but the one for mail. */
export const isSafeLink = (href: string | undefined): href is string => /^(https?:|mailto:)/i.test(href ?? "")
