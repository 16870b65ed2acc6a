import type { Request, Response } from "express"
import { promisify } from "node:util"
import { brotliCompress, constants, gzip } from "node:zlib"

/** What an answer may be packed in, best first. */
export const ENCODINGS = ["br", "gzip"] as const

export type Encoding = (typeof ENCODINGS)[number]

/** The best that the client takes; undefined for one that takes none, or does not say. */
export const acceptedEncoding = (request: Request): Encoding | undefined =>
  ENCODINGS.find((encoding) => request.acceptsEncodings(encoding) === encoding)

/** One packet holds as much: an answer no longer than this arrives no sooner for being packed. */
const WORTH_PACKING_BYTES = 1400

/** Each answer is packed once and read once: twice the effort would gain a tenth of the size. */
const BROTLI_QUALITY = 4
const GZIP_LEVEL = 5

/** Both work on a thread of Node's pool, so that no other request waits for them. */
const brotli = promisify(brotliCompress)
const zipped = promisify(gzip)

const packed = (text: string, encoding: Encoding): Promise<Buffer> =>
  encoding === "br"
    ? brotli(text, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
          [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
        },
      })
    : zipped(text, { level: GZIP_LEVEL })

/** Sends a text of JSON, packed where that is worth it. A client that has gone meanwhile is sent nothing. */
export const sendJson = async (request: Request, response: Response, text: string): Promise<void> => {
  response.vary("Accept-Encoding").type("json")
  const encoding = text.length > WORTH_PACKING_BYTES ? acceptedEncoding(request) : undefined
  if (encoding === undefined) {
    response.send(text)
    return
  }
  const body = await packed(text, encoding)
  if (response.closed) return
  response.setHeader("content-encoding", encoding)
  response.send(body)
}
