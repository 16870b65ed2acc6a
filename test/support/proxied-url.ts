import type { Server } from "node:net"

/** The URL of a database, for a client that is to reach it through this server on loopback. */
export const proxiedUrl = (target: string, server: Server): string => {
  const url = new URL(target)
  const address = server.address()
  // The folder of a Unix socket stands in the query.
  url.searchParams.delete("host")
  url.host = `127.0.0.1:${typeof address === "object" ? address?.port : ""}`
  return url.href
}
