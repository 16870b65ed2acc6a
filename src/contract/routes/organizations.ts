import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { Conflict, Forbidden, NotFound } from "../errors.ts"
import { SetRolesRequest } from "../identity.ts"
import { TokenScope } from "./access.ts"
import {
  CreateOrganizationRequest,
  Organization,
  OrganizationMember,
  PaginatedMembers,
  UpdateOrganizationRequest,
  UpdateWorkspaceSharingRequest,
  WorkspaceSharing,
} from "../organizations.ts"

/** An id, a name, or `default`. */
const OrganizationPath = Schema.Struct({ organization: Schema.String })
const MemberPath = Schema.Struct({ organization: Schema.String, user: Schema.String })
const Page = Schema.Struct({
  q: Schema.optional(Schema.String.pipe(Schema.maxLength(200))),
  limit: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(0, 1000))),
  offset: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative())),
})

/** Organizations and who belongs to them. */
export const OrganizationsRoutes = HttpApiGroup.make("organizations")
  .annotate(TokenScope, "organization")
  .add(HttpApiEndpoint.get("listOrganizations", "/organizations").addSuccess(Schema.Array(Organization)))
  .add(
    HttpApiEndpoint.post("createOrganization", "/organizations")
      .setPayload(CreateOrganizationRequest)
      .addSuccess(Organization, { status: 201 })
      .addError(Forbidden)
      .addError(Conflict),
  )
  .add(
    HttpApiEndpoint.get("getOrganization", "/organizations/:organization")
      .setPath(OrganizationPath)
      .addSuccess(Organization)
      .addError(NotFound)
      .addError(Forbidden),
  )
  .add(
    HttpApiEndpoint.patch("updateOrganization", "/organizations/:organization")
      .setPath(OrganizationPath)
      .setPayload(UpdateOrganizationRequest)
      .addSuccess(Organization)
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
  .add(
    HttpApiEndpoint.del("deleteOrganization", "/organizations/:organization")
      .setPath(OrganizationPath)
      .addSuccess(Schema.Void)
      .addError(Forbidden)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.get("getWorkspaceSharing", "/organizations/:organization/settings/workspace-sharing")
      .setPath(OrganizationPath)
      .addSuccess(WorkspaceSharing)
      .addError(NotFound)
      .addError(Forbidden),
  )
  .add(
    HttpApiEndpoint.patch("updateWorkspaceSharing", "/organizations/:organization/settings/workspace-sharing")
      .setPath(OrganizationPath)
      .setPayload(UpdateWorkspaceSharingRequest)
      .addSuccess(WorkspaceSharing)
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
  .add(
    HttpApiEndpoint.get("listMembers", "/organizations/:organization/members")
      .setPath(OrganizationPath)
      .addSuccess(Schema.Array(OrganizationMember))
      .addError(Forbidden)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.get("pageMembers", "/organizations/:organization/paginated-members")
      .setPath(OrganizationPath)
      .setUrlParams(Page)
      .addSuccess(PaginatedMembers)
      .addError(Forbidden)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.post("addMember", "/organizations/:organization/members/:user")
      .setPath(MemberPath)
      .addSuccess(OrganizationMember)
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
  .add(
    HttpApiEndpoint.del("removeMember", "/organizations/:organization/members/:user")
      .setPath(MemberPath)
      .addSuccess(Schema.Void)
      .addError(Forbidden)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.put("setMemberRoles", "/organizations/:organization/members/:user/roles")
      .setPath(MemberPath)
      .setPayload(SetRolesRequest)
      .addSuccess(OrganizationMember)
      .addError(Forbidden)
      .addError(NotFound),
  )
