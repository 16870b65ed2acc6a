import { Effect } from "effect"
import type { AuthorizationCheck } from "../contract/roles.ts"
import { IdentityFieldInvalid } from "./errors.ts"
import { ACTIONS, type Action, OBJECT_TYPES, type ObjectType } from "./objects.ts"
import { type Caller, can } from "./policy.ts"

/**
 * Whether the caller may, for each check by its name. The object is given by its facts, so that it need not be there: what may be
 * created is asked before it is. `me` is the caller.
 */

/** At most this many checks in one question. */
const MAX_CHECKS = 100

const operation = "authorize"
const invalid = (field: string, message: string) => new IdentityFieldInvalid({ operation, field, message })

const isAction = (type: ObjectType, action: string): action is Action =>
  (ACTIONS[type] as ReadonlyArray<string>).includes(action)

const judge = (caller: Caller, name: string, { object, action }: AuthorizationCheck) =>
  Effect.gen(function* () {
    const type = OBJECT_TYPES.find((known) => known === object.resource_type)
    if (type === undefined) {
      return yield* invalid(`checks.${name}.object.resource_type`, `must be one of ${OBJECT_TYPES.join(", ")}`)
    }
    if (!isAction(type, action)) {
      return yield* invalid(`checks.${name}.action`, `must be one of ${ACTIONS[type].join(", ")}`)
    }
    const ownerId = object.owner_id === "me" ? caller.userId : object.owner_id
    const places = object.any_org === true ? caller.organizations.map(({ id }) => id) : [object.organization_id]
    return places.some((organizationId) =>
      can(caller, action, {
        type,
        ...(ownerId !== undefined && { ownerId }),
        ...(organizationId !== undefined && { organizationId }),
      }),
    )
  })

export const authorize = (caller: Caller, checks: Readonly<Record<string, AuthorizationCheck>>) =>
  Effect.gen(function* () {
    const names = Object.keys(checks)
    if (names.length > MAX_CHECKS) return yield* invalid("checks", `must be at most ${MAX_CHECKS}`)
    const answers: Array<readonly [string, boolean]> = []
    for (const [name, check] of Object.entries(checks)) answers.push([name, yield* judge(caller, name, check)])
    return Object.fromEntries(answers)
  })
