import { tappedFetch } from "./response-body.ts"

/**
 * Connections to providers, kept alive between the steps of a turn. Node's own limits on headers and body are off: the
 * silence timer of a call governs, and a model may think longer than five minutes.
 */

const openPool = async (): Promise<typeof fetch> => {
  // Through `default`: a bundler knows no other export of a module in the older format.
  const { default: undici } = await import("undici")
  const dispatcher = new undici.Agent({ headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000 })
  return tappedFetch(dispatcher)
}

let pool: Promise<typeof fetch> | undefined

export const providerFetch: typeof fetch = async (input, init) => (await (pool ??= openPool()))(input, init)

/** The SDKs' own time-out cannot be switched off; this is the longest a timer takes (24 days). */
export const NO_TIMEOUT_MS = 2_147_483_647

/** A cache of SDK clients, least recently used out first. Keys hold credentials and stay in memory. */
export const clientCache = <A>(size: number, create: (key: string) => Promise<A>): ((key: string) => Promise<A>) => {
  const clients = new Map<string, Promise<A>>()
  return (key) => {
    const client = clients.get(key) ?? create(key)
    clients.delete(key)
    clients.set(key, client)
    client.catch(() => clients.delete(key))
    if (clients.size > size) {
      const oldest = clients.keys().next()
      if (!oldest.done) clients.delete(oldest.value)
    }
    return client
  }
}
