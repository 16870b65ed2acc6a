import fc from "fast-check"
import { expect, test, vi } from "vitest"
import { EventStreamParser, MAX_EVENT_BYTES } from "./event-stream.ts"

const encoder = new TextEncoder()

const read = (...chunks: ReadonlyArray<Uint8Array | string>): ReadonlyArray<string> => {
  const events: Array<string> = []
  const parser = new EventStreamParser()
  for (const chunk of chunks)
    parser.push(typeof chunk === "string" ? encoder.encode(chunk) : chunk, (data) => events.push(data))
  return events
}

/** The same for a body that is over. */
const readAll = (...chunks: ReadonlyArray<string>): ReadonlyArray<string> => {
  const events: Array<string> = []
  const parser = new EventStreamParser()
  for (const chunk of chunks) parser.push(encoder.encode(chunk), (data) => events.push(data))
  parser.end((data) => events.push(data))
  return events
}

const pieces = (bytes: Uint8Array, size: number): ReadonlyArray<Uint8Array> =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size))

test.each([
  ["one event", "data: a\n\n", ["a"]],
  ["no space after the colon", "data:a\n\n", ["a"]],
  ["only one space is dropped", "data:  a\n\n", [" a"]],
  ["CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]],
  ["several lines of data", "data: a\ndata: b\n\n", ["a\nb"]],
  ["names, ids, comments, retry", ": hi\nevent: x\nid: 1\nretry: 5\ndata: a\n\n: ping\n\n", ["a"]],
  ["empty lines between", "\n\n\ndata: a\n\n\n\n", ["a"]],
  ["CR alone", "data: a\r\rdata: b\rdata: c\r\r", ["a", "b\nc"]],
  ["all line ends in one stream", "data: a\n\rdata: b\r\n\ndata: c\r\r\n", ["a", "b", "c"]],
  ["data without a colon is empty, and nothing is handed on", "data\n\ndata:\n\n", []],
  [
    "events with no blank line between them",
    'data: {"a":1}\ndata: {"a":2}\ndata: [DONE]\n\n',
    ['{"a":1}', '{"a":2}', "[DONE]"],
  ],
  ["an event spread over lines", 'data: {"a":\ndata: 1}\n\n', ['{"a":\n1}']],
  ["a byte order mark", "\uFEFFdata: a\n\n", ["a"]],
  ["an unfinished event", "data: a\n\ndata: b\n", ["a"]],
  ["an unfinished line", "data: a\n\ndata: b", ["a"]],
  ["a field whose name only begins alike", "database: a\n\n", []],
])("%s", (_name, text, events) => {
  expect(read(text)).toEqual(events)
})

test.each([
  ["no line end behind it", 'data: {"a":1}\n\ndata: {"a":2}', ['{"a":1}', '{"a":2}']],
  ["one line end behind it", 'data: {"a":1}\n\ndata: {"a":2}\n', ['{"a":1}', '{"a":2}']],
  ["CRLF", 'data: {"a":1}\r\n', ['{"a":1}']],
  ["a comment behind it", 'data: {"a":1}\n: bye', ['{"a":1}']],
  ["the end of OpenAI's streams", "data: [DONE]", ["[DONE]"]],
  ["an event spread over lines", 'data: {"a":\ndata: 1}', ['{"a":\n1}']],
  ["the beginning of an event", 'data: {"a":1}\n\ndata: {"a"', ['{"a":1}']],
  ["a whole one before the beginning of an event", 'data: {"a":1}\ndata: {"a"', ['{"a":1}']],
  ["a line that is no data", "event: done", []],
  ["the beginning of a field's name", "da", []],
  ["nothing", "", []],
])("the last event of a body that is over: %s", (_name, text, events) => {
  expect(readAll(text)).toEqual(events)
  expect(readAll(...text)).toEqual(events)
})

test.each([
  ["one line", "x".repeat(64 * 1024), 1],
  ["one line of data", `data: ${"x".repeat(64 * 1024)}`, 1],
  ["many lines", `data: ${"x".repeat(1_000)}\n`, 1_000],
])("an event without an end is refused before it fills the memory: %s", (_name, piece, times) => {
  const parser = new EventStreamParser()
  const chunk = encoder.encode(piece.repeat(times))
  const pushUntilRefused = () => {
    for (let sent = 0; sent < 300 * 1024 * 1024; sent += chunk.length) {
      expect(sent).toBeLessThanOrEqual(MAX_EVENT_BYTES)
      parser.push(chunk, () => undefined)
    }
  }
  expect(pushUntilRefused).toThrow(new SyntaxError("One event of the stream is longer than 16 MiB."))
})

/** How many bytes are copied and decoded while `work` runs. */
const counted = (work: () => void) => {
  const counts = { copied: 0, decoded: 0 }
  const typedArray: Uint8Array = Object.getPrototypeOf(Uint8Array.prototype)
  const { set } = typedArray
  const { decode } = TextDecoder.prototype
  const copies = vi.spyOn(typedArray, "set").mockImplementation(function (this: Uint8Array, source, offset) {
    counts.copied += source.length
    set.call(this, source, offset)
  })
  const decodes = vi.spyOn(TextDecoder.prototype, "decode").mockImplementation(function (
    this: InstanceType<typeof TextDecoder>,
    input,
  ) {
    counts.decoded += input?.byteLength ?? 0
    return decode.call(this, input)
  })
  work()
  copies.mockRestore()
  decodes.mockRestore()
  return counts
}

const MIB = 1024 * 1024

test.each([
  ["one event of 8 MiB in 1-KiB writes", `data: ${"x".repeat(8 * MIB)}\n\n`, 1024, 1],
  ["one event of 1 MiB in writes of 16 bytes", `data: ${"x".repeat(MIB)}\n\n`, 16, 1],
  ["an event of 8 MiB on many lines", `${`data: ${"x".repeat(1000)}\n`.repeat(8_000)}\n`, 1024, 1],
  ["a million tiny events", "data: 1\n\n".repeat(1_000_000), 64 * 1024, 1_000_000],
  ["events of half a write", `data: ${"x".repeat(500)}\n\n`.repeat(10_000), 1000, 10_000],
])("the work is linear in the bytes: %s", (_name, text, size, events) => {
  const bytes = encoder.encode(text)
  const chunks = pieces(bytes, size)
  const parser = new EventStreamParser()
  let calls = 0
  let characters = 0
  const { copied, decoded } = counted(() => {
    for (const chunk of chunks) {
      parser.push(chunk, (data) => {
        calls++
        characters += data.length
      })
    }
  })
  expect(calls).toBe(events)
  expect(characters).toBeLessThanOrEqual(bytes.length)
  expect(copied).toBeLessThanOrEqual(3 * bytes.length)
  // Each byte once. It would be 0 if the decoder were not the one that is counted.
  expect(decoded).toBe(bytes.length)
})

test("the events do not depend on where the network cuts the bytes", () => {
  const line = fc.constantFrom("data: ä€🙂", "data:", 'data: {"a":1}', ": c", "event: e", "")
  fc.assert(
    fc.property(
      fc.array(line),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
      (lines, eol, sizes) => {
        const bytes = encoder.encode(lines.map((text) => text + eol).join(""))
        const chunks: Array<Uint8Array> = []
        for (let at = 0; at < bytes.length;) {
          const size = sizes.next().value
          chunks.push(bytes.slice(at, at + size))
          at += size
        }
        expect(read(...chunks)).toEqual(read(bytes))
      },
    ),
  )
})
