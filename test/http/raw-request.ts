import { once } from "node:events"
import { connect, type Socket } from "node:net"

/** Requests as bytes, for what `fetch` does not let one send. */

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export const rawConnection = async (url: string): Promise<Socket> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, "connect")
  return socket
}

const parse = (text: string): RawAnswer => {
  const [head = "", ...body] = text.split("\r\n\r\n")
  const [first = "", ...lines] = head.split("\r\n")
  const headers = lines.map((line) => [line.split(":", 1)[0]!.toLowerCase(), line.replace(/^[^:]*: */, "")] as const)
  return { status: Number(first.split(" ")[1]), headers: Object.fromEntries(headers), body: body.join("\r\n\r\n") }
}

/** Sends `text`, which asks to close the connection in its last request, and gives all answers. */
export const rawRequests = async (url: string, text: string): Promise<ReadonlyArray<RawAnswer>> => {
  const socket = await rawConnection(url)
  let said = ""
  socket.on("data", (chunk: Buffer) => (said += chunk.toString("latin1")))
  socket.write(text, "latin1")
  await once(socket, "close")
  return said.split(/(?=HTTP\/1\.1 \d{3} )/).map(parse)
}

/** One request with exactly these header lines. */
export const rawRequest = async (
  url: string,
  request: string,
  headers: ReadonlyArray<string>,
  body = "",
): Promise<RawAnswer> => {
  const lines = [
    request,
    ...headers,
    ...(headers.some((line) => /^connection:/i.test(line)) ? [] : ["Connection: close"]),
  ]
  const [answer] = await rawRequests(url, `${lines.join("\r\n")}\r\n\r\n${body}`)
  if (answer === undefined) throw new Error("no answer")
  return answer
}
