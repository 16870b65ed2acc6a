import { crc32 } from "node:zlib"

/** AWS's binary framing of event streams, as Bedrock sends it. */

const header = (name: string, value: string): Buffer => {
  const [key, text] = [Buffer.from(name), Buffer.from(value)]
  const lengths = Buffer.alloc(4)
  lengths.writeUInt8(key.length, 0)
  // A header of type 7 is a text.
  lengths.writeUInt8(7, 1)
  lengths.writeUInt16BE(text.length, 2)
  return Buffer.concat([lengths.subarray(0, 1), key, lengths.subarray(1), text])
}

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

const frame = (headers: Readonly<Record<string, string>>, payload: string): Buffer => {
  const named = Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value)))
  const body = Buffer.from(payload)
  const prelude = Buffer.concat([uint32(16 + named.length + body.length), uint32(named.length)])
  const message = Buffer.concat([prelude, uint32(crc32(prelude)), named, body])
  return Buffer.concat([message, uint32(crc32(message))])
}

/** An event of the Messages API in a frame of Bedrock's. */
export const chunkFrame = (event: string): Buffer =>
  frame(
    { ":event-type": "chunk", ":content-type": "application/json", ":message-type": "event" },
    JSON.stringify({ bytes: Buffer.from(event).toString("base64"), p: "abcdefgh" }),
  )

/** A failure in the middle of a stream, by the name that AWS has for it. */
export const exceptionFrame = (name: string, message: string): Buffer =>
  frame(
    { ":exception-type": name, ":content-type": "application/json", ":message-type": "exception" },
    JSON.stringify({ message }),
  )

/** The events of a text of server-sent events, each in a frame; what is none (comments) is left out. */
export const framesOf = (text: string): Buffer =>
  Buffer.concat(
    text.split("\n").flatMap((line) => (line.startsWith("data: ") ? [chunkFrame(line.slice("data: ".length))] : [])),
  )

export const FRAMES = "application/vnd.amazon.eventstream"
