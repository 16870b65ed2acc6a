import type { AuditRoutes } from "../../../src/contract/routes/audit.ts"
import type { ApprovalsRoutes } from "../../../src/contract/routes/approvals.ts"
import type { ChatAttributesRoutes } from "../../../src/contract/routes/chat-attributes.ts"
import type { ChatConfigRoutes } from "../../../src/contract/routes/chat-config.ts"
import type { ChatContextsRoutes } from "../../../src/contract/routes/chat-contexts.ts"
import type { ChatHistoryRoutes } from "../../../src/contract/routes/chat-history.ts"
import type { ChatSharingRoutes } from "../../../src/contract/routes/chat-sharing.ts"
import type { ChatQueueRoutes } from "../../../src/contract/routes/chat-queue.ts"
import type { ClientToolsRoutes } from "../../../src/contract/routes/client-tools.ts"
import type { ChatsRoutes } from "../../../src/contract/routes/chats.ts"
import type { GroupsRoutes } from "../../../src/contract/routes/groups.ts"
import type { MachinesRoutes } from "../../../src/contract/routes/machines.ts"
import type { ModelsRoutes } from "../../../src/contract/routes/models.ts"
import type { OrganizationsRoutes } from "../../../src/contract/routes/organizations.ts"
import type { RolesRoutes } from "../../../src/contract/routes/roles.ts"
import type { TokensRoutes } from "../../../src/contract/routes/tokens.ts"
import type { ToolCallsRoutes } from "../../../src/contract/routes/tool-calls.ts"
import type { TracesRoutes } from "../../../src/contract/routes/traces.ts"
import type { UsersRoutes } from "../../../src/contract/routes/users.ts"

/** The families that this app calls. */
type Family =
  | typeof ApprovalsRoutes
  | typeof AuditRoutes
  | typeof ChatAttributesRoutes
  | typeof ChatConfigRoutes
  | typeof ChatContextsRoutes
  | typeof ChatHistoryRoutes
  | typeof ChatQueueRoutes
  | typeof ChatSharingRoutes
  | typeof ChatsRoutes
  | typeof ClientToolsRoutes
  | typeof GroupsRoutes
  | typeof MachinesRoutes
  | typeof ModelsRoutes
  | typeof OrganizationsRoutes
  | typeof RolesRoutes
  | typeof TokensRoutes
  | typeof ToolCallsRoutes
  | typeof TracesRoutes
  | typeof UsersRoutes
type Endpoint = Family["endpoints"][string]

type EndpointNamed<Name extends Endpoint["name"]> = Extract<Endpoint, { readonly name: Name }>

/**
 * Method and path of the routes this app calls. The contract itself stays out of the bundle (its schemas weigh more than
 * this app), so they are written down here; names and methods are checked by the compiler, paths by `routes.test.ts`.
 */
