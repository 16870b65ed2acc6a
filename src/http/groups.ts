import { Effect } from "effect"
import type { GroupsRoutes } from "../contract/routes/groups.ts"
import { Groups } from "../identity/groups.ts"
import { groupToWire } from "./identity-wire.ts"
import type { GroupHandlers } from "./mount.ts"

const DEFAULT_MEMBERS = 200

export const groupsHandlers = {
  listGroups: ({ caller }) =>
    Effect.gen(function* () {
      return (yield* (yield* Groups).listAll(caller)).map((group) => groupToWire(group))
    }),
  listOrganizationGroups: ({ caller, path }) =>
    Effect.gen(function* () {
      return (yield* (yield* Groups).list(caller, path.organization)).map((group) => groupToWire(group))
    }),
  createGroup: ({ caller, path, payload }) =>
    Effect.gen(function* () {
      return groupToWire(yield* (yield* Groups).create(caller, path.organization, payload))
    }),
  getGroupByName: ({ caller, path }) =>
    Effect.gen(function* () {
      const groups = yield* Groups
      const group = yield* groups.getByName(caller, path.organization, path.name)
      return groupToWire(group, yield* groups.membersOf(group, { limit: DEFAULT_MEMBERS, offset: 0 }))
    }),
  getGroup: ({ caller, path, urlParams }) =>
    Effect.gen(function* () {
      const groups = yield* Groups
      const group = yield* groups.get(caller, path.group)
      const page = { limit: urlParams.limit ?? DEFAULT_MEMBERS, offset: urlParams.offset ?? 0 }
      return groupToWire(group, yield* groups.membersOf(group, page))
    }),
  updateGroup: ({ caller, path, payload }) =>
    Effect.gen(function* () {
      const groups = yield* Groups
      const group = yield* groups.update(caller, path.group, payload)
      return groupToWire(group, yield* groups.membersOf(group, { limit: DEFAULT_MEMBERS, offset: 0 }))
    }),
  deleteGroup: ({ caller, path }) =>
    Effect.gen(function* () {
      yield* (yield* Groups).remove(caller, path.group)
    }),
} satisfies GroupHandlers<typeof GroupsRoutes, Groups>
