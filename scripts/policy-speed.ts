import { randomUUID } from "node:crypto"
import { ACTIONS, type ObjectFacts, OBJECT_TYPES, type ObjectType } from "../src/identity/objects.ts"
import { type Caller, can, type CustomRole } from "../src/identity/policy.ts"
import { AGENTS_ACCESS, ORGANIZATION_ROLES, SITE_ROLES } from "../src/identity/roles.ts"

/**
 * Every role against every action on every kind of thing, by callers who are in much: microseconds of one decision, the first
 * question of a caller among them. Prints `{ cases, p50, p99 }` as JSON.
 */

const ROUNDS = 40

const organizations: ReadonlyArray<string> = Array.from({ length: 5 }, () => randomUUID())
const groupsOf = new Map(organizations.map((id) => [id, Array.from({ length: 50 }, () => String(randomUUID()))]))
const [home = "", , , , away = ""] = organizations

const customRoles = organizations.flatMap((organizationId, index) =>
  Array.from({ length: 4 }, (_, nth): CustomRole => ({
    name: `made-${index}-${nth}`,
    organizationId,
    organization: { allow: { chat: ["read"], group: ["read", "update"] }, deny: { workspace: ["ssh"] } },
    member: { allow: { workspace: ["create"] } },
  })),
)

const callerWith = (
  siteRoles: ReadonlyArray<string>,
  role: string | undefined,
  more: Partial<Caller> = {},
): Caller => ({
  userId: randomUUID(),
  username: "somebody",
  siteRoles,
  organizations: organizations.slice(0, 4).map((id) => ({
    id,
    roles: [
      ...(role === undefined ? [] : [role]),
      ...customRoles.filter(({ organizationId }) => organizationId === id).map(({ name }) => name),
    ],
    groups: groupsOf.get(id) ?? [],
  })),
  customRoles,
  ...more,
})

const callers = [
  ...SITE_ROLES.map(({ name }) => callerWith([name], AGENTS_ACCESS)),
  ...ORGANIZATION_ROLES.map(({ name }) => callerWith([], name)),
  callerWith([], undefined),
  callerWith([], AGENTS_ACCESS, { serviceAccount: true }),
  callerWith(["owner"], AGENTS_ACCESS, { scopes: ["chat:read", "workspace:*", "user:read"] }),
]

/** One's own, somebody else's, one that was shared with the last of fifty groups, and one of an organization one is not in. */
const objectsFor = <Type extends ObjectType>(type: Type, caller: Caller): ReadonlyArray<ObjectFacts<Type>> => [
  { type },
  { type, organizationId: home, ownerId: caller.userId },
  { type, organizationId: home, ownerId: randomUUID() },
  {
    type,
    organizationId: home,
    ownerId: randomUUID(),
    acl: { users: {}, groups: { [groupsOf.get(home)?.at(-1) ?? ""]: "read" } },
  },
  { type, organizationId: away, ownerId: randomUUID() },
]

const cases = callers.flatMap((caller) =>
  OBJECT_TYPES.flatMap((type) =>
    objectsFor(type, caller).flatMap((object) => ACTIONS[type].map((action) => ({ caller, action, object }))),
  ),
)
const took: Array<number> = []
for (let round = 0; round < ROUNDS; round++) {
  // A session is believed for a second: whoever asks then is another object, of which nothing is known yet.
  const fresh = new Map(callers.map((caller) => [caller, { ...caller }]))
  for (const { caller, action, object } of cases) {
    const asked = fresh.get(caller) ?? caller
    const began = performance.now()
    can(asked, action as never, object as never)
    took.push((performance.now() - began) * 1000)
  }
}
// Not before the code is compiled, as in a server that has answered its first requests.
const warm = took.slice(cases.length * 2).toSorted((a, b) => a - b)
const at = (share: number) => Number((warm[Math.floor(warm.length * share)] ?? Number.NaN).toFixed(2))
process.stdout.write(`${JSON.stringify({ cases: cases.length, p50: at(0.5), p99: at(0.99) })}\n`)
