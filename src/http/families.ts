import type { HttpApiGroup } from "@effect/platform"
import { type Effect, Layer } from "effect"
import type { Router } from "express"
import { Approvals } from "../chats/approvals.ts"
import { Chats } from "../chats/chats.ts"
import { ClientTools } from "../chats/client-tools.ts"
import { ChatContexts } from "../chats/contexts.ts"
import { ChatHistory } from "../chats/history.ts"
import { Inspection } from "../chats/inspection.ts"
import { ChatQueue } from "../chats/queue.ts"
import { ChatRepair } from "../chats/repair.ts"
import { ChatSettings } from "../chats/settings.ts"
import { ChatSharing } from "../chats/sharing.ts"
import { ChatSharingRows } from "../db/chats/sharing.ts"
import { ChatSharingRoutes } from "../contract/routes/chat-sharing.ts"
import { chatSharingHandlers } from "./chat-sharing.ts"
import { ChatToolCalls } from "../chats/tool-calls.ts"
import { Traces } from "../chats/traces.ts"
import { troupeApi } from "../contract/api.ts"
import { approvalsReference } from "../contract/reference/approvals.ts"
import { chatAttributesReference } from "../contract/reference/chat-attributes.ts"
import { chatConfigReference } from "../contract/reference/chat-config.ts"
import { chatContextsReference } from "../contract/reference/chat-contexts.ts"
import { chatHistoryReference } from "../contract/reference/chat-history.ts"
import { chatQueueReference } from "../contract/reference/chat-queue.ts"
import { chatsReference } from "../contract/reference/chats.ts"
import { clientToolsReference } from "../contract/reference/client-tools.ts"
import { machinesReference } from "../contract/reference/machines.ts"
import { modelsReference } from "../contract/reference/models.ts"
import { toolCallsReference } from "../contract/reference/tool-calls.ts"
import { tracesReference } from "../contract/reference/traces.ts"
import { auditReference } from "../contract/reference/audit.ts"
import { chatSharingReference } from "../contract/reference/chat-sharing.ts"
import { deploymentReference } from "../contract/reference/deployment.ts"
import { groupsReference } from "../contract/reference/groups.ts"
import { organizationsReference } from "../contract/reference/organizations.ts"
import { rolesReference } from "../contract/reference/roles.ts"
import { tokensReference } from "../contract/reference/tokens.ts"
import { usersReference } from "../contract/reference/users.ts"
import type { Reference } from "../contract/reference/reference.ts"
import { ApprovalsRoutes } from "../contract/routes/approvals.ts"
import { ChatAttributesRoutes } from "../contract/routes/chat-attributes.ts"
import { ChatConfigRoutes } from "../contract/routes/chat-config.ts"
import { ChatContextsRoutes } from "../contract/routes/chat-contexts.ts"
import { ChatHistoryRoutes } from "../contract/routes/chat-history.ts"
import { ChatQueueRoutes } from "../contract/routes/chat-queue.ts"
import { ChatsRoutes } from "../contract/routes/chats.ts"
import { ClientToolsRoutes } from "../contract/routes/client-tools.ts"
import { DeploymentRoutes } from "../contract/routes/deployment.ts"
import { GroupsRoutes } from "../contract/routes/groups.ts"
import { MachinesRoutes } from "../contract/routes/machines.ts"
import { OrganizationsRoutes } from "../contract/routes/organizations.ts"
import { RolesRoutes } from "../contract/routes/roles.ts"
import { TokensRoutes } from "../contract/routes/tokens.ts"
import { AuditRoutes } from "../contract/routes/audit.ts"
import { SettingChanges } from "../identity/audit/setting-changes.ts"
import { OrganizationRepository } from "../db/identity/organizations.ts"
import { ModelsRoutes } from "../contract/routes/models.ts"
import { ToolCallsRoutes } from "../contract/routes/tool-calls.ts"
import { TracesRoutes } from "../contract/routes/traces.ts"
import { UsersRoutes } from "../contract/routes/users.ts"
import { approvalsHandlers } from "./approvals.ts"
import { chatAttributesHandlers } from "./chat-attributes.ts"
import { chatConfigHandlers } from "./chat-config.ts"
import { chatContextsHandlers } from "./chat-contexts.ts"
import { chatHistoryHandlers } from "./chat-history.ts"
import { chatQueueHandlers } from "./chat-queue.ts"
import { chatsHandlers } from "./chats.ts"
import { clientToolsHandlers } from "./client-tools.ts"
import { machinesHandlers } from "./machines.ts"
import { modelsHandlers } from "./models.ts"
import { type Mount, mountApi } from "./mount.ts"
import type { FamilyReference } from "./operation-reference.ts"
import { toolCallsHandlers } from "./tool-calls.ts"
import { tracesHandlers } from "./traces.ts"
import { usersHandlers } from "./users.ts"
import { auditHandlers } from "./audit.ts"
import { deploymentHandlers } from "./deployment.ts"
import { groupsHandlers } from "./groups.ts"
import { organizationsHandlers } from "./organizations.ts"
import { rolesHandlers } from "./roles.ts"
import { tokensHandlers } from "./tokens.ts"

const sharingLayer = ChatSharing.layer.pipe(Layer.provide(ChatSharingRows.layer))

/** Holds what is said about the routes against the routes. */
const family = <
  Routes extends HttpApiGroup.HttpApiGroup.Any,
  Handlers extends object,
  Services extends Layer.Layer.Any,
>(declared: {
  readonly routes: Routes
  readonly reference: Reference<NoInfer<Routes>>
  readonly handlers: Handlers
  readonly layer: Services
}) => declared

