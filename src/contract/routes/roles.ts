import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { Conflict, Forbidden, NotFound } from "../errors.ts"
import { AssignableRole, AuthorizationRequest, AuthorizationResponse, CustomRoleRequest } from "../roles.ts"
import { TokenScope } from "./access.ts"

const OrganizationPath = Schema.Struct({ organization: Schema.String })

/** Roles of the deployment and of organizations, and the question whether one may. */
export const RolesRoutes = HttpApiGroup.make("roles")
  .annotate(TokenScope, "assign_org_role")
  .add(
    HttpApiEndpoint.get("listSiteRoles", "/users/roles")
      .addSuccess(Schema.Array(AssignableRole))
      .addError(Forbidden)
      .annotate(TokenScope, "assign_role"),
  )
  .add(
    HttpApiEndpoint.post("createSiteRole", "/users/roles")
      .setPayload(CustomRoleRequest)
      .addSuccess(AssignableRole, { status: 201 })
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict)
      .annotate(TokenScope, "assign_role"),
  )
  .add(
    HttpApiEndpoint.put("updateSiteRole", "/users/roles")
      .setPayload(CustomRoleRequest)
      .addSuccess(AssignableRole)
      .addError(Forbidden)
      .addError(NotFound)
      .annotate(TokenScope, "assign_role"),
  )
  .add(
    HttpApiEndpoint.del("deleteSiteRole", "/users/roles/:role")
      .setPath(Schema.Struct({ role: Schema.String }))
      .addSuccess(Schema.Void)
      .addError(Forbidden)
      .addError(NotFound)
      .annotate(TokenScope, "assign_role"),
  )
  .add(
    HttpApiEndpoint.get("listOrganizationRoles", "/organizations/:organization/members/roles")
      .setPath(OrganizationPath)
      .addSuccess(Schema.Array(AssignableRole))
      .addError(Forbidden)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.post("createOrganizationRole", "/organizations/:organization/members/roles")
      .setPath(OrganizationPath)
      .setPayload(CustomRoleRequest)
      .addSuccess(AssignableRole, { status: 201 })
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
  .add(
    HttpApiEndpoint.put("updateOrganizationRole", "/organizations/:organization/members/roles")
      .setPath(OrganizationPath)
      .setPayload(CustomRoleRequest)
      .addSuccess(AssignableRole)
      .addError(Forbidden)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.del("deleteOrganizationRole", "/organizations/:organization/members/roles/:role")
      .setPath(Schema.Struct({ organization: Schema.String, role: Schema.String }))
      .addSuccess(Schema.Void)
      .addError(Forbidden)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.post("checkAuthorization", "/authcheck")
      .setPayload(AuthorizationRequest)
      .addSuccess(AuthorizationResponse)
      .annotate(TokenScope, "any"),
  )
