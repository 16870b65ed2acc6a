import type { OrganizationsRoutes } from "../routes/organizations.ts"
import { PLACEHOLDERS, type Reference } from "./reference.ts"
import { NO_SUCH_ORGANIZATION } from "./words.ts"

const path = { organization: PLACEHOLDERS.organization.value }
const member = { organization: "default", user: PLACEHOLDERS.user.value }
const NOT_YOURS = "You may see the organization and not do this in it."

export const organizationsReference: Reference<typeof OrganizationsRoutes> = {
  title: "Organizations",
  about: "What chats and workspaces belong to, and who belongs to it.",
  endpoints: {
    listOrganizations: {
      summary: "List the organizations that you can see",
      description: "Your own; all of them for those who administer users. A chat is made in one of them.",
      permission: "session",
      refusals: {},
      example: {},
    },
    createOrganization: {
      summary: "Create an organization",
      description: "Whoever makes it is its first member.",
      permission: "organization:create",
      refusals: { 403: "Only owners may add an organization.", 409: "Another one has this name." },
      fields: {
        name: "Letters and digits with single dashes between; at most 32 characters. It stands in addresses.",
        display_name: "What people call it. Left out, its name.",
        description: "At most 512 characters.",
        icon: "Path of an icon of this server.",
      },
      example: { payload: { name: "research", display_name: "Research" } },
    },
    getOrganization: {
      summary: "Get an organization",
      description: "Its names and what it is for.",
      permission: "organization:read",
      refusals: { 403: NOT_YOURS, 404: NO_SUCH_ORGANIZATION },
      example: { path },
    },
    updateOrganization: {
      summary: "Change an organization",
      description: "What is left out stays as it is.",
      permission: "organization:update",
      refusals: { 403: NOT_YOURS, 404: NO_SUCH_ORGANIZATION, 409: "Another one has this name." },
      fields: {
        name: "Letters and digits with single dashes between; at most 32 characters.",
        display_name: "What people call it.",
        description: "At most 512 characters.",
        icon: "Path of an icon of this server.",
      },
      example: { path, payload: { description: "Where things are found out" } },
    },
    deleteOrganization: {
      summary: "Delete an organization",
      description:
        "Nobody is a member any more and its name is free; its chats stay, for history and cost. Not the default organization.",
      permission: "organization:create",
      refusals: { 403: "Only owners may delete an organization.", 404: NO_SUCH_ORGANIZATION },
      example: { path },
    },
    getWorkspaceSharing: {
      summary: "Get who may share workspaces",
      description: "The setting of the organization, and whether the deployment has switched sharing off.",
      permission: "organization:read",
      refusals: { 403: NOT_YOURS, 404: NO_SUCH_ORGANIZATION },
      example: { path },
    },
    updateWorkspaceSharing: {
      summary: "Set who may share workspaces",
      description: "Shares that the new setting does not allow end, and do not come back with the old one.",
      permission: "organization:update",
      refusals: { 403: NOT_YOURS, 404: NO_SUCH_ORGANIZATION, 409: "Not as things are." },
      fields: {
        shareable_workspace_owners: "`none`, `everyone` or `service_accounts`.",
        sharing_disabled: "The older form: true is `none`, false is `everyone`.",
      },
      example: { path, payload: { shareable_workspace_owners: "everyone" } },
    },
    listMembers: {
      summary: "List all members of an organization",
      description: "With their roles there and in the deployment, by username.",
      permission: "organization_member:read",
      refusals: { 403: NOT_YOURS, 404: NO_SUCH_ORGANIZATION },
      example: { path },
    },
    pageMembers: {
      summary: "List members of an organization by pages",
      description: "With their roles, by username, and how many there are in all.",
      permission: "organization_member:read",
      refusals: { 403: NOT_YOURS, 404: NO_SUCH_ORGANIZATION },
      query: {
        q: "A piece of username, address or name.",
        limit: "How many at most: up to 1000, 0 for all of them. Left out, 100.",
        offset: "How many to pass over.",
      },
      example: { path, urlParams: { limit: 20 } },
    },
    addMember: {
      summary: "Add a member to an organization",
      description: "A person is given the role agents-access there, a service account none.",
      permission: "organization_member:update",
      refusals: {
        403: NOT_YOURS,
        404: "There is no such organization or user, or you may not see it.",
        409: "The account is a member already.",
      },
      example: { path: member },
    },
    removeMember: {
      summary: "Remove a member from an organization",
      description: "Out of its groups, too: nothing there is seen or done by it any more. Not for oneself.",
      permission: "organization_member:update",
      refusals: { 403: NOT_YOURS, 404: "There is no such organization or member, or you may not see it." },
      example: { path: member },
    },
    setMemberRoles: {
      summary: "Set a member's roles in an organization",
      description:
        "All that it has there afterwards. Each role that is given or taken must be one that you may give. Not one's own.",
      permission: "assign_org_role:assign",
      refusals: { 403: NOT_YOURS, 404: "There is no such organization or member, or you may not see it." },
      fields: { roles: "Names of built-in or custom roles of the organization." },
      example: { path: member, payload: { roles: ["agents-access"] } },
    },
  },
}
