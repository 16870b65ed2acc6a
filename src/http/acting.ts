import type { IncomingMessage } from "node:http"
import { type Acting, NOBODY } from "../identity/origin.ts"
import type { Session } from "../identity/sessions.ts"

/** Who is behind a request, for the record. What is not known of where it came from is left out. */
export const actingBy = (
  session: Session | undefined,
  { headers }: Pick<IncomingMessage, "headers">,
  from: Partial<Pick<Acting, "requestId" | "ip">> = {},
): Acting => {
  const token = session?.kind === "token"
  return {
    ...NOBODY,
    ...(session !== undefined && {
      kind: session.caller.serviceAccount === true ? "service_account" : token ? "token" : "person",
      userId: session.caller.userId,
      username: session.caller.username,
      tokenId: token ? session.keyId : null,
    }),
    ...from,
    userAgent: headers["user-agent"]?.slice(0, 256) ?? null,
  }
}
