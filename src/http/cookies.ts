import type { IncomingHttpHeaders } from "node:http"

/** Undefined when the browser has none of this name, or an empty one. */
export const cookieIn = (headers: IncomingHttpHeaders, wanted: string): string | undefined => {
  for (const pair of (headers.cookie ?? "").split(";")) {
    const [name, ...value] = pair.split("=")
    if (name?.trim() === wanted) return value.join("=").trim() || undefined
  }
  return undefined
}

export interface Cookie {
  readonly name: string
  readonly value: string
  /** Undefined: until the browser is closed. */
  readonly maxAgeSeconds?: number
}

/** A `Set-Cookie` header. Not readable by scripts; `Secure` wherever users come by https. */
export const setCookie = ({ name, value, maxAgeSeconds }: Cookie, accessUrl: string | undefined): string => {
  const secure = accessUrl?.startsWith("https:") === true ? "; Secure" : ""
  const maxAge = maxAgeSeconds === undefined ? "" : `; Max-Age=${maxAgeSeconds}`
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}${maxAge}`
}
