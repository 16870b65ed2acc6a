import type { RolesRoutes } from "../routes/roles.ts"
import { PLACEHOLDERS, type Reference } from "./reference.ts"
import { NO_SUCH_ORGANIZATION } from "./words.ts"

const organization = PLACEHOLDERS.organization.value
const FORBIDDEN = "You may not make or change roles here, or the role would allow more than you may do."
const NO_SUCH_ROLE = "There is no such role here, or you may not see it."
const fields = {
  name: "Small letters and digits with single dashes between; at most 64 characters.",
  display_name: "What people call it.",
  site_permissions: "On everything in the deployment. Of a role of the deployment only.",
  user_permissions: "On what one has outside of organizations. Of a role of the deployment only.",
  organization_permissions: "On everything in the organization. Of a role of an organization only.",
  organization_member_permissions: "On what one has oneself in the organization. Of a role of an organization only.",
}
const reads = (resource_type: string) => [{ negate: false, resource_type, action: "read" }]

export const rolesReference: Reference<typeof RolesRoutes> = {
  title: "Roles and permissions",
  about: "Which roles there are, what they allow, and whether one may.",
  endpoints: {
    listSiteRoles: {
      summary: "List the roles of the deployment",
      description: "Built-in and custom ones with all that they allow and refuse, each with whether you may give it.",
      permission: "session",
      refusals: { 403: "You may not see the roles of the deployment." },
      example: {},
    },
    createSiteRole: {
      summary: "Create a role of the deployment",
      description:
        "Each permission is one action on one kind of thing; `negate` refuses it, which outweighs what is allowed.",
      permission: "assign_role:assign",
      refusals: { 403: FORBIDDEN, 404: NO_SUCH_ROLE, 409: "There is a role of this name." },
      fields,
      example: { payload: { name: "user-reader", site_permissions: reads("user") } },
    },
    updateSiteRole: {
      summary: "Change a role of the deployment",
      description: "All that it allows and refuses afterwards. It counts at once for everybody who has it.",
      permission: "assign_role:assign",
      refusals: { 403: FORBIDDEN, 404: NO_SUCH_ROLE },
      fields,
      example: { payload: { name: "group-reader", site_permissions: reads("group") } },
    },
    deleteSiteRole: {
      summary: "Delete a role of the deployment",
      description: "Nobody has it any more. Built-in roles cannot be deleted.",
      permission: "assign_role:assign",
      refusals: { 403: FORBIDDEN, 404: NO_SUCH_ROLE },
      example: { path: { role: "group-reader" } },
    },
    listOrganizationRoles: {
      summary: "List the roles of an organization",
      description: "Built-in and custom ones with all that they allow and refuse, each with whether you may give it.",
      permission: "organization:read",
      refusals: { 403: "You may not see roles there.", 404: NO_SUCH_ORGANIZATION },
      example: { path: { organization } },
    },
    createOrganizationRole: {
      summary: "Create a role of an organization",
      description:
        "Each permission is one action on one kind of thing; `negate` refuses it, which outweighs what is allowed.",
      permission: "assign_org_role:create",
      refusals: { 403: FORBIDDEN, 404: NO_SUCH_ORGANIZATION, 409: "There is a role of this name." },
      fields,
      example: { path: { organization }, payload: { name: "chat-reader", organization_permissions: reads("chat") } },
    },
    updateOrganizationRole: {
      summary: "Change a role of an organization",
      description: "All that it allows and refuses afterwards. It counts at once for everybody who has it.",
      permission: "assign_org_role:create",
      refusals: { 403: FORBIDDEN, 404: NO_SUCH_ROLE },
      fields,
      example: { path: { organization }, payload: { name: "group-reader", organization_permissions: reads("group") } },
    },
    deleteOrganizationRole: {
      summary: "Delete a role of an organization",
      description: "No member has it any more. Built-in roles cannot be deleted.",
      permission: "assign_org_role:create",
      refusals: { 403: FORBIDDEN, 404: NO_SUCH_ROLE },
      example: { path: { organization, role: "group-reader" } },
    },
    checkAuthorization: {
      summary: "Ask whether you may",
      description:
        "Any number of questions by names of yours, up to 100, answered with true or false. The object is told by its facts, so that it need not be there: `owner_id` may be `me`.",
      permission: "session",
      refusals: {},
      fields: { checks: "By name: the `object` and the `action`." },
      example: {
        payload: {
          checks: {
            createChat: {
              object: { resource_type: "chat", owner_id: "me", organization_id: organization },
              action: "create",
            },
          },
        },
      },
    },
  },
}
