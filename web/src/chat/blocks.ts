/**
 * Markdown text cut into blocks that can be parsed one by one. What stands before `from` never changes again however the text
 * goes on, so a text that grows costs only its last block. All offsets count UTF-16 units.
 */
export interface Blocks {
  /** Blocks that are whole, with the blank lines that end them. The same array until the next one is whole. */
  readonly done: ReadonlyArray<string>
  /** Where the last block begins, which may still grow. */
  readonly from: number
  /** How far whole lines have been read. */
  readonly read: number
  /** The fence that is open, such as three backticks. */
  readonly fence: string | undefined
  readonly inList: boolean
  /** A blank line, or the end of a fence, was the last thing read: what comes may be a new block. */
  readonly mayEnd: boolean
}

export const noBlocks: Blocks = { done: [], from: 0, read: 0, fence: undefined, inList: false, mayEnd: false }

/** A fence may stand in quotes and lists. The word after backticks has none of them: else it is code within a line. */
const FENCE = /^[\s>]*(?:(?:[-*+]|\d{1,9}[.)])\s+)*(`{3,}(?=[^`]*$)|~{3,})/
const LIST_ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)/
/** The beginning of a line that may yet become an item. */
const MAYBE_ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)]?)$/

const closes = (line: string, fence: string): boolean => {
  const bare = line.replace(/^[\s>]*/, "").trimEnd()
  return bare.length >= fence.length && bare === fence.charAt(0).repeat(bare.length)
}

/**
 * Whether a line that follows a blank one begins a block of its own; undefined while that cannot be told from its beginning.
 * What is indented goes on with the list, or the code, above it.
 */
const beginsBlock = (line: string, inList: boolean, whole: boolean): boolean | undefined => {
  const indent = line.length - line.trimStart().length
  if (indent === line.length) return undefined
  if (indent >= (inList ? 2 : 4)) return false
  if (!inList) return true
  if (!whole && MAYBE_ITEM.test(line)) return undefined
  return !LIST_ITEM.test(line)
}

const ended = (blocks: Blocks, text: string, at: number): Blocks => ({
  ...blocks,
  done: [...blocks.done, text.slice(blocks.from, at)],
  from: at,
  inList: false,
  mayEnd: false,
})

/** The state after a whole line that begins at `at` and ends before `next`. */
const afterLine = (blocks: Blocks, line: string, next: number): Blocks => {
  if (blocks.fence !== undefined) {
    const closed = closes(line, blocks.fence)
    return { ...blocks, read: next, fence: closed ? undefined : blocks.fence, mayEnd: closed && !blocks.inList }
  }
  if (line.trim() === "") return { ...blocks, read: next, mayEnd: true }
  const fence = FENCE.exec(line)?.[1]
  return { ...blocks, read: next, fence, inList: blocks.inList || LIST_ITEM.test(line), mayEnd: false }
}

/** Reads on in a text that begins with the one that `blocks` were read from. */
export const readBlocks = (blocks: Blocks, text: string): Blocks => {
  let now = blocks
  for (;;) {
    const end = text.indexOf("\n", now.read)
    const line = end === -1 ? text.slice(now.read) : text.slice(now.read, end)
    if (now.mayEnd && now.fence === undefined && now.read > now.from && beginsBlock(line, now.inList, end !== -1)) {
      now = ended(now, text, now.read)
    }
    if (end === -1) return now
    now = afterLine(now, line, end + 1)
  }
}

/** Reads a text that grows. The same text is not read again, nor is what of it was read before. */
export class BlockReader {
  #text = ""
  #blocks = noBlocks

  read(text: string): Blocks {
    if (text === this.#text) return this.#blocks
    this.#blocks = readBlocks(text.startsWith(this.#text) ? this.#blocks : noBlocks, text)
    this.#text = text
    return this.#blocks
  }
}

/** Notes are found over the whole text, so it cannot be parsed by pieces. */
export const hasFootnotes = (text: string): boolean => /^\[\^[^\]\s]{1,200}\]:/m.test(text)
