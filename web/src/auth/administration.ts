import { queryOptions } from "@tanstack/react-query"
import type { AuthorizationCheck } from "../../../src/contract/roles.ts"
import { call } from "../api/client.ts"

/** What one may administer, as the server's policy answers it. It decides again at each call; this only chooses what to show. */

const check = (
  resource_type: string,
  action: string,
  more: Omit<AuthorizationCheck["object"], "resource_type"> = {},
): AuthorizationCheck => ({ object: { resource_type, ...more }, action })

const anywhere = { any_org: true }

/** In the whole deployment, or in one organization at least. */
const deploymentChecks = {
  seesUsers: check("user", "read"),
  createsUsers: check("user", "create"),
  changesUsers: check("user", "update"),
  deletesUsers: check("user", "delete"),
  seesKeys: check("api_key", "read"),
  makesKeys: check("api_key", "create"),
  seesGroups: check("group", "read"),
  makesGroupsSomewhere: check("group", "create", anywhere),
  seesOrganizations: check("organization", "read"),
  createsOrganizations: check("organization", "create"),
  addsMembersSomewhere: check("organization_member", "create", anywhere),
  seesRoles: check("assign_org_role", "read"),
  assignsRolesSomewhere: check("assign_org_role", "assign", anywhere),
  seesSettings: check("deployment_config", "read"),
  changesSettings: check("deployment_config", "update"),
  readsAudit: check("audit_log", "read"),
  readsAuditSomewhere: check("audit_log", "read", anywhere),
}

type Answers<Checks> = { readonly [Name in keyof Checks]: boolean }
export type Administration = Answers<typeof deploymentChecks>

const ask = async <Checks extends Record<string, AuthorizationCheck>>(checks: Checks, signal: AbortSignal) =>
  (await call("checkAuthorization", { body: { checks } }, signal)) as Answers<Checks>

export const administrationQuery = queryOptions({
  queryKey: ["may"],
  queryFn: ({ signal }) => ask(deploymentChecks, signal),
  staleTime: 30_000,
})

const organizationChecks = (organizationId: string) => {
  const here = { organization_id: organizationId }
  return {
    updates: check("organization", "update", here),
    deletes: check("organization", "delete", here),
    seesMembers: check("organization_member", "read", here),
    addsMembers: check("organization_member", "create", here),
    removesMembers: check("organization_member", "delete", here),
    assignsRoles: check("assign_org_role", "assign", here),
    createsRoles: check("assign_org_role", "create", here),
    updatesRoles: check("assign_org_role", "update", here),
    deletesRoles: check("assign_org_role", "delete", here),
    createsGroups: check("group", "create", here),
    updatesGroups: check("group", "update", here),
    deletesGroups: check("group", "delete", here),
  }
}
export type OrganizationMay = Answers<ReturnType<typeof organizationChecks>>

/** What one may do in one organization. */
export const organizationMayQuery = (organizationId: string) =>
  queryOptions({
    queryKey: ["may", organizationId],
    queryFn: ({ signal }) => ask(organizationChecks(organizationId), signal),
    staleTime: 30_000,
  })

export interface Pair {
  readonly resource_type: string
  readonly action: string
}

/** Checks of one question at most. */
const MOST_CHECKS = 100

/** What of these one may do oneself in an organization: what a role made there can allow. `own` is of what one has. */
export const givablePairsQuery = (organizationId: string, pairs: ReadonlyArray<Pair>) =>
  queryOptions({
    queryKey: ["may", organizationId, "pairs", pairs.length],
    queryFn: async ({ signal }) => {
      const here = { organization_id: organizationId }
      const checks = pairs.flatMap(({ resource_type, action }) => [
        [`all:${resource_type}:${action}`, check(resource_type, action, here)] as const,
        [`own:${resource_type}:${action}`, check(resource_type, action, { ...here, owner_id: "me" })] as const,
      ])
      const parts = []
      for (let from = 0; from < checks.length; from += MOST_CHECKS) {
        parts.push(ask(Object.fromEntries(checks.slice(from, from + MOST_CHECKS)), signal))
      }
      const answers: Readonly<Record<string, boolean>> = Object.assign({}, ...(await Promise.all(parts)))
      return answers
    },
    staleTime: 30_000,
  })

/** The pages of people and of what they did, and whether they are for somebody. */
export interface PeoplePages {
  readonly users: boolean
  readonly groups: boolean
  readonly organizations: boolean
  readonly roles: boolean
  readonly audit: boolean
}

export const pagesFor = (may: Administration): PeoplePages => ({
  users: may.seesUsers,
  groups: may.seesGroups || may.makesGroupsSomewhere,
  organizations: may.seesOrganizations || may.addsMembersSomewhere,
  roles: may.seesRoles || may.assignsRolesSomewhere,
  audit: may.readsAudit || may.readsAuditSomewhere,
})
