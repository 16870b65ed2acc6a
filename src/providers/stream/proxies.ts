import { BlockList, isIP } from "node:net"
import { hostname, networkInterfaces } from "node:os"

/**
 * Which proxy a request goes through, by the variables that curl and its kin read: `HTTPS_PROXY` for https, `HTTP_PROXY` for
 * http, and `NO_PROXY` for hosts whose requests go straight. Small letters win over capitals. This machine is never behind a proxy.
 */

export type Environment = Readonly<Record<string, string | undefined>>

const variable = (env: Environment, name: string): { readonly name: string; readonly value: string } | undefined => {
  for (const spelling of [name.toLowerCase(), name]) {
    const value = env[spelling]?.trim()
    // Set to nothing means: none, whatever the other spelling says.
    if (value !== undefined) return value === "" ? undefined : { name: spelling, value }
  }
  return undefined
}

const LOCAL_NAMES = /^(?:(?:.+\.)?localhost|localhost\.localdomain|ip6-localhost|ip6-loopback)$/

const local = new BlockList()
local.addSubnet("127.0.0.0", 8, "ipv4")
local.addAddress("0.0.0.0", "ipv4")
local.addAddress("::1", "ipv6")
local.addAddress("::", "ipv6")

const familyOf = (address: string): "ipv4" | "ipv6" => (isIP(address) === 6 ? "ipv6" : "ipv4")

/** A host as it is compared: small letters, no brackets, no dot at its end. `URL` has already written addresses in one way. */
const plainHost = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")

/** One of the addresses under which others reach this machine. They come and go, so they are asked for each time. */
const isOwnAddress = (host: string): boolean =>
  Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === host))

/** An IPv4 address that is written as an IPv6 one is that address (a block list knows it). */
const isLocal = (host: string): boolean =>
  isIP(host) === 0
    ? LOCAL_NAMES.test(host) || host === plainHost(hostname())
    : local.check(host, familyOf(host)) || isOwnAddress(host)

interface Exception {
  readonly host: string
  readonly port: string | undefined
}

/** `host`, `host:port`, `[::1]:port` or a bare IPv6 address. */
const exceptionOf = (entry: string): Exception => {
  const [, host = entry, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? []
  return { host: plainHost(host).replace(/^\*?\./, ""), port }
}

const isInNetwork = (host: string, network: string): boolean => {
  const [base = "", bits = ""] = network.split("/")
  if (isIP(base) === 0 || isIP(host) === 0 || !/^\d{1,3}$/.test(bits)) return false
  if (Number(bits) > (isIP(base) === 6 ? 128 : 32)) return false
  const list = new BlockList()
  list.addSubnet(base, Number(bits), familyOf(base))
  return list.check(host, familyOf(host))
}

const isException = (host: string, port: string, list: string): boolean =>
  list
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*" || isInNetwork(host, entry)) return true
      const exception = exceptionOf(entry)
      if (exception.host === "" || (exception.port !== undefined && exception.port !== port)) return false
      return host === exception.host || host.endsWith(`.${exception.host}`)
    })

/** The proxy for a URL, and the variable that names it; undefined where the request goes straight. `url` is not checked. */
export const proxyFor = (
  url: URL,
  env: Environment,
): { readonly url: string; readonly variable: string } | undefined => {
  const proxy = variable(env, url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY")
  if (proxy === undefined) return undefined
  const host = plainHost(url.hostname)
  const port = url.port !== "" ? url.port : url.protocol === "https:" ? "443" : "80"
  if (isLocal(host) || isException(host, port, variable(env, "NO_PROXY")?.value ?? "")) return undefined
  return { url: proxy.value.includes("://") ? proxy.value : `http://${proxy.value}`, variable: proxy.name }
}
