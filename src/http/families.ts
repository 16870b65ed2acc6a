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
import { troupeApi } from "../contract/api.ts"
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
import { OrganizationRepository } from "../db/identity/organizations.ts"
import { ModelsRoutes } from "../contract/routes/models.ts"
import { ToolCallsRoutes } from "../contract/routes/tool-calls.ts"
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
import { toolCallsHandlers } from "./tool-calls.ts"
import { auditHandlers } from "./audit.ts"
import { deploymentHandlers } from "./deployment.ts"
import { groupsHandlers } from "./groups.ts"
import { organizationsHandlers } from "./organizations.ts"
import { rolesHandlers } from "./roles.ts"
import { tokensHandlers } from "./tokens.ts"
import { usersHandlers } from "./users.ts"

const sharingLayer = ChatSharing.layer.pipe(Layer.provide(ChatSharingRows.layer))

/**
 * Every family of routes: what it declares, what answers it, and the services that only it asks. A new family is its file in
 * `contract/routes`, its file here, and one line of this list; nothing else knows which there are.
 */
const families = [
  { routes: UsersRoutes, handlers: usersHandlers, layer: Layer.empty },
  { routes: TokensRoutes, handlers: tokensHandlers, layer: Layer.empty },
  { routes: OrganizationsRoutes, handlers: organizationsHandlers, layer: Layer.empty },
  { routes: GroupsRoutes, handlers: groupsHandlers, layer: Layer.empty },
  { routes: RolesRoutes, handlers: rolesHandlers, layer: Layer.empty },
  { routes: AuditRoutes, handlers: auditHandlers, layer: Layer.empty },
  { routes: DeploymentRoutes, handlers: deploymentHandlers, layer: OrganizationRepository.layer },
  { routes: ModelsRoutes, handlers: modelsHandlers, layer: Layer.empty },
  { routes: ChatsRoutes, handlers: chatsHandlers, layer: Chats.layer },
  { routes: ChatAttributesRoutes, handlers: chatAttributesHandlers, layer: ChatSettings.layer },
  { routes: ChatSharingRoutes, handlers: chatSharingHandlers, layer: sharingLayer },
  { routes: ChatHistoryRoutes, handlers: chatHistoryHandlers, layer: ChatHistory.layer },
  { routes: ChatContextsRoutes, handlers: chatContextsHandlers, layer: ChatContexts.layer },
  { routes: ChatQueueRoutes, handlers: chatQueueHandlers, layer: ChatQueue.layer },
  { routes: ClientToolsRoutes, handlers: clientToolsHandlers, layer: ClientTools.layer },
  { routes: ToolCallsRoutes, handlers: toolCallsHandlers, layer: ChatToolCalls.layer },
  { routes: MachinesRoutes, handlers: machinesHandlers, layer: Layer.merge(ChatRepair.layer, Inspection.layer) },
  { routes: ApprovalsRoutes, handlers: approvalsHandlers, layer: Approvals.layer },
  { routes: ChatConfigRoutes, handlers: chatConfigHandlers, layer: Layer.empty },
] as const

type Family = (typeof families)[number]

/** Every REST route, declared once. */
export const TroupeApi = troupeApi(families.map(({ routes }) => routes))

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
