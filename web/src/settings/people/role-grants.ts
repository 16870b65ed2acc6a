import type { AssignableRole, CustomRoleRequest, Permission } from "../../../../src/contract/roles.ts"

/** What a role says about an action: at the wider of its two levels first, and within one a refusal outweighs. */

/** On everything, on what one has oneself, on nothing whatever other roles say; undefined where the role says nothing. */
export type Reach = "all" | "own" | "never" | undefined

type Levels = Pick<
  AssignableRole,
  "site_permissions" | "user_permissions" | "organization_permissions" | "organization_member_permissions"
>

const says = (permissions: ReadonlyArray<Permission>, type: string, name: string, negate: boolean): boolean =>
  permissions.some(
    ({ resource_type, action, negate: refuses }) => resource_type === type && action === name && refuses === negate,
  )

/** In the deployment, or in the organization. */
export const reachOf = (role: Levels, scope: "site" | "organization", type: string, action: string): Reach => {
  const [wide, own] =
    scope === "site"
      ? [role.site_permissions, role.user_permissions]
      : [role.organization_permissions, role.organization_member_permissions]
  if (says(wide, type, action, true)) return "never"
  if (says(wide, type, action, false)) return "all"
  if (says(own, type, action, true)) return "never"
  return says(own, type, action, false) ? "own" : undefined
}

/** One tick of the editor: `all:chat:read`. `own-never` is refused on what one has; it has no column, and is kept. */
type Kind = "all" | "own" | "never" | "own-never"

const levels: Readonly<Record<Kind, { readonly level: "organization" | "member"; readonly negate: boolean }>> = {
  all: { level: "organization", negate: false },
  never: { level: "organization", negate: true },
  own: { level: "member", negate: false },
  "own-never": { level: "member", negate: true },
}
const kinds = Object.keys(levels) as ReadonlyArray<Kind>

/** The ticks that a role of an organization has. */
export const ticksOf = (
  role: Pick<AssignableRole, "organization_permissions" | "organization_member_permissions">,
): ReadonlyArray<string> =>
  kinds.flatMap((kind) => {
    const { level, negate } = levels[kind]
    const permissions = level === "organization" ? role.organization_permissions : role.organization_member_permissions
    return permissions
      .filter((permission) => permission.negate === negate)
      .map(({ resource_type, action }) => `${kind}:${resource_type}:${action}`)
  })

/** The permissions that the ticks stand for, as they are sent. */
export const permissionsOf = (
  ticks: ReadonlyArray<string>,
): Required<Pick<CustomRoleRequest, "organization_permissions" | "organization_member_permissions">> => {
  const of = (level: "organization" | "member"): ReadonlyArray<Permission> =>
    ticks.flatMap((tick) => {
      const [kind = "", resource_type = "", action = ""] = tick.split(":")
      const found = kinds.find((name) => name === kind)
      if (found === undefined || levels[found].level !== level) return []
      return [{ negate: levels[found].negate, resource_type, action }]
    })
  return { organization_permissions: of("organization"), organization_member_permissions: of("member") }
}
