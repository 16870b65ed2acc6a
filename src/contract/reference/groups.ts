import type { GroupsRoutes } from "../routes/groups.ts"
import { PLACEHOLDERS, type Reference } from "./reference.ts"
import { NO_SUCH_GROUP, NO_SUCH_ORGANIZATION } from "./words.ts"

const path = { group: PLACEHOLDERS.group.value }
const organization = PLACEHOLDERS.organization.value
const NOT_YOURS = "You may see the group and not change it."

export const groupsReference: Reference<typeof GroupsRoutes> = {
  title: "Groups",
  about: "Members of an organization, to share with and to set limits for. That of everyone has the organization's id.",
  endpoints: {
    listGroups: {
      summary: "List the groups that you can see",
      description: "Of all organizations, without their members: those that you are in, and those that you may read.",
      permission: "session",
      refusals: {},
      example: {},
    },
    listOrganizationGroups: {
      summary: "List the groups of an organization",
      description: "That of everyone first, then by name, without their members.",
      permission: "group:read",
      refusals: { 403: "You may not see groups there.", 404: NO_SUCH_ORGANIZATION },
      example: { path: { organization } },
    },
    createGroup: {
      summary: "Create a group",
      description: "Empty at first; `PATCH /groups/{group}` puts members of the organization into it.",
      permission: "group:update",
      refusals: {
        403: "Only administrators of groups may do this.",
        404: NO_SUCH_ORGANIZATION,
        409: "Another group of the organization has this name.",
      },
      fields: {
        name: "Letters and digits with single dashes between; at most 32 characters.",
        display_name: "What people call it.",
        avatar_url: "A picture of it.",
      },
      example: { path: { organization }, payload: { name: "core", display_name: "Core" } },
    },
    getGroupByName: {
      summary: "Get a group by its name",
      description: "With its first 200 members.",
      permission: "group:read",
      refusals: { 403: "You may not see groups there.", 404: NO_SUCH_GROUP },
      example: { path: { organization, name: "Everyone" } },
    },
    getGroup: {
      summary: "Get a group with its members",
      description: "Members by username, and how many there are in all.",
      permission: "group:read",
      refusals: { 404: NO_SUCH_GROUP },
      query: {
        limit: "How many members at most: up to 1000, 0 for all of them. Left out, 200.",
        offset: "How many members to pass over.",
      },
      example: { path, urlParams: { limit: 50 } },
    },
    updateGroup: {
      summary: "Change a group and who is in it",
      description: "What is left out stays as it is. At most 1000 accounts are put in or taken out by one call.",
      permission: "group:update",
      refusals: { 403: NOT_YOURS, 404: NO_SUCH_GROUP, 409: "Another group of the organization has this name." },
      fields: {
        name: "Letters and digits with single dashes between; at most 32 characters.",
        display_name: "What people call it.",
        avatar_url: "A picture of it.",
        add_users: "Ids of members of the organization. Who is in it already stays.",
        remove_users: "Ids of accounts.",
      },
      example: { path, payload: { add_users: [PLACEHOLDERS.user.value] } },
    },
    deleteGroup: {
      summary: "Delete a group",
      description: "What was shared with it is seen by its members no more.",
      permission: "group:update",
      refusals: { 403: NOT_YOURS, 404: NO_SUCH_GROUP },
      example: { path },
    },
  },
}
