import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { Conflict, Forbidden, NotFound, TooMany, Unauthorized } from "../errors.ts"
import {
  CreateFirstUserRequest,
  CreateFirstUserResponse,
  FirstUserState,
  LoginRequest,
  LoginResponse,
  Organization,
  User,
} from "../identity.ts"
import { EndsSession, Public, ReceiptBy } from "./access.ts"

export const UsersRoutes = HttpApiGroup.make("users")
  .add(HttpApiEndpoint.get("firstUserState", "/users/first").addSuccess(FirstUserState).annotate(Public, true))
  .add(
    HttpApiEndpoint.post("createFirstUser", "/users/first")
      .setPayload(CreateFirstUserRequest)
      .addSuccess(CreateFirstUserResponse, { status: 201 })
      .addError(Forbidden)
      .addError(Conflict)
      .annotate(Public, true)
      .annotate(ReceiptBy, "handler"),
  )
  .add(
    HttpApiEndpoint.post("login", "/users/login")
      .setPayload(LoginRequest)
      .addSuccess(LoginResponse, { status: 201 })
      .addError(Unauthorized)
      .addError(Conflict)
      .addError(TooMany)
      .annotate(Public, true)
      .annotate(ReceiptBy, "handler"),
  )
  .add(HttpApiEndpoint.post("logout", "/users/logout").addSuccess(Schema.Void).annotate(EndsSession, true))
  .add(
    HttpApiEndpoint.get("getUser", "/users/:user")
      .setPath(Schema.Struct({ user: Schema.String }))
      .addSuccess(User)
      .addError(NotFound),
  )
  .add(HttpApiEndpoint.get("listOrganizations", "/organizations").addSuccess(Schema.Array(Organization)))
