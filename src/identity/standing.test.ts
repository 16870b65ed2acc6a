import { expect, it } from "vitest"
import { AGENTS_ACCESS, ORGANIZATION_ADMIN, ORGANIZATION_ROLES, SITE_OWNER, SITE_ROLES } from "./roles.ts"
import { weakRoles } from "./standing.ts"

it("takes every role for one that lets nobody use agents, but those that do", () => {
  const others = (roles: ReadonlyArray<{ readonly name: string }>, ...strong: ReadonlyArray<string>) =>
    roles.map(({ name }) => name).filter((name) => !strong.includes(name))
  expect(weakRoles).toEqual({
    site: others(SITE_ROLES, SITE_OWNER),
    organization: others(ORGANIZATION_ROLES, ORGANIZATION_ADMIN, AGENTS_ACCESS),
  })
})
