import { StringDecoder } from "node:string_decoder"
import type { ProcessOutput } from "./protocol.ts"

const HEAD_BYTES = 16 * 1024
const TAIL_BYTES = 16 * 1024
const LINE_BYTES = 2048
const NEWLINE = 10
const CUT = Buffer.from(" …[line cut]")

/**
 * The output of a process in constant memory: its first and its last 16 KiB, with lines cut at 2,048 bytes so that one line
 * cannot fill either.
 */
export class OutputRing {
  #head: Buffer[] = []
  #headBytes = 0
  /** Allocated when the head is full: most processes print little. */
  #tail: Buffer | undefined
  #tailEnd = 0
  /** Bytes that went past the head. */
  #pastHead = 0
  #original = 0
  #cutAway = 0
  #lineBytes = 0
  #skipping = false

  push(chunk: Buffer): void {
    this.#original += chunk.length
    let at = 0
    while (at < chunk.length) {
      if (this.#skipping) {
        const newline = chunk.indexOf(NEWLINE, at)
        const stop = newline < 0 ? chunk.length : newline
        this.#cutAway += stop - at
        at = stop
        this.#skipping = newline < 0
        continue
      }
      // The newline itself is not counted, hence the one byte more. The last newline of this window is as good as the
      // first: every line before it is short enough. So the cost is per 2 KiB, not per line.
      const room = LINE_BYTES - this.#lineBytes
      const window = chunk.subarray(at, at + room + 1)
      const newline = window.lastIndexOf(NEWLINE)
      if (newline >= 0) {
        this.#keep(window.subarray(0, newline + 1))
        at += newline + 1
        this.#lineBytes = 0
      } else if (window.length <= room) {
        this.#keep(window)
        at += window.length
        this.#lineBytes += window.length
      } else {
        this.#keep(window.subarray(0, room))
        this.#keep(CUT)
        at += room
        this.#lineBytes = 0
        this.#skipping = true
      }
    }
  }

  #keep(bytes: Buffer): void {
    const toHead = Math.min(bytes.length, HEAD_BYTES - this.#headBytes)
    if (toHead > 0) {
      // A copy: a slice would keep the whole chunk alive.
      this.#head.push(Buffer.from(bytes.subarray(0, toHead)))
      this.#headBytes += toHead
      if (this.#head.length > 64) this.#head = [Buffer.concat(this.#head)]
    }
    let rest = bytes.subarray(toHead)
    if (rest.length === 0) return
    this.#pastHead += rest.length
    this.#tail ??= Buffer.allocUnsafe(TAIL_BYTES)
    if (rest.length > TAIL_BYTES) rest = rest.subarray(rest.length - TAIL_BYTES)
    const first = Math.min(rest.length, TAIL_BYTES - this.#tailEnd)
    rest.copy(this.#tail, this.#tailEnd, 0, first)
    rest.copy(this.#tail, 0, first)
    this.#tailEnd = (this.#tailEnd + rest.length) % TAIL_BYTES
  }

  /** Invalid UTF-8 becomes U+FFFD; so does NUL, which neither JSON columns nor terminals like. */
  snapshot(): Pick<ProcessOutput, "output" | "truncated"> {
    const head = Buffer.concat(this.#head)
    const tailBytes = Math.min(this.#pastHead, TAIL_BYTES)
    const dropped = this.#pastHead - tailBytes
    const tail =
      this.#tail === undefined
        ? Buffer.alloc(0)
        : dropped > 0 || tailBytes === TAIL_BYTES
          ? Buffer.concat([this.#tail.subarray(this.#tailEnd), this.#tail.subarray(0, this.#tailEnd)])
          : this.#tail.subarray(0, tailBytes)
    const text =
      dropped === 0
        ? Buffer.concat([head, tail]).toString("utf8")
        : // Characters cut in two at the gap are left out.
          `${new StringDecoder("utf8").write(head)}\n…[${dropped} bytes omitted]…\n${fromCharacterStart(tail).toString("utf8")}`
    const output = withinLimit(text.replaceAll("\0", "\uFFFD"))
    if (dropped === 0 && this.#cutAway === 0) return { output }
    const retained = Math.min(head.length + tail.length, this.#original - this.#cutAway)
    return {
      output,
      truncated: {
        original_bytes: this.#original,
        retained_bytes: retained,
        omitted_bytes: this.#original - retained,
        strategy: "head_tail",
      },
    }
  }
}

/** Binary output triples in size when each of its bytes becomes a U+FFFD. */
const withinLimit = (text: string): string => {
  const bytes = Buffer.from(text)
  if (bytes.length <= HEAD_BYTES + TAIL_BYTES + 100) return text
  const head = new StringDecoder("utf8").write(bytes.subarray(0, HEAD_BYTES))
  return `${head}\n…\n${fromCharacterStart(bytes.subarray(-TAIL_BYTES)).toString("utf8")}`
}

const fromCharacterStart = (bytes: Buffer): Buffer => {
  let start = 0
  while (start < 3 && start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1
  return bytes.subarray(start)
}
