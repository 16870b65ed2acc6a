import { ACTIONS, type Action, OBJECT_TYPES, type ObjectType } from "./objects.ts"

/**
 * What an API token may do of what its user may. `all` is everything but approving: that a tool may run is said by a person, or by
 * a token that was made for it. `application_connect` opens no route of this API.
 */
export const ALL = "all"
export const APPROVE = "approve"
export const APPLICATION_CONNECT = "application_connect"

/** `chat:read`, `chat:*`: one action on one kind of thing, or all of them. Never approving. */
const fine = OBJECT_TYPES.flatMap((type) => [
  `${type}:*`,
  ...ACTIONS[type].filter((action) => action !== APPROVE).map((action) => `${type}:${action}`),
])

export const SCOPES: ReadonlyArray<string> = [ALL, APPLICATION_CONNECT, APPROVE, ...fine]

export const inScope = <Type extends ObjectType>(
  scopes: ReadonlyArray<string>,
  type: Type,
  action: Action<Type>,
): boolean => {
  if (action === APPROVE) return scopes.includes(APPROVE)
  // What is asked for has to be seen to be decided.
  if (type === "chat" && action === "read" && scopes.includes(APPROVE)) return true
  return scopes.includes(ALL) || scopes.includes(`${type}:*`) || scopes.includes(`${type}:${action}`)
}

/** Whether a route about this kind of thing may be called at all. What is done there is judged by its action. */
export const opens = (scopes: ReadonlyArray<string>, type: string | undefined, reads: boolean): boolean => {
  if (type === "any" || scopes.includes(ALL)) return true
  if (type === undefined) return false
  if (type === "chat" && scopes.includes(APPROVE)) return true
  return scopes.some((scope) => {
    const [about, action] = scope.split(":")
    return about === type && (action === "*" || (action === "read") === reads)
  })
}

/** True when `wanted` allows nothing that `held` does not: a token makes none that can do more. */
export const isWithin = (wanted: ReadonlyArray<string>, held: ReadonlyArray<string>): boolean =>
  wanted.every((scope) => {
    if (held.includes(scope)) return true
    if (scope === APPROVE || scope === ALL) return false
    return held.includes(ALL) || held.includes(`${scope.split(":", 1)[0]}:*`)
  })
