import { Effect } from "effect"
import type { OrganizationsRoutes } from "../contract/routes/organizations.ts"
import { Members } from "../identity/members.ts"
import { Organizations, type SharingSetting } from "../identity/organizations.ts"
import { BadRequestError } from "./errors.ts"
import { memberToWire, organizationToWire } from "./identity-wire.ts"
import type { GroupHandlers } from "./mount.ts"

const DEFAULT_PAGE = 100

const sharingToWire = ({ effective, switchedOff }: SharingSetting) => ({
  shareable_workspace_owners: effective,
  sharing_disabled: effective === "none",
  sharing_globally_disabled: switchedOff,
})

export const organizationsHandlers = {
  listOrganizations: ({ caller }) =>
    Effect.gen(function* () {
      return (yield* (yield* Organizations).list(caller)).map(organizationToWire)
    }),
  createOrganization: ({ caller, payload }) =>
    Effect.gen(function* () {
      return organizationToWire(yield* (yield* Organizations).create(caller, payload))
    }),
  getOrganization: ({ caller, path }) =>
    Effect.gen(function* () {
      return organizationToWire(yield* (yield* Organizations).get(caller, path.organization))
    }),
  updateOrganization: ({ caller, path, payload }) =>
    Effect.gen(function* () {
      return organizationToWire(yield* (yield* Organizations).update(caller, path.organization, payload))
    }),
  deleteOrganization: ({ caller, path }) =>
    Effect.gen(function* () {
      yield* (yield* Organizations).remove(caller, path.organization)
    }),
  getWorkspaceSharing: ({ caller, path }) =>
    Effect.gen(function* () {
      return sharingToWire(yield* (yield* Organizations).sharing(caller, path.organization))
    }),
  updateWorkspaceSharing: ({ caller, path, payload }) =>
    Effect.gen(function* () {
      const older = payload.sharing_disabled
      const owners =
        payload.shareable_workspace_owners ?? (older === undefined ? undefined : older ? "none" : "everyone")
      if (owners === undefined) {
        const detail = "must be none, everyone or service_accounts"
        return yield* new BadRequestError({
          message: "Say who may share workspaces.",
          validations: [{ field: "shareable_workspace_owners", detail }],
        })
      }
      return sharingToWire(yield* (yield* Organizations).setSharing(caller, path.organization, owners))
    }),
  listMembers: ({ caller, path }) =>
    Effect.gen(function* () {
      const page = { limit: 0, offset: 0, search: "" }
      return (yield* (yield* Members).page(caller, path.organization, page)).members.map(memberToWire)
    }),
  pageMembers: ({ caller, path, urlParams }) =>
    Effect.gen(function* () {
      const page = {
        limit: urlParams.limit ?? DEFAULT_PAGE,
        offset: urlParams.offset ?? 0,
        search: urlParams.q?.trim() ?? "",
      }
      const { members, count } = yield* (yield* Members).page(caller, path.organization, page)
      return { members: members.map(memberToWire), count }
    }),
  addMember: ({ caller, path }) =>
    Effect.gen(function* () {
      return memberToWire(yield* (yield* Members).add(caller, path.organization, path.user))
    }),
  removeMember: ({ caller, path }) =>
    Effect.gen(function* () {
      yield* (yield* Members).remove(caller, path.organization, path.user)
    }),
  setMemberRoles: ({ caller, path, payload }) =>
    Effect.gen(function* () {
      return memberToWire(yield* (yield* Members).setRoles(caller, path.organization, path.user, payload.roles))
    }),
} satisfies GroupHandlers<typeof OrganizationsRoutes, Members | Organizations>
