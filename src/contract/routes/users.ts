import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { Conflict, Forbidden, NotFound, TooMany, Unauthorized } from "../errors.ts"
import {
  Appearance,
  ChangePasswordRequest,
  CreateFirstUserRequest,
  CreateFirstUserResponse,
  CreateUserRequest,
  FirstUserState,
  LoginRequest,
  LoginResponse,
  Preferences,
  SetRolesRequest,
  UpdateAppearanceRequest,
  UpdateProfileRequest,
  User,
  UserRoles,
  Users,
} from "../identity.ts"
import { UserId } from "../ids.ts"
import { Organization } from "../organizations.ts"
import { EndsSession, Public, ReceiptBy, TokenScope } from "./access.ts"

/** An id, a username, or `me`. */
const UserPath = Schema.Struct({ user: Schema.String })

export const UsersRoutes = HttpApiGroup.make("users")
  .annotate(TokenScope, "user")
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
      .addError(Forbidden)
      .addError(Conflict)
      .addError(TooMany)
      .annotate(Public, true)
      .annotate(ReceiptBy, "handler"),
  )
  .add(HttpApiEndpoint.post("logout", "/users/logout").addSuccess(Schema.Void).annotate(EndsSession, true))
  .add(
    HttpApiEndpoint.get("listUsers", "/users")
      .setUrlParams(
        Schema.Struct({
          q: Schema.optional(Schema.String.pipe(Schema.maxLength(1000))),
          limit: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(0, 1000))),
          offset: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative())),
          after_id: Schema.optional(UserId),
        }),
      )
      .addSuccess(Users)
      .addError(Forbidden),
  )
  .add(
    HttpApiEndpoint.post("createUser", "/users")
      .setPayload(CreateUserRequest)
      .addSuccess(User, { status: 201 })
      .addError(Forbidden)
      .addError(Conflict),
  )
  .add(HttpApiEndpoint.get("getUser", "/users/:user").setPath(UserPath).addSuccess(User).addError(NotFound))
  .add(
    HttpApiEndpoint.del("deleteUser", "/users/:user")
      .setPath(UserPath)
      .addSuccess(Schema.Void)
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
  .add(
    HttpApiEndpoint.put("updateUserProfile", "/users/:user/profile")
      .setPath(UserPath)
      .setPayload(UpdateProfileRequest)
      .addSuccess(User)
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
  .add(
    HttpApiEndpoint.put("suspendUser", "/users/:user/status/suspend")
      .setPath(UserPath)
      .addSuccess(User)
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
  .add(
    HttpApiEndpoint.put("activateUser", "/users/:user/status/activate")
      .setPath(UserPath)
      .addSuccess(User)
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
  .add(
    HttpApiEndpoint.put("changePassword", "/users/:user/password")
      .setPath(UserPath)
      .setPayload(ChangePasswordRequest)
      .addSuccess(Schema.Void)
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict)
      .addError(TooMany),
  )
  .add(
    HttpApiEndpoint.get("getUserRoles", "/users/:user/roles")
      .setPath(UserPath)
      .addSuccess(UserRoles)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.put("setUserRoles", "/users/:user/roles")
      .setPath(UserPath)
      .setPayload(SetRolesRequest)
      .addSuccess(User)
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
  .add(
    HttpApiEndpoint.get("listUserOrganizations", "/users/:user/organizations")
      .setPath(UserPath)
      .addSuccess(Schema.Array(Organization))
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.get("getUserAppearance", "/users/:user/appearance")
      .setPath(UserPath)
      .addSuccess(Appearance)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.put("setUserAppearance", "/users/:user/appearance")
      .setPath(UserPath)
      .setPayload(UpdateAppearanceRequest)
      .addSuccess(Appearance)
      .addError(Forbidden)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.get("getUserPreferences", "/users/:user/preferences")
      .setPath(UserPath)
      .addSuccess(Preferences)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.put("setUserPreferences", "/users/:user/preferences")
      .setPath(UserPath)
      .setPayload(Preferences)
      .addSuccess(Preferences)
      .addError(Forbidden)
      .addError(NotFound),
  )
