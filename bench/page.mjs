// The tables and the quoted figures of the pages, between markers that the reader of a page does not see:
//   <!-- figures: NAME --> ... <!-- /figures -->   a table of report.mjs, on lines of its own
//   <!-- figure: NAME -->12 ms<!-- /figure -->     the measured figure of a bound, within a sentence
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { BOUNDS } from "./bounds.mjs"
import { PARTS } from "./parts.mjs"
import { quote, tablesOf } from "./report.mjs"
import { readResults } from "./results.mjs"

/** The pages that show figures. */
export const PAGES = ["README.md", "docs/performance.md"]

export const TABLES = tablesOf(PARTS.map((part) => part.name))
const BLOCK = /<!-- figures: (\S+) -->[\s\S]*?<!-- \/figures -->/g
const SNIPPET = /<!-- figure: (\S+) -->[\s\S]*?<!-- \/figure -->/g

/** The names of the tables that a text shows. */
export const tablesIn = (text) => [...text.matchAll(BLOCK)].map(([, name]) => name)

/** A text without what a run has written into it. */
export const withoutFigures = (text) => text.replace(BLOCK, "").replace(SNIPPET, "")

/** The text with every figure as the results have it. Throws for a name that there is none of. */
export function fill(text, results) {
  return text
    .replace(BLOCK, (_, name) => {
      const shown = TABLES[name]
      if (!shown) throw new Error(`no table is called "${name}"; there are ${Object.keys(TABLES).join(", ")}`)
      return `<!-- figures: ${name} -->\n\n${shown.render(results)}\n\n<!-- /figures -->`
    })
    .replace(SNIPPET, (_, name) => {
      const bound = BOUNDS.find((each) => each.name === name)
      if (!bound)
        throw new Error(`no bound is called "${name}"; there are ${BOUNDS.map((each) => each.name).join(", ")}`)
      return `<!-- figure: ${name} -->${quote(results, bound)}<!-- /figure -->`
    })
}

/** Writes the figures of all pages anew. */
export function writePages(root) {
  const results = readResults(root)
  for (const page of PAGES) writeFileSync(join(root, page), fill(readFileSync(join(root, page), "utf8"), results))
}
