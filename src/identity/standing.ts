import { Context, Effect, Layer } from "effect"
import type { OrganizationId, UserId } from "../contract/ids.ts"
import { type BarredOwner, ChatOwners, type WeakRoles } from "../db/chats/owners.ts"
import { refreshed } from "../db/engine/refreshed.ts"
import { afterCommit } from "../db/engine/transaction.ts"
import { type Caller, can } from "./policy.ts"
import { ORGANIZATION_ROLES, type Role, SITE_ROLES } from "./roles.ts"

/** How long a change by another process may go unnoticed. One's own counts at once. */
const OTHERS_CHANGES = "2 seconds"

const SOMEBODY = "5e1f0000-0000-4000-8000-000000000003"
const SOMEWHERE = "5e1f0000-0000-4000-8000-000000000004"

/** By the policy itself: a role that comes to allow it is no longer among them. */
const weakAmong = (roles: ReadonlyArray<Role>, callerWith: (role: string) => Caller): ReadonlyArray<string> =>
  roles
    .map(({ name }) => name)
    .filter((name) => !can(callerWith(name), "create", { type: "chat", ownerId: SOMEBODY, organizationId: SOMEWHERE }))

const member = (siteRoles: ReadonlyArray<string>, roles: ReadonlyArray<string>): Caller => ({
  userId: SOMEBODY,
  username: "",
  siteRoles,
  organizations: [{ id: SOMEWHERE, roles }],
})

export const weakRoles: WeakRoles = {
  site: weakAmong(SITE_ROLES, (role) => member([role], [])),
  organization: weakAmong(ORGANIZATION_ROLES, (role) => member([], [role])),
}

interface Chat {
  readonly owner_id: UserId
  readonly organization_id: OrganizationId
}

/**
 * Whether the work of a chat may go on for its owner. `out`: nothing more, for his account is suspended or deleted. `spent`: he has
 * lost what it takes to create chats there, so that what is under way is brought to its end and no step is begun.
 */
export type Verdict = "good" | "out" | "spent"

const verdictOn =
  (barred: ReadonlyArray<BarredOwner>) =>
  ({ owner_id, organization_id }: Chat): Verdict => {
    const found = barred.find((one) => one.owner_id === owner_id && one.organization_id === organization_id)
    return found === undefined ? "good" : found.is_out ? "out" : "spent"
  }

/** For whom nothing is carried out any more, whoever began it. */
export class Standing extends Context.Tag("troupe/Standing")<
  Standing,
  {
    /** How those stand who own chats at work. Costs no query in most cases. */
    readonly verdicts: Effect.Effect<(chat: Chat) => Verdict>
    /** To be run by the transaction that changes an account's status, its roles or its membership. */
    readonly changed: Effect.Effect<void>
    /** Does something after each such change that is made by way of this process. */
    readonly onChanged: (listener: Effect.Effect<void>) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.scoped(
    Standing,
    Effect.gen(function* () {
      const owners = yield* ChatOwners
      const { read, forget } = yield* refreshed(owners.barred(weakRoles), OTHERS_CHANGES)
      const listeners: Array<Effect.Effect<void>> = []
      let known: ReadonlyArray<BarredOwner> = []
      return {
        verdicts: read.pipe(
          Effect.tap((barred) => Effect.sync(() => void (known = barred))),
          // Nothing gets on without the database; what was known of people must not be what stops it.
          Effect.catchAll(() => Effect.sync(() => known)),
          Effect.map(verdictOn),
        ),
        changed: afterCommit(Effect.suspend(() => Effect.all([forget, ...listeners], { discard: true }))),
        onChanged: (listener) => Effect.sync(() => void listeners.push(listener)),
      }
    }),
  ).pipe(Layer.provide(ChatOwners.layer))
}
