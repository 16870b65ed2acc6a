/** A file line by line, as it comes from the disk: no more of it is held than one line. */

export interface Line {
  /** From 1. */
  readonly number: number
  readonly text: string
  /** Where its text stands in the file, in bytes. */
  readonly start: number
  readonly end: number
  /** It ends with a line break: all of it is there. */
  readonly whole: boolean
}

/** Bytes of a line. Those that Troupe writes have some megabytes at most. */
export const LONGEST_LINE = 64 * 1024 * 1024

const LINE_BREAK = 10

const joined = (pieces: ReadonlyArray<Uint8Array>, bytes: number): Uint8Array => {
  const [only] = pieces
  if (pieces.length === 1 && only !== undefined) return only
  const all = new Uint8Array(bytes)
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

export class LineTooLong extends Error {
  readonly line: number
  constructor(line: number) {
    super(`Line ${line} is too long.`)
    this.line = line
  }
}

export class NotText extends Error {
  readonly line: number
  readonly whole: boolean
  constructor(line: number, whole: boolean) {
    super(`Line ${line} is no text.`)
    this.line = line
    this.whole = whole
  }
}

/** @throws LineTooLong, NotText */
export async function* linesOf(file: Blob): AsyncGenerator<Line> {
  const decoder = new TextDecoder("utf-8", { fatal: true })
  let number = 0
  let start = 0
  let pieces: Array<Uint8Array> = []
  let held = 0
  const finish = (whole: boolean): Line => {
    number += 1
    let text: string
    try {
      text = decoder.decode(joined(pieces, held))
    } catch {
      throw new NotText(number, whole)
    }
    const line = { number, text, start, end: start + held, whole }
    start += held + 1
    pieces = []
    held = 0
    return line
  }
  const reader = file.stream().getReader()
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) break
      let from = 0
      for (;;) {
        const at = value.indexOf(LINE_BREAK, from)
        const piece = value.subarray(from, at === -1 ? undefined : at)
        held += piece.length
        if (held > LONGEST_LINE) throw new LineTooLong(number + 1)
        pieces.push(piece)
        if (at === -1) break
        yield finish(true)
        from = at + 1
      }
    }
    if (held > 0) yield finish(false)
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
