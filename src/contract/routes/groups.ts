import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Schema } from "effect"
import { Conflict, Forbidden, NotFound } from "../errors.ts"
import { GroupId } from "../ids.ts"
import { CreateGroupRequest, Group, UpdateGroupRequest } from "../organizations.ts"
import { TokenScope } from "./access.ts"

const OrganizationPath = Schema.Struct({ organization: Schema.String })
const GroupPath = Schema.Struct({ group: GroupId })

/** Groups of an organization's members. That of everyone has the organization's id and cannot be changed. */
export const GroupsRoutes = HttpApiGroup.make("groups")
  .annotate(TokenScope, "group")
  .add(HttpApiEndpoint.get("listGroups", "/groups").addSuccess(Schema.Array(Group)))
  .add(
    HttpApiEndpoint.get("listOrganizationGroups", "/organizations/:organization/groups")
      .setPath(OrganizationPath)
      .addSuccess(Schema.Array(Group))
      .addError(Forbidden)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.post("createGroup", "/organizations/:organization/groups")
      .setPath(OrganizationPath)
      .setPayload(CreateGroupRequest)
      .addSuccess(Group, { status: 201 })
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
  .add(
    HttpApiEndpoint.get("getGroupByName", "/organizations/:organization/groups/:name")
      .setPath(Schema.Struct({ organization: Schema.String, name: Schema.String }))
      .addSuccess(Group)
      .addError(Forbidden)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.get("getGroup", "/groups/:group")
      .setPath(GroupPath)
      .setUrlParams(
        Schema.Struct({
          limit: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.between(0, 1000))),
          offset: Schema.optional(Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative())),
        }),
      )
      .addSuccess(Group)
      .addError(NotFound),
  )
  .add(
    HttpApiEndpoint.patch("updateGroup", "/groups/:group")
      .setPath(GroupPath)
      .setPayload(UpdateGroupRequest)
      .addSuccess(Group)
      .addError(Forbidden)
      .addError(NotFound)
      .addError(Conflict),
  )
  .add(
    HttpApiEndpoint.del("deleteGroup", "/groups/:group")
      .setPath(GroupPath)
      .addSuccess(Schema.Void)
      .addError(Forbidden)
      .addError(NotFound),
  )
