import net from "node:net"
import pg from "pg"
import { afterAll, beforeAll } from "vitest"
import { proxiedUrl } from "./proxied-url.ts"

/**
 * A pooler between us and a Postgres server, of the kind that gives each transaction another of its connections: whatever a
 * statement leaves on one of them, the next does not find it.
 */
export interface TransactionPooler {
  /** For a client that is to go this way. */
  readonly url: string
}

const AUTHENTICATION_OK = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0])
/** Ends the connection of a client, and none of the pooler's. */
const TERMINATE = 0x58
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])

/** Calls `onReady` with the state of the transaction at the end of each exchange. */
const readyWatch = (onReady: (idle: boolean) => void) => {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 5 && rest.length > rest.readUInt32BE(1)) {
      const end = rest.readUInt32BE(1) + 1
      if (rest[0] === 0x5a) onReady(rest[5] === 0x49)
      rest = rest.subarray(end)
    }
  }
}

/** A connection of the pooler to the server, from which nobody reads yet. */
const openFar = async (url: string): Promise<net.Socket> => {
  const client = new pg.Client({ connectionString: url })
  client.on("error", () => undefined)
  await client.connect()
  const { stream } = client.connection
  stream.removeAllListeners()
  if (!(stream instanceof net.Socket)) throw new Error("The connection is not a socket")
  stream.on("error", () => undefined)
  return stream
}

/** For the test file that calls this at its top level, after the server has its place. */
export const useTransactionPooler = (target: () => string, connections: number): TransactionPooler => {
  const sockets = new Set<net.Socket>()
  const fars: Array<net.Socket> = []
  let turn = 0

  const server = net.createServer((near) => {
    sockets.add(near)
    near.on("error", () => undefined)
    let current: net.Socket | undefined
    let started = false
    near.on("data", (chunk) => {
      if (!started) {
        started = true
        near.write(Buffer.concat([AUTHENTICATION_OK, READY]))
        return
      }
      if (chunk[0] === TERMINATE) return void near.end()
      if (current === undefined) {
        const far = fars[turn++ % fars.length]
        if (far === undefined) return void near.destroy()
        current = far
        const watch = readyWatch((idle) => {
          if (!idle) return
          current = undefined
          far.removeAllListeners("data")
        })
        far.on("data", (answer: Buffer) => {
          near.write(answer)
          watch(answer)
        })
      }
      current.write(chunk)
    })
  })

  beforeAll(async () => {
    for (let count = 0; count < connections; count++) fars.push(await openFar(target()))
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve))
  })
  afterAll(() => {
    for (const socket of [...sockets, ...fars]) socket.destroy()
    server.close()
  })

  return {
    get url() {
      return proxiedUrl(target(), server)
    },
  }
}
