import { createHash, randomBytes } from "node:crypto"
import type { IncomingHttpHeaders } from "node:http"
import type { EncryptionService } from "../db/engine/encryption.ts"
import { type Cookie, cookieIn } from "./cookies.ts"

/**
 * What a browser keeps of having signed in to an account: `<id>.<digest>`, one cookie for each account. It opens nothing; with
 * it, wrong tries of strangers do not delay the next sign-in. The digest can be checked by each process with the same key ring.
 */

/** As long as browsers keep a cookie at most. */
const MAX_AGE_SECONDS = 400 * 24 * 60 * 60

/** An e-mail address may hold what the name of a cookie may not. */
const cookieName = (email: string) =>
  `troupe_device_${createHash("sha256").update(email.toLowerCase()).digest("hex").slice(0, 16)}`

const claimOf = (id: string, email: string) => `device ${id} of ${email.toLowerCase()}`

/** The id of the browser; undefined when it has not signed in to this account, or long ago. */
export const knownDeviceOf = (
  encryption: EncryptionService,
  headers: IncomingHttpHeaders,
  email: string,
): string | undefined => {
  const [, id, digest] = /^([\w-]{22})\.(.+)$/.exec(cookieIn(headers, cookieName(email)) ?? "") ?? []
  return id !== undefined && digest !== undefined && encryption.isDigestOf(digest, claimOf(id, email)) ? id : undefined
}

/** For a browser that has just signed in; one that was known keeps its id. */
export const deviceCookie = (encryption: EncryptionService, email: string, known: string | undefined): Cookie => {
  const id = known ?? randomBytes(16).toString("base64url")
  return {
    name: cookieName(email),
    value: `${id}.${encryption.digest(claimOf(id, email))}`,
    maxAgeSeconds: MAX_AGE_SECONDS,
  }
}