/**
 * Every family of routes: what it declares, what is said about it, what answers it, and the services that only it asks. A new
 * family is its file in `contract/routes` and in `contract/reference`, its file here, and one line of this list; nothing else
 * knows which there are.
 */
const families = [
  family({ routes: UsersRoutes, reference: usersReference, handlers: usersHandlers, layer: Layer.empty }),
  family({ routes: TokensRoutes, reference: tokensReference, handlers: tokensHandlers, layer: Layer.empty }),
  family({
    routes: OrganizationsRoutes,
    reference: organizationsReference,
    handlers: organizationsHandlers,
    layer: Layer.empty,
  }),
  family({ routes: GroupsRoutes, reference: groupsReference, handlers: groupsHandlers, layer: Layer.empty }),
  family({ routes: RolesRoutes, reference: rolesReference, handlers: rolesHandlers, layer: Layer.empty }),
  family({ routes: AuditRoutes, reference: auditReference, handlers: auditHandlers, layer: Layer.empty }),
  family({
    routes: DeploymentRoutes,
    reference: deploymentReference,
    handlers: deploymentHandlers,
    layer: OrganizationRepository.layer,
  }),
  family({ routes: ModelsRoutes, reference: modelsReference, handlers: modelsHandlers, layer: Layer.empty }),
  family({ routes: ChatsRoutes, reference: chatsReference, handlers: chatsHandlers, layer: Chats.layer }),
  family({
    routes: ChatAttributesRoutes,
    reference: chatAttributesReference,
    handlers: chatAttributesHandlers,
    layer: ChatSettings.layer,
  }),
  family({
    routes: ChatSharingRoutes,
    reference: chatSharingReference,
    handlers: chatSharingHandlers,
    layer: sharingLayer,
  }),
  family({
    routes: ChatHistoryRoutes,
    reference: chatHistoryReference,
    handlers: chatHistoryHandlers,
    layer: ChatHistory.layer,
  }),
  family({
    routes: ChatContextsRoutes,
    reference: chatContextsReference,
    handlers: chatContextsHandlers,
    layer: ChatContexts.layer,
  }),
  family({
    routes: ChatQueueRoutes,
    reference: chatQueueReference,
    handlers: chatQueueHandlers,
    layer: ChatQueue.layer,
  }),
  family({
    routes: ClientToolsRoutes,
    reference: clientToolsReference,
    handlers: clientToolsHandlers,
    layer: ClientTools.layer,
  }),
  family({
    routes: ToolCallsRoutes,
    reference: toolCallsReference,
    handlers: toolCallsHandlers,
    layer: ChatToolCalls.layer,
  }),
  family({
    routes: MachinesRoutes,
    reference: machinesReference,
    handlers: machinesHandlers,
    layer: Layer.merge(ChatRepair.layer, Inspection.layer),
  }),
  family({
    routes: TracesRoutes,
    reference: tracesReference,
    handlers: tracesHandlers,
    layer: Layer.provide(Traces.layer, Inspection.layer),
  }),
  family({
    routes: ApprovalsRoutes,
    reference: approvalsReference,
    handlers: approvalsHandlers,
    layer: Approvals.layer,
  }),
  family({
    routes: ChatConfigRoutes,
    reference: chatConfigReference,
    handlers: chatConfigHandlers,
    layer: SettingChanges.layer,
  }),
] as const

type Family = (typeof families)[number]

/** Every REST route, declared once. */
export const TroupeApi = troupeApi(families.map(({ routes }) => routes))

/** What people read about each, by the name of its group. */
export const references: Readonly<Record<string, FamilyReference>> = Object.fromEntries(
  families.map(({ routes, reference }) => [routes.identifier, reference]),
)

/** By the name of each. Throws where two have one name, of which only the last would be served. */
export const byName = <Named extends { readonly routes: { readonly identifier: string }; readonly handlers: object }>(
  all: ReadonlyArray<Named>,
): Readonly<Record<string, Named["handlers"]>> => {
  const handlers: Record<string, Named["handlers"]> = {}
  for (const { routes, ...family } of all) {
    const name = routes.identifier
    if (name in handlers)
      throw new TypeError(`Two families of routes are called ${name}: call one of them differently.`)
    handlers[name] = family.handlers
  }
  return handlers
}

type Handlers = { readonly [F in Family as F["routes"]["identifier"]]: F["handlers"] }

type ServicesOf<Handler> = Handler extends (input: never) => Effect.Effect<infer _A, infer _E, infer R>
  ? R
  : Handler extends { readonly anonymous: (input: never) => Effect.Effect<infer _A, infer _E, infer R> }
    ? R
    : never
type HandlerServices = {
  readonly [Id in keyof Handlers]: ServicesOf<Handlers[Id][keyof Handlers[Id]]>
}[keyof Handlers]

/** The routes of all families. Each handler is held against its declaration. Throws where two families declare the same. */
export const mountFamilies = (options: Omit<Mount<Handlers, HandlerServices>, "handlers">): Router =>
  // The list says which handlers belong to which name.
  mountApi(TroupeApi, { ...options, handlers: byName(families) as Handlers })

type Provided<L> = L extends Layer.Layer<infer Out, infer _E, infer _In> ? Out : never
type Needed<L> = L extends Layer.Layer<infer _Out, infer _E, infer In> ? In : never

/** The services of all families, on those that they share. */
export const familiesLayer = Layer.mergeAll(Layer.empty, ...families.map(({ layer }) => layer)) as Layer.Layer<
  Provided<Family["layer"]>,
  never,
  Needed<Family["layer"]>
>
