import type { IncomingMessage, Server, ServerResponse } from "node:http"
import { Socket } from "node:net"
import type { Duplex } from "node:stream"

/** Answers a WebSocket upgrade, or refuses it on the socket. `url` is parsed; its query may hold a session token. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer, url: URL) => void

const tokensOf = (value: string | undefined): ReadonlyArray<string> =>
  (value ?? "").split(",").map((token) => token.trim().toLowerCase())

/** Whether a request asks for a WebSocket, in the way of RFC 6455. Every other offer to upgrade may be ignored. */
export const isWebSocketUpgrade = ({ method, headers }: IncomingMessage): boolean =>
  method === "GET" &&
  headers.upgrade?.trim().toLowerCase() === "websocket" &&
  tokensOf(headers.connection).includes("upgrade")

/** The head of a request as it came, without its offer to upgrade. */
const headWithoutUpgrade = ({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer => {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = rawHeaders.slice(index, index + 2)
    const lower = name.toLowerCase()
    if (lower === "upgrade" || lower === "http2-settings") continue
    const kept = value.split(",").filter((token) => !/^\s*(upgrade|http2-settings)?\s*$/i.test(token))
    if (lower !== "connection") lines.push(`${name}: ${value}`)
    else if (kept.length > 0) lines.push(`${name}: ${kept.join(",")}`)
  }
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1")
}

/**
 * Serves a request as if it had offered no other protocol, body and following requests included (RFC 9110, 7.8). Node 20
 * takes the socket of each such request out of its HTTP server; it is given back, with what was read from it before it, when
 * the requests before on the same connection are answered. A newer Node asks `shouldUpgradeCallback` first and never comes here.
 */
export const servingWithoutUpgrade = (server: Server) => {
  const unanswered = new WeakMap<Duplex, Set<ServerResponse>>()
  server.on("request", ({ socket }, response) => {
    const responses = unanswered.get(socket) ?? new Set()
    unanswered.set(socket, responses.add(response))
    response.once("close", () => responses.delete(response))
  })
  return (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const last = [...(unanswered.get(socket) ?? [])].at(-1)
    // Until then a reset of the connection is nobody's event, and would end the process.
    const lost = () => socket.destroy()
    const giveBack = () => {
      socket.off("error", lost)
      if (socket.destroyed) return
      // The pause that the answer before may take to be followed by a request is over.
      if (socket instanceof Socket) socket.setTimeout(0)
      socket.unshift(Buffer.concat([headWithoutUpgrade(request), head]))
      server.emit("connection", socket)
    }
    socket.on("error", lost)
    if (last === undefined) giveBack()
    else last.once("close", giveBack)
  }
}

/** Answers an upgrade with an ordinary error, and closes the connection. */
export const refuseUpgrade = (socket: Duplex, status: string, message: string): void => {
  const body = JSON.stringify({ message })
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nCache-Control: no-store\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

/** The target of an upgrade, in either form; undefined when it is no address. */
export const targetOf = ({ url = "/" }: IncomingMessage): URL | undefined => {
  const text = url.startsWith("/") ? `http://localhost${url}` : url
  return URL.canParse(text) ? new URL(text) : undefined
}
