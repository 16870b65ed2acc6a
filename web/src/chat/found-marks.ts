/** Marks words where they are shown, by the browser's own highlights: the page itself is not changed. */

const rangesIn = (root: Node, words: string): ReadonlyArray<Range> => {
  const ranges: Array<Range> = []
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = (node.nodeValue ?? "").toLowerCase()
    for (let at = text.indexOf(words); at !== -1; at = text.indexOf(words, at + words.length)) {
      const range = document.createRange()
      // Some letters have another length in lower case.
      range.setStart(node, Math.min(at, node.nodeValue?.length ?? 0))
      range.setEnd(node, Math.min(at + words.length, node.nodeValue?.length ?? 0))
      ranges.push(range)
    }
  }
  return ranges
}

/** Where the browser has no highlights, nothing is marked. */
const canMark = (): boolean => "highlights" in CSS

export const clearMarks = (): void => {
  if (!canMark()) return
  CSS.highlights.delete("found")
  CSS.highlights.delete("found-here")
}

/** Marks the words in the box, and those in the row with this key as the ones that were gone to. */
export const markFound = (box: HTMLElement, words: string, row: string | undefined): void => {
  clearMarks()
  const wanted = words.toLowerCase()
  if (!canMark() || wanted.trim() === "") return
  const here: Array<Range> = []
  const others: Array<Range> = []
  for (const element of box.querySelectorAll<HTMLElement>("[data-row]")) {
    const ranges = rangesIn(element, wanted)
    if (element.dataset["row"] === row) here.push(...ranges)
    else others.push(...ranges)
  }
  CSS.highlights.set("found", new Highlight(...others))
  CSS.highlights.set("found-here", new Highlight(...here))
}
