import type { OutputPiece } from "./protocol.ts"

/** So much of an output is kept from its beginning on; of a longer one only the newest bytes are. */
const WHOLE_BYTES = 1024 * 1024
const RECENT_BYTES = 32 * 1024
const FIRST_BYTES = 4096

/**
 * The output of a running process as it comes, for those who follow it: each reads from where it is, and what it comes too late for
 * is a hole that it can count. At most 1 MiB, and 64 KiB once more than that was written.
 */
export class LiveOutput {
  #buffer = Buffer.allocUnsafe(0)
  #length = 0
  /** Bytes written so far. */
  #total = 0
  readonly #waiting = new Set<() => void>()

  push(chunk: Buffer): void {
    this.#total += chunk.length
    if (this.#total <= WHOLE_BYTES) this.#append(chunk, Math.min(WHOLE_BYTES, this.#total * 2))
    else this.#appendRecent(chunk.subarray(-RECENT_BYTES))
    for (const wake of this.#waiting) wake()
  }

  #append(chunk: Buffer, room: number): void {
    if (this.#length + chunk.length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(FIRST_BYTES, room))
      this.#buffer.copy(larger, 0, 0, this.#length)
      this.#buffer = larger
    }
    chunk.copy(this.#buffer, this.#length)
    this.#length += chunk.length
  }

  /** Moved to the front only when the buffer is full: the cost is per byte, however small the chunks are. */
  #appendRecent(chunk: Buffer): void {
    if (this.#buffer.length !== 2 * RECENT_BYTES || this.#length + chunk.length > this.#buffer.length) {
      const recent = this.#buffer.subarray(Math.max(0, this.#length - RECENT_BYTES), this.#length)
      const moved = this.#buffer.length === 2 * RECENT_BYTES ? this.#buffer : Buffer.allocUnsafe(2 * RECENT_BYTES)
      moved.set(recent, 0)
      this.#buffer = moved
      this.#length = recent.length
    }
    chunk.copy(this.#buffer, this.#length)
    this.#length += chunk.length
  }

  /** Nobody follows an output that has ended: the process has its answer. */
  close(): void {
    this.#buffer = Buffer.allocUnsafe(0)
    this.#length = 0
    for (const wake of this.#waiting) wake()
  }

  /** Calls back at the next bytes, and at the end. @returns a function that ends that */
  onMore(wake: () => void): () => void {
    this.#waiting.add(wake)
    return () => void this.#waiting.delete(wake)
  }

  /**
   * The text after this many bytes, of at most `most` bytes in UTF-8. A character of which a part is still to come stays for the next
   * time. Invalid UTF-8 becomes U+FFFD, and so does NUL.
   */
  read(after: number, most: number): Omit<OutputPiece, "running"> {
    const kept = this.#buffer.subarray(0, this.#length)
    const recent = this.#total > WHOLE_BYTES ? kept.subarray(-RECENT_BYTES) : kept
    const start = this.#total - recent.length
    // A later place than there is was another process's: it begins again.
    const wanted = after > this.#total ? 0 : after
    const isCut = wanted < start
    const rest = recent.subarray(Math.max(0, wanted - start))
    const skipped = isCut ? continuationsIn(rest) : 0
    const from = Math.max(wanted, start) + skipped
    const window = wholeCharacters(rest.subarray(skipped, skipped + most))
    const text = textOf(window)
    // Binary output triples when each of its bytes becomes a U+FFFD.
    const fits = Buffer.byteLength(text) <= most
    const shown = fits ? window : wholeCharacters(window.subarray(0, Math.floor(most / 3)))
    return { from, next: from + shown.length, text: fits ? text : textOf(shown) }
  }
}

const textOf = (bytes: Buffer): string => bytes.toString("utf8").replaceAll("\0", "\uFFFD")

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

/** Bytes of a character that began before. */
const continuationsIn = (bytes: Buffer): number => {
  let count = 0
  while (count < 3 && isContinuation(bytes[count])) count += 1
  return count
}

const lengthAt = (lead: number): number => (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1)

/** Without a last character of which only the beginning is there. */
const wholeCharacters = (bytes: Buffer): Buffer => {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back]
    if (byte === undefined || isContinuation(byte)) continue
    return lengthAt(byte) > back ? bytes.subarray(0, bytes.length - back) : bytes
  }
  return bytes
}
