import { type Body, isObject } from "./checks.ts"
import { refuseMessages } from "./messages.ts"
import type { Issued, RecordedRequest } from "./script.ts"

/** Which wire a path belongs to, and what of a request stands in its path. */

const PROTOCOLS: Readonly<Record<string, RecordedRequest["protocol"]>> = {
  "/v1/chat/completions": "chat",
  "/v1/responses": "responses",
  "/v1/messages": "messages",
}

/** The paths that name the model. */
const MODEL_PATHS: ReadonlyArray<readonly [RegExp, RecordedRequest["protocol"]]> = [
  [/^\/model\/([^/]+)\/invoke-with-response-stream$/, "bedrock"],
  [/^\/v1beta\/models\/([^/:]+):streamGenerateContent$/, "google"],
]

export interface Route {
  readonly protocol: RecordedRequest["protocol"]
  /** What the path says of the model. */
  readonly model: string | undefined
}

export const routeOf = (path: string): Route | undefined => {
  const protocol = PROTOCOLS[path]
  if (protocol !== undefined) return { protocol, model: undefined }
  return MODEL_PATHS.flatMap(([pattern, named]) => {
    const model = pattern.exec(path)?.[1]
    return model === undefined ? [] : [{ protocol: named, model: decodeURIComponent(model) }]
  })[0]
}

/** Bedrock takes the request of the Messages API, with its version in the body and the model in the path. */
export const refuseBedrock = (body: Body, issued: Issued): string | undefined => {
  const { anthropic_beta, anthropic_version, ...request } = body
  if (anthropic_version !== "bedrock-2023-05-31") return "anthropic_version: Field required"
  if (anthropic_beta !== undefined && !Array.isArray(anthropic_beta))
    return "anthropic_beta: Input should be a valid list"
  if ("stream" in request) return "stream: Extra inputs are not permitted"
  return refuseMessages({ ...request, stream: true }, "2023-06-01", issued)
}

/** An error in the form of the wire. */
export const errorBody = (protocol: RecordedRequest["protocol"], status: number, error: Body): Body => {
  switch (protocol) {
    case "messages":
      return { type: "error", error }
    case "bedrock":
      return { message: error["message"] }
    case "google":
      return { error: { code: status, message: error["message"], status: GOOGLE_STATUS[status] ?? "INTERNAL" } }
    default:
      return { error }
  }
}

const GOOGLE_STATUS: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  429: "RESOURCE_EXHAUSTED",
  503: "UNAVAILABLE",
}

/** The key of a request, in whichever header the wire has it; of a signed one the id of the key that signed. */
export const keyIn = (headers: RecordedRequest["headers"]): unknown => {
  const { authorization } = headers
  const signer = /^AWS4-HMAC-SHA256 Credential=([^/]+)/.exec(String(authorization))?.[1]
  const bearer = signer ?? (typeof authorization === "string" ? authorization.replace(/^Bearer /, "") : undefined)
  return headers["x-api-key"] ?? headers["x-goog-api-key"] ?? headers["api-key"] ?? bearer
}

export const withModel = (sent: unknown, model: string | undefined): Body => ({
  ...(isObject(sent) ? sent : {}),
  ...(model === undefined ? {} : { model }),
})
