import { Effect } from "effect"
import type { RolesRoutes } from "../contract/routes/roles.ts"
import { authorize } from "../identity/authcheck.ts"
import { RoleAdmin } from "../identity/role-admin.ts"
import type { GroupHandlers } from "./mount.ts"

export const rolesHandlers = {
  listSiteRoles: ({ caller }) => Effect.flatMap(RoleAdmin, (roles) => roles.ofSite(caller)),
  createSiteRole: ({ caller, payload }) =>
    Effect.flatMap(RoleAdmin, (roles) => roles.create(caller, undefined, payload)),
  updateSiteRole: ({ caller, payload }) =>
    Effect.flatMap(RoleAdmin, (roles) => roles.update(caller, undefined, payload)),
  deleteSiteRole: ({ caller, path }) =>
    Effect.flatMap(RoleAdmin, (roles) => roles.remove(caller, undefined, path.role)),
  listOrganizationRoles: ({ caller, path }) =>
    Effect.flatMap(RoleAdmin, (roles) => roles.ofOrganization(caller, path.organization)),
  createOrganizationRole: ({ caller, path, payload }) =>
    Effect.flatMap(RoleAdmin, (roles) => roles.create(caller, path.organization, payload)),
  updateOrganizationRole: ({ caller, path, payload }) =>
    Effect.flatMap(RoleAdmin, (roles) => roles.update(caller, path.organization, payload)),
  deleteOrganizationRole: ({ caller, path }) =>
    Effect.flatMap(RoleAdmin, (roles) => roles.remove(caller, path.organization, path.role)),
  checkAuthorization: ({ caller, payload }) => authorize(caller, payload.checks),
} satisfies GroupHandlers<typeof RolesRoutes, RoleAdmin>
