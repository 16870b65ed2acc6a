import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { Conflict, Forbidden, NotFound } from "../errors.ts"
import { ApiKey, CreateTokenRequest, CreateTokenResponse, TokenConfig } from "../tokens.ts"
import { ReceiptBy, TokenScope } from "./access.ts"

const UserPath = Schema.Struct({ user: Schema.String })
const KeyPath = Schema.Struct({ user: Schema.String, key: Schema.String })

/** Sessions and API tokens. */
export const TokensRoutes = HttpApiGroup.make("tokens")
  .annotate(TokenScope, "api_key")
  .add(
    HttpApiEndpoint.get("listSessions", "/users/:user/sessions")
      .setPath(UserPath)
      .addSuccess(Schema.Array(ApiKey))
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.del("endOtherSessions", "/users/:user/sessions")
      .setPath(UserPath)
      .addSuccess(Schema.Void)
      .addError(Forbidden)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.get("listTokens", "/users/:user/keys/tokens")
      .setPath(UserPath)
      .setUrlParams(
        Schema.Struct({
          include_all: Schema.optional(Schema.Literal("true", "false")),
          include_expired: Schema.optional(Schema.Literal("true", "false")),
        }),
      )
      .addSuccess(Schema.Array(ApiKey))
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.post("createToken", "/users/:user/keys/tokens")
      .setPath(UserPath)
      .setPayload(CreateTokenRequest)
      .addSuccess(CreateTokenResponse, { status: 201 })
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict)
      .annotate(ReceiptBy, "handler"),
  )
  .add(
    HttpApiEndpoint.get("getTokenConfig", "/users/:user/keys/tokens/tokenconfig")
      .setPath(UserPath)
      .addSuccess(TokenConfig)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.get("getTokenByName", "/users/:user/keys/tokens/:name")
      .setPath(Schema.Struct({ user: Schema.String, name: Schema.String }))
      .addSuccess(ApiKey)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.get("getKey", "/users/:user/keys/:key")
      .setPath(KeyPath)
      .addSuccess(ApiKey)
      .addError(Forbidden)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.del("deleteKey", "/users/:user/keys/:key")
      .setPath(KeyPath)
      .addSuccess(Schema.Void)
      .addError(Forbidden)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.put("expireKey", "/users/:user/keys/:key/expire")
      .setPath(KeyPath)
      .addSuccess(Schema.Void)
      .addError(Forbidden)
      .addError(NotFound),
  )
