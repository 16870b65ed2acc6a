import { Context, Effect, Layer, Option } from "effect"
import type { ChatId, OrganizationId, TemplateId, UserId, WorkspaceId } from "../contract/ids.ts"
import { type WorkspaceOwnerRow, WorkspaceRepository, type WorkspaceRow } from "../db/workspaces/workspaces.ts"
import { type LocalDriverOptions, makeLocalDriver } from "./driver-local.ts"
import { type WorkspaceConnection, WorkspaceError } from "./workspace.ts"

/** What dialing needs to know of a chat. */
export interface ChatBinding {
  readonly chatId: ChatId
  /** As last read; null when the chat had no workspace then. */
  readonly workspaceId: WorkspaceId | null
  readonly ownerId: UserId
  readonly organizationId: OrganizationId
  /** Only a root chat gets a workspace of its own; a child uses its parent's. */
  readonly isRoot: boolean
}

export interface CreateWorkspace {
  readonly chat: ChatBinding
  readonly templateId: TemplateId
  readonly name?: string
}

export interface CreatedWorkspace {
  readonly workspaceId: WorkspaceId
  readonly name: string
  /** False when the chat had one already. */
  readonly created: boolean
}

const failure = (operation: string, reason: WorkspaceError["reason"], message: string) =>
  new WorkspaceError({ operation, reason, message })

const noWorkspace = (operation: string) =>
  failure(operation, "no_workspace", "This chat has no workspace. Call create_workspace to make one, then try again.")

/** Small letters, digits and single dashes, 27 characters at most. */
const nameOf = (given: string): string =>
  given
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, 27)
    .replace(/-+$/, "") || "workspace"

/** Workspaces of chats, whichever driver runs them. What the owner may do is asked anew at each dial. */
export class Workspaces extends Context.Tag("troupe/Workspaces")<
  Workspaces,
  {
    /**
     * A connection to the chat's workspace, started if need be. A root chat without one gets one where a template says
     * `auto_workspace`; `created` of the connection then names it.
     */
    readonly dial: (chat: ChatBinding) => Effect.Effect<WorkspaceConnection, WorkspaceError>
    /** Makes the chat's workspace and binds it; a chat that has one keeps it. */
    readonly create: (request: CreateWorkspace) => Effect.Effect<CreatedWorkspace, WorkspaceError>
  }
>() {
  static readonly layer = (local: LocalDriverOptions) =>
    Layer.scoped(
      Workspaces,
      Effect.gen(function* () {
        const repository = yield* WorkspaceRepository
        const driver = yield* makeLocalDriver(local)

        const permittedOwner = Effect.fn("Workspaces.permittedOwner")(function* (operation: string, chat: ChatBinding) {
          const owner: WorkspaceOwnerRow | undefined = Option.getOrUndefined(yield* repository.owner(chat.ownerId))
          if (owner?.active !== true) {
            return yield* failure(operation, "refused", "The owner of this chat may not use workspaces any more.")
          }
          if (!owner.organization_ids.includes(chat.organizationId)) {
            return yield* failure(
              operation,
              "refused",
              "The owner of this chat is no member of its organization any more.",
            )
          }
          yield* driver.permit({ ownedBySiteOwner: owner.site_owner })
          return owner
        })

        /** Brings the start of a workspace to its end, be it one that a crash left half done. */
        const provision = Effect.fn("Workspaces.provision")(function* (workspace: WorkspaceRow) {
          if (workspace.status === "succeeded") return
          const open = workspace.status === "pending" || workspace.status === "running"
          const buildId = open ? workspace.build_id : yield* repository.insertStart(workspace.id)
          yield* driver
            .provision(workspace.id)
            .pipe(Effect.tapError((error) => repository.finishBuild(buildId, "failed", error.message)))
          yield* repository.finishBuild(buildId, "succeeded", null)
        })

        const create = Effect.fn("Workspaces.create")(function* ({ chat, templateId, name }: CreateWorkspace) {
          const operation = "Workspaces.create"
          yield* permittedOwner(operation, chat)
          const template = Option.getOrUndefined(yield* repository.findTemplate(templateId))
          if (template === undefined || (template.organization_id ?? chat.organizationId) !== chat.organizationId) {
            return yield* failure(operation, "not_found", "There is no such template in the organization of this chat.")
          }
          // Committed before the work begins: whoever is interrupted in the middle finds the same workspace again.
          const { workspace, created } = yield* repository.exclusivelyForChat(
            chat.chatId,
            Effect.gen(function* () {
              const bound = Option.getOrUndefined(yield* repository.ofChat(chat.chatId))
              if (bound !== undefined) return { workspace: bound, created: false }
              const made = yield* repository.insert({
                ownerId: chat.ownerId,
                organizationId: chat.organizationId,
                templateId,
                name: name === undefined ? "workspace-" : nameOf(name),
              })
              if (!(yield* repository.bind(chat.chatId, made.id, made.build_id))) {
                return yield* failure(operation, "not_found", "This chat does not exist any more.")
              }
              return { workspace: made, created: true }
            }),
          )
          if (created) yield* provision(workspace)
          return { workspaceId: workspace.id, name: workspace.name, created }
        })

        const createUnasked = Effect.fn("Workspaces.createUnasked")(function* (chat: ChatBinding) {
          const operation = "Workspaces.dial"
          if (!chat.isRoot) {
            return yield* failure(
              operation,
              "no_workspace",
              "This chat has no workspace and cannot make one. Report to the parent agent that the task needs a workspace.",
            )
          }
          const template = Option.getOrUndefined(yield* repository.autoTemplate(chat.organizationId))
          if (template === undefined) return yield* noWorkspace(operation)
          return yield* create({ chat, templateId: template.id })
        })

        const dial = Effect.fn("Workspaces.dial")(function* (chat: ChatBinding) {
          const operation = "Workspaces.dial"
          const owner = yield* permittedOwner(operation, chat)
          // The binding that was read may be older than one that a call beside this one has made.
          const bound =
            chat.workspaceId === null ? yield* repository.ofChat(chat.chatId) : yield* repository.find(chat.workspaceId)
          const made = Option.isSome(bound) ? undefined : yield* createUnasked(chat)
          const workspace = made === undefined ? bound : yield* repository.find(made.workspaceId)
          if (Option.isNone(workspace) || workspace.value.transition === "delete") return yield* noWorkspace(operation)
          if (workspace.value.owner_id !== chat.ownerId) {
            return yield* failure(operation, "refused", "The owner of this chat does not own its workspace any more.")
          }
          if (workspace.value.transition === "stop") {
            return yield* failure(
              operation,
              "stopped",
              "The workspace of this chat is stopped. Call start_workspace to start it, then try again.",
            )
          }
          yield* provision(workspace.value)
          return yield* driver.connect({
            workspaceId: workspace.value.id,
            ownedBySiteOwner: owner.site_owner,
            ...(made?.created === true ? { created: { name: made.name } } : {}),
          })
        })

        return { dial, create }
      }),
    )
}
