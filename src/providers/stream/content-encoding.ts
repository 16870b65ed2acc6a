import { pipeline, type Readable, type Transform } from "node:stream"
import { constants, createBrotliDecompress, createGunzip, createInflate } from "node:zlib"

/** Packed bodies (RFC 9110, 8.4.1), as a browser unpacks them: what has arrived of one that breaks off is given out. */

const FLUSH = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH }
const BROTLI_FLUSH = { flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH }

const UNPACKERS: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(FLUSH),
  "x-gzip": () => createGunzip(FLUSH),
  deflate: () => createInflate(FLUSH),
  br: () => createBrotliDecompress(BROTLI_FLUSH),
}

/** Each layer costs work on somebody else's word. */
const MOST_LAYERS = 5

/** Not by `Readable.toWeb`, which throws into the void when a stream is given up while it is read (Node 20). */
const webStream = (stream: Readable): ReadableStream<Uint8Array> => {
  const pieces: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await pieces.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
      cancel: () => void stream.destroy(),
    },
    { highWaterMark: 0 },
  )
}

/** @returns the body as it was before it was packed; as it comes, where it is packed in a way that is not known */
export const unpacked = (body: Readable, headers: Headers): ReadableStream<Uint8Array> => {
  const names = (headers.get("content-encoding") ?? "").toLowerCase().split(",")
  const layers = names.map((name) => name.trim()).filter((name) => name !== "" && name !== "identity")
  const makers = layers.map((name) => UNPACKERS[name])
  let stream: Readable = body
  if (layers.length <= MOST_LAYERS && makers.every((make) => make !== undefined)) {
    for (const make of makers.reverse()) {
      if (make !== undefined) stream = pipeline(stream, make(), () => undefined)
    }
  }
  return webStream(stream)
}
