import { TransportRefusal } from "./transport-refusal.ts"

/**
 * Requests carry a key and what people wrote, so a redirect is followed only where both go anyway: to the same scheme, host
 * and port. Fetch would take them along to wherever an answer points.
 */

const REDIRECTS = new Set([301, 302, 303, 307, 308])
/** Those after which a request is sent again as it was. */
const KEEP_METHOD = new Set([307, 308])
const MAX_HOPS = 5

const elsewhere = (target: URL): TransportRefusal => {
  // Of a place that somebody else named, no more is shown than is needed to judge it.
  const place = target.origin === "null" ? `a ${target.protocol} address` : target.origin
  return new TransportRefusal(
    (name) =>
      `${name} redirects requests to ${place}, which was not followed. If that is the right place, set it as the provider's base URL.`,
    `Redirect to ${place}.`,
  )
}

const notRepeatable = (status: number, target: URL): TransportRefusal =>
  new TransportRefusal(
    (name) =>
      `${name} redirects requests in a way that loses what they hold. Set the address that it redirects to as the provider's base URL.`,
    `Redirect with status ${status} to ${target.origin}${target.pathname}.`,
  )

const leadsNowhere = (words: string): TransportRefusal =>
  new TransportRefusal(
    (name) => `${name} answered with a redirect that leads nowhere. Check the provider's base URL.`,
    words,
  )

const targetOf = (response: Response, from: URL): URL | undefined => {
  const location = response.headers.get("location")
  return location !== null && URL.canParse(location, from.href) ? new URL(location, from) : undefined
}

/**
 * A fetch that stays at the origin of its request. Wants the address and all the rest apart, as both SDKs give them. Rejects
 * with a TransportRefusal.
 */
export const withinOrigin =
  (inner: typeof fetch): typeof fetch =>
  async (input, init) => {
    let url = new URL(input instanceof Request ? input.url : input)
    const readsOnly = ["GET", "HEAD"].includes((init?.method ?? "GET").toUpperCase())
    for (let hops = 0; hops <= MAX_HOPS; hops++) {
      const response = await inner(hops === 0 ? input : url, { ...init, redirect: "manual" })
      if (!REDIRECTS.has(response.status)) return response
      await response.body?.cancel()
      const target = targetOf(response, url)
      if (target === undefined) throw leadsNowhere(`Redirect with status ${response.status} to no address.`)
      if (target.origin !== url.origin || target.username !== "" || target.password !== "") throw elsewhere(target)
      if (!readsOnly && !KEEP_METHOD.has(response.status)) throw notRepeatable(response.status, target)
      url = target
    }
    throw leadsNowhere(`More than ${MAX_HOPS} redirects, one after the other.`)
  }
