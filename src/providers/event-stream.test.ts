import fc from "fast-check"
import { expect, test } from "vitest"
import { EventStreamParser } from "./event-stream.ts"

const encoder = new TextEncoder()

const read = (...chunks: ReadonlyArray<Uint8Array | string>): ReadonlyArray<string> => {
  const events: Array<string> = []
  const parser = new EventStreamParser()
  for (const chunk of chunks)
    parser.push(typeof chunk === "string" ? encoder.encode(chunk) : chunk, (data) => events.push(data))
  return events
}

test.each([
  ["one event", "data: a\n\n", ["a"]],
  ["no space after the colon", "data:a\n\n", ["a"]],
  ["only one space is dropped", "data:  a\n\n", [" a"]],
  ["CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]],
  ["several lines of data", "data: a\ndata: b\n\n", ["a\nb"]],
  ["names, ids, comments, retry", ": hi\nevent: x\nid: 1\nretry: 5\ndata: a\n\n: ping\n\n", ["a"]],
  ["empty lines between", "\n\n\ndata: a\n\n\n\n", ["a"]],
  ["empty data", "data:\n\n", [""]],
  ["a byte order mark", "\uFEFFdata: a\n\n", ["a"]],
  ["an unfinished event", "data: a\n\ndata: b\n", ["a"]],
  ["an unfinished line", "data: a\n\ndata: b", ["a"]],
  ["a field whose name only begins alike", "database: a\n\n", []],
])("%s", (_name, text, events) => {
  expect(read(text)).toEqual(events)
})

test.each([
  ["one line", "x".repeat(1_000)],
  ["many lines", `data: ${"x".repeat(1_000)}\n`],
])("an event without an end is refused before it fills the memory: %s", (_name, piece) => {
  const parser = new EventStreamParser()
  const chunk = encoder.encode(piece.repeat(1_000))
  expect(() => {
    for (let count = 0; count < 100; count++) parser.push(chunk, () => undefined)
  }).toThrow(SyntaxError)
})

test("the events do not depend on where the network cuts the bytes", () => {
  const line = fc.constantFrom("data: ä€🙂", "data:", 'data: {"a":1}', ": c", "event: e", "")
  fc.assert(
    fc.property(
      fc.array(line),
      fc.constantFrom("\n", "\r\n"),
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
