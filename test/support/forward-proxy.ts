import { createServer, type IncomingMessage, request, type Server } from "node:http"
import { connect, type Socket } from "node:net"

/**
 * An HTTP proxy as companies have them, on loopback: requests in absolute form for http, tunnels (CONNECT) for the rest. It
 * alone knows where the made-up host names of a test lead.
 */
export interface ForwardProxy {
  readonly url: string
  /** What was asked of it: "CONNECT host:port", or a method and a whole URL. */
  readonly asked: Array<string>
  /** The `Proxy-Authorization` of each of these. */
  readonly authorizations: Array<string | undefined>
  readonly close: () => Promise<void>
}

/** `hosts`: port on loopback of each host name that it knows. With `status`, it refuses everything with that. */
export const startForwardProxy = async (
  hosts: Readonly<Record<string, () => number>>,
  status?: number,
): Promise<ForwardProxy> => {
  const asked: Array<string> = []
  const authorizations: Array<string | undefined> = []
  const sockets = new Set<Socket>()
  const note = (incoming: IncomingMessage) => {
    asked.push(`${incoming.method} ${incoming.url}`)
    authorizations.push(incoming.headers["proxy-authorization"])
  }
  const server: Server = createServer((incoming, outgoing) => {
    note(incoming)
    const target = new URL(incoming.url ?? "", "http://origin.form")
    const port = hosts[target.hostname]?.()
    if (status !== undefined || port === undefined) return void outgoing.writeHead(status ?? 502).end()
    const { method, headers } = incoming
    const onward = request({ port, host: "127.0.0.1", path: target.pathname, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on("error", () => outgoing.destroy())
    return void incoming.pipe(onward)
  })
  server.on("connection", (socket) => sockets.add(socket))
  server.on("connect", (incoming: IncomingMessage, socket: Socket) => {
    note(incoming)
    const port = hosts[(incoming.url ?? "").replace(/:\d+$/, "")]?.()
    if (status !== undefined || port === undefined) {
      return void socket.end(`HTTP/1.1 ${status ?? 502} Refused\r\nContent-Length: 0\r\n\r\n`)
    }
    const onward = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n")
      socket.pipe(onward).pipe(socket)
    })
    sockets.add(onward)
    for (const end of [socket, onward]) end.on("error", () => end.destroy())
    return undefined
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    authorizations,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