export const routes = {
  firstUserState: ["GET", "/users/first"],
  createFirstUser: ["POST", "/users/first"],
  login: ["POST", "/users/login"],
  logout: ["POST", "/users/logout"],
  getUser: ["GET", "/users/:user"],
  checkAuthorization: ["POST", "/authcheck"],
  listUsers: ["GET", "/users"],
  createUser: ["POST", "/users"],
  deleteUser: ["DELETE", "/users/:user"],
  updateUserProfile: ["PUT", "/users/:user/profile"],
  suspendUser: ["PUT", "/users/:user/status/suspend"],
  activateUser: ["PUT", "/users/:user/status/activate"],
  changePassword: ["PUT", "/users/:user/password"],
  getUserRoles: ["GET", "/users/:user/roles"],
  setUserRoles: ["PUT", "/users/:user/roles"],
  listSiteRoles: ["GET", "/users/roles"],
  listSessions: ["GET", "/users/:user/sessions"],
  listUserOrganizations: ["GET", "/users/:user/organizations"],
  getUserAppearance: ["GET", "/users/:user/appearance"],
  setUserAppearance: ["PUT", "/users/:user/appearance"],
  endOtherSessions: ["DELETE", "/users/:user/sessions"],
  listTokens: ["GET", "/users/:user/keys/tokens"],
  createToken: ["POST", "/users/:user/keys/tokens"],
  getTokenConfig: ["GET", "/users/:user/keys/tokens/tokenconfig"],
  deleteKey: ["DELETE", "/users/:user/keys/:key"],
  listOrganizations: ["GET", "/organizations"],
  createOrganization: ["POST", "/organizations"],
  getOrganization: ["GET", "/organizations/:organization"],
  updateOrganization: ["PATCH", "/organizations/:organization"],
  deleteOrganization: ["DELETE", "/organizations/:organization"],
  getWorkspaceSharing: ["GET", "/organizations/:organization/settings/workspace-sharing"],
  updateWorkspaceSharing: ["PATCH", "/organizations/:organization/settings/workspace-sharing"],
  pageMembers: ["GET", "/organizations/:organization/paginated-members"],
  addMember: ["POST", "/organizations/:organization/members/:user"],
  removeMember: ["DELETE", "/organizations/:organization/members/:user"],
  setMemberRoles: ["PUT", "/organizations/:organization/members/:user/roles"],
  listOrganizationRoles: ["GET", "/organizations/:organization/members/roles"],
  createOrganizationRole: ["POST", "/organizations/:organization/members/roles"],
  updateOrganizationRole: ["PUT", "/organizations/:organization/members/roles"],
  deleteOrganizationRole: ["DELETE", "/organizations/:organization/members/roles/:role"],
  listOrganizationGroups: ["GET", "/organizations/:organization/groups"],
  createGroup: ["POST", "/organizations/:organization/groups"],
  getGroup: ["GET", "/groups/:group"],
  updateGroup: ["PATCH", "/groups/:group"],
  deleteGroup: ["DELETE", "/groups/:group"],
  getAuditRetention: ["GET", "/chats/config/audit-retention"],
  putAuditRetention: ["PUT", "/chats/config/audit-retention"],
  listAuditLog: ["GET", "/audit"],
  listProviders: ["GET", "/chats/providers"],
  createProvider: ["POST", "/chats/providers"],
  listModelConfigs: ["GET", "/chats/model-configs"],
  createModelConfig: ["POST", "/chats/model-configs"],
  createChat: ["POST", "/chats"],
  listChats: ["GET", "/chats"],
  getChat: ["GET", "/chats/:chat"],
  listMessages: ["GET", "/chats/:chat/messages"],
  sendMessage: ["POST", "/chats/:chat/messages"],
  patchChat: ["PATCH", "/chats/:chat"],
  getChatAcl: ["GET", "/chats/:chat/acl"],
  updateChatAcl: ["PATCH", "/chats/:chat/acl"],
  interruptChat: ["POST", "/chats/:chat/interrupt"],
  compactChat: ["POST", "/chats/:chat/compact"],
  clearChat: ["POST", "/chats/:chat/clear"],
  editMessage: ["PATCH", "/chats/:chat/messages/:message"],
  listPrompts: ["GET", "/chats/:chat/prompts"],
  retryTurn: ["POST", "/chats/:chat/retry"],
  patchQueuedMessage: ["PATCH", "/chats/:chat/queue/:queued"],
  deleteQueuedMessage: ["DELETE", "/chats/:chat/queue/:queued"],
  promoteQueuedMessage: ["POST", "/chats/:chat/queue/:queued/promote"],
  listApprovals: ["GET", "/chats/:chat/approvals"],
  decideApprovals: ["POST", "/chats/:chat/approvals"],
  getChatToolPolicy: ["GET", "/chats/:chat/tool-policy"],
  submitToolResults: ["POST", "/chats/:chat/tool-results"],
  stopToolCall: ["POST", "/chats/:chat/tool-calls/:id/stop"],
  listAttempts: ["GET", "/chats/:chat/attempts"],
  chatMachineGraph: ["GET", "/machines/chat"],
  chatMachineState: ["GET", "/chats/:chat/machine"],
  chatSteps: ["GET", "/chats/:chat/steps"],
  chatTransitions: ["GET", "/chats/:chat/transitions"],
  chatTrace: ["GET", "/chats/:chat/trace"],
  chatTracePage: ["GET", "/chats/:chat/trace/:version"],
  reconcileInvalid: ["POST", "/chats/:chat/reconcile-invalid"],
  chatAtVersion: ["GET", "/chats/:chat/at/:version"],
} as const satisfies { readonly [Name in Endpoint["name"]]?: readonly [EndpointNamed<Name>["method"], `/${string}`] }

export type RouteName = keyof typeof routes

type OptionValue<O> = O extends { readonly _tag: "Some"; readonly value: infer S } ? S : never
type SchemaType<S> = S extends { readonly Type: infer T } ? T : never
type Field<Name extends RouteName, Key extends keyof EndpointNamed<Name>> = SchemaType<
  OptionValue<EndpointNamed<Name>[Key]>
>
type Given<Key extends string, Value> = [Value] extends [never] ? unknown : { readonly [K in Key]: Value }
type GivenQuery<Value> = [Value] extends [never] ? unknown : { readonly query?: Value }

/** What a call of the route takes: path parameters, query and body, each only where the contract has it. */
export type RouteInput<Name extends RouteName> = Given<"path", Field<Name, "pathSchema">> &
  GivenQuery<Field<Name, "urlParamsSchema">> &
  Given<"body", Field<Name, "payloadSchema">>

/** What the route answers with when it succeeds. */
export type RouteOutput<Name extends RouteName> = SchemaType<EndpointNamed<Name>["successSchema"]>
