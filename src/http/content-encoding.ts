import type { Request, Response } from "express"
import { createHash } from "node:crypto"
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

/** The encoding for this text and this client; undefined where it goes as it is. */
const encodingFor = (request: Request, response: Response, text: string): Encoding | undefined => {
  response.vary("Accept-Encoding")
  return text.length > WORTH_PACKING_BYTES ? acceptedEncoding(request) : undefined
}

/** Sends a text of JSON, packed where that is worth it. A client that has gone meanwhile is sent nothing. */
export const sendJson = async (request: Request, response: Response, text: string): Promise<void> => {
  response.type("json")
  const encoding = encodingFor(request, response, text)
  if (encoding === undefined) {
    response.send(text)
    return
  }
  const body = await packed(text, encoding)
  if (response.closed) return
  response.setHeader("content-encoding", encoding)
  response.send(body)
}

/** Sends a text that never changes: made when it is first asked for, and packed once in each way. `type` as in `foo.css`. */
export const fixedText = (type: string, make: () => string | Promise<string>) => {
  let text: string | undefined
  let tag = ""
  const bodies = new Map<Encoding, Buffer>()
  return async (request: Request, response: Response): Promise<void> => {
    text ??= await make()
    tag ||= createHash("sha256").update(text).digest("base64url").slice(0, 22)
    response.type(type)
    const encoding = encodingFor(request, response, text)
    const body = encoding === undefined ? text : (bodies.get(encoding) ?? (await packed(text, encoding)))
    if (response.closed) return
    if (encoding !== undefined && typeof body !== "string") {
      bodies.set(encoding, body)
      response.setHeader("content-encoding", encoding)
    }
    // Each form has a tag of its own; a client that has it is told so.
    response.setHeader("etag", `"${tag}-${encoding ?? "plain"}"`)
    response.send(body)
  }
}
