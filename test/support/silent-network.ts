import net from "node:net"
import { afterAll, beforeAll } from "vitest"
import { proxiedUrl } from "./proxied-url.ts"

/** The way to a Postgres server over TCP, which can forget connections: neither end hears of the other again, or of an end. */
export interface SilentNetwork {
  /** For a client that is to go this way. */
  readonly url: string
  /** Forgets the connections that there are, and answers how many; new ones work. */
  readonly silence: () => number
}

interface Pair {
  readonly near: net.Socket
  readonly far: net.Socket
}

/** The folder of a Unix socket stands in the query of the URL. */
const dial = ({ hostname, port, searchParams }: URL): net.Socket => {
  const folder = searchParams.get("host")
  return folder === null ? net.connect(Number(port || 5432), hostname) : net.connect(`${folder}/.s.PGSQL.${port}`)
}

const pipe = ({ near, far }: Pair) => {
  near.pipe(far)
  far.pipe(near)
}

const forget = ({ near, far }: Pair) => {
  near.unpipe(far)
  far.unpipe(near)
  near.pause()
  far.pause()
}

/** For the test file that calls this at its top level, after the server has its place; `target` is read when it is needed. */
export const useSilentNetwork = (target: () => string): SilentNetwork => {
  const pairs = new Set<Pair>()
  const forgotten = new Set<Pair>()
  const end = (pair: Pair) => {
    pairs.delete(pair)
    pair.near.destroy()
    pair.far.destroy()
  }
  const server = net.createServer((near) => {
    const pair = { near, far: dial(new URL(target())) }
    pairs.add(pair)
    pipe(pair)
    for (const socket of [pair.near, pair.far]) {
      socket.on("error", () => undefined)
      // The other end is not told of the end of one that was forgotten.
      socket.on("close", () => void (forgotten.has(pair) || end(pair)))
    }
  })
  beforeAll(() => new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve)))
  afterAll(() => {
    for (const pair of [...pairs, ...forgotten]) end(pair)
    server.close()
  })

  return {
    get url() {
      return proxiedUrl(target(), server)
    },
    silence: () => {
      const silenced = [...pairs]
      for (const pair of silenced) {
        forget(pair)
        pairs.delete(pair)
        forgotten.add(pair)
      }
      return silenced.length
    },
  }
}
