import type { TokensRoutes } from "../routes/tokens.ts"
import { PLACEHOLDERS, type Reference } from "./reference.ts"
import { NO_SUCH_USER } from "./words.ts"

const NO_SUCH_KEY = "There is no such session or token of this user, or you may not see it."
const NOT_YOURS = "You may see it and not end it."

export const tokensReference: Reference<typeof TokensRoutes> = {
  title: "Sessions and API tokens",
  about: "Where an account is signed in, and the tokens by which programs act for it.",
  endpoints: {
    listSessions: {
      summary: "List the sessions of a user",
      description:
        "Where it is signed in, newest first, with address and browser; the one of this call is marked `current`.",
      permission: "api_key:update",
      refusals: { 404: NO_SUCH_USER },
      example: { path: { user: "me" } },
    },
    endOtherSessions: {
      summary: "Sign a user out everywhere else",
      description: "Ends all its sessions but the one of this call. API tokens go on.",
      permission: "api_key:update",
      refusals: { 403: NOT_YOURS, 404: NO_SUCH_USER },
      example: { path: { user: "me" } },
    },
    listTokens: {
      summary: "List the API tokens of a user",
      description: "Names, scopes and times, newest first. The token itself was told once and is not kept.",
      permission: "api_key:update",
      refusals: { 404: NO_SUCH_USER },
      query: {
        include_all: "`true`: those of everybody, for owners of the deployment.",
        include_expired: "`true`: also those that are over.",
      },
      example: { path: { user: "me" }, urlParams: { include_expired: "true" } },
    },
    createToken: {
      summary: "Create an API token",
      description:
        "The answer tells the token once. It acts as its user, as far as its scopes go: `all` is everything but approving, `chat:read` and the like are one action, `approve` lets it decide what tools may do. A token makes none that may do more than itself. Owners make one for a service account.",
      permission: "api_key:update",
      refusals: {
        403: "You may see this account and not make a token for it, or it would do more than yours.",
        404: NO_SUCH_USER,
        409: "The user has a token of this name, or the Idempotency-Key was used before.",
      },
      secrets: ["key"],
      fields: {
        token_name: "What it is called; one of each name. Left out, one is made up.",
        lifetime: "In nanoseconds.",
        lifetime_days: "In days; at most what the deployment allows. Left out, 30.",
        scope: "The older form of one scope.",
        scopes: "What of the user's rights it has. Left out, `all`.",
      },
      example: { path: { user: "me" }, payload: { token_name: "nightly", lifetime_days: 7, scopes: ["chat:read"] } },
    },
    getTokenConfig: {
      summary: "Get what an API token may be",
      description: "The longest lifetime, in nanoseconds, and the scopes that there are.",
      permission: "session",
      refusals: { 404: NO_SUCH_USER },
      example: { path: { user: "me" } },
    },
    getTokenByName: {
      summary: "Get an API token by its name",
      description: "Scopes and times of the token of this name. The token itself is not kept.",
      permission: "api_key:update",
      refusals: { 404: NO_SUCH_KEY },
      example: { path: { user: "me", name: "nightly-build" } },
    },
    getKey: {
      summary: "Get a session or an API token",
      description: "When it was made and used last, and until when it is good.",
      permission: "api_key:update",
      refusals: { 403: NOT_YOURS, 404: NO_SUCH_KEY },
      example: { path: { user: "me", key: PLACEHOLDERS.key.value } },
    },
    deleteKey: {
      summary: "End a session or an API token",
      description: "It signs nobody in from now on, and streams that it opened end.",
      permission: "api_key:update",
      refusals: { 403: NOT_YOURS, 404: NO_SUCH_KEY },
      example: { path: { user: "me", key: PLACEHOLDERS.key.value } },
    },
    expireKey: {
      summary: "End an API token and keep its row",
      description: "It signs nobody in from now on, and stays in the list of those that are over for 90 days.",
      permission: "api_key:update",
      refusals: { 403: NOT_YOURS, 404: NO_SUCH_KEY },
      example: { path: { user: "me", key: PLACEHOLDERS.key.value } },
    },
  },
}
