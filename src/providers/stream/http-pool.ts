import type { Dispatcher } from "undici"
import { withErrorBody } from "./error-body.ts"
import { type Environment, proxyFor } from "./proxies.ts"
import { withinOrigin } from "./redirects.ts"
import { tappedFetch } from "./response-body.ts"
import { TransportRefusal } from "./transport-refusal.ts"

/** Connections to providers, kept alive between the steps of a turn: straight ones, and those through a proxy. */

const CONNECTION = { keepAliveTimeout: 30_000 }

const notAProxy = (variable: string): TransportRefusal =>
  new TransportRefusal(
    (name) =>
      `${name} cannot be reached: the server's variable ${variable} is not the address of an http or https proxy.`,
    // The value may hold a password.
    `${variable} is not the address of a proxy.`,
  )

/** A fetch for a process with these variables; they are read again for each request. */
export const openPool = async (env: Environment): Promise<typeof fetch> => {
  // Through `default`: a bundler knows no other export of a module in the older format.
  const { default: undici } = await import("undici")
  const straight = new undici.Agent(CONNECTION)
  const proxies = new Map<string, Dispatcher>()
  const agentFor = (url: URL): Dispatcher => {
    const proxy = proxyFor(url, env)
    if (proxy === undefined) return straight
    const known = proxies.get(proxy.url)
    if (known !== undefined) return known
    if (!URL.canParse(proxy.url) || !/^https?:$/.test(new URL(proxy.url).protocol)) throw notAProxy(proxy.variable)
    // Plain http is asked of the proxy as it is: many open tunnels only to where TLS is spoken.
    const agent = new undici.ProxyAgent({ ...CONNECTION, uri: proxy.url, proxyTunnel: false })
    proxies.set(proxy.url, agent)
    return agent
  }
  const routed: Pick<Dispatcher, "dispatch"> = {
    dispatch: (options, handler) => agentFor(new URL(options.origin ?? "")).dispatch(options, handler),
  }
  return withErrorBody(withinOrigin(tappedFetch(routed)))
}

let pool: Promise<typeof fetch> | undefined

/** How each request to a provider goes out: through the proxy of the environment, never to another origin, errors whole. */
export const providerFetch: typeof fetch = async (input, init) => (await (pool ??= openPool(process.env)))(input, init)

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
