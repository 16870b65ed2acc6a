import type { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import type { Brand } from "effect"

/**
 * What people read about an endpoint, beside its schemas: one table for each family of routes, held against the endpoints of the
 * family. An endpoint, a field, a parameter or a refusal that nothing is said about does not compile.
 */

type AnyEndpoint = HttpApiEndpoint.HttpApiEndpoint.Any
type Path<Endpoint extends AnyEndpoint> = HttpApiEndpoint.HttpApiEndpoint.PathParsed<Endpoint>
type UrlParams<Endpoint extends AnyEndpoint> = HttpApiEndpoint.HttpApiEndpoint.UrlParams<Endpoint>
type Payload<Endpoint extends AnyEndpoint> = HttpApiEndpoint.HttpApiEndpoint.Payload<Endpoint>

type Part<Name extends string, Value, Shown> = [Value] extends [never] ? unknown : { readonly [Key in Name]: Shown }

/** A sentence about each field. */
type About<Value> = { readonly [Field in keyof Value]-?: string }

/** The statuses that an endpoint declares beside the common ones. */
type DeclaredStatus<Endpoint extends AnyEndpoint> =
  HttpApiEndpoint.HttpApiEndpoint.Error<Endpoint> extends infer Body
    ? Body extends Brand.Brand<infer Status>
      ? Status & string
      : never
    : never

/** As a handler would get it; the document shows it as it goes over the wire. Ids are those of `PLACEHOLDERS`. */
type Example<Endpoint extends AnyEndpoint> = object &
  Part<"path", Path<Endpoint>, Path<Endpoint>> &
  Part<"urlParams", UrlParams<Endpoint>, UrlParams<Endpoint>> &
  Part<"payload", Payload<Endpoint>, Payload<Endpoint>>

export type EndpointReference<Endpoint extends AnyEndpoint> = {
  /** What it does, in the words of the field, without a full stop. */
  readonly summary: string
  /** What happens, its limits, and when it is refused. */
  readonly description: string
  readonly permission: Permission
  /** When it is answered with each of the statuses that it declares. */
  readonly refusals: { readonly [Status in DeclaredStatus<Endpoint>]: string }
  /** Fields of the body, or of the answer, that hold a secret: shown once, written down nowhere. */
  readonly secrets?: ReadonlyArray<string>
  readonly example: Example<Endpoint>
} & Part<"query", UrlParams<Endpoint>, About<UrlParams<Endpoint>>> &
  Part<"fields", Payload<Endpoint>, About<Payload<Endpoint>>>

type Endpoints<Group extends HttpApiGroup.HttpApiGroup.Any> = HttpApiGroup.HttpApiGroup.Endpoints<Group>

type Named<Group extends HttpApiGroup.HttpApiGroup.Any, Name extends string> = HttpApiEndpoint.HttpApiEndpoint.WithName<
  Endpoints<Group>,
  Name
>

/** The table of one family. */
export interface Reference<Group extends HttpApiGroup.HttpApiGroup.Any> {
  /** What the family is called, for people. */
  readonly title: string
  /** What it is for, in a sentence. */
  readonly about: string
  readonly endpoints: {
    readonly [Name in HttpApiEndpoint.HttpApiEndpoint.Name<Endpoints<Group>>]: EndpointReference<Named<Group, Name>>
  }
}

/** Who may make a call. */
export const PERMISSIONS = {
  anyone: "Nobody needs to be signed in.",
  session: "Whoever is signed in.",
  "chat:create": "Members of the organization with the role agents-access, and its administrators, for themselves.",
  "chat:read": "The chat's owner, administrators of its organization, and owners of the deployment.",
  "chat:update": "The chat's owner, administrators of its organization, and owners of the deployment.",
  "chat:converse": "The chat's owner alone: it spends the owner's credit.",
  "chat:approve":
    "The chat's owner, in a session or with an API token that has the scope `approve`; never a service account.",
  "chat:inspect": "The chat's owner, administrators of its organization, and owners of the deployment.",
  "chat:share": "The chat's owner, administrators of its organization, and owners of the deployment.",
  "user:read": "Oneself, administrators of users, auditors, and owners of the deployment.",
  "user:update":
    "Administrators of users and owners of the deployment, of nobody who has a role that they do not have.",
  "user:update_personal": "Oneself, administrators of users, and owners of the deployment.",
  "assign_role:assign": "Owners of the deployment.",
  "api_key:update": "Oneself, and owners of the deployment.",
  "organization:read": "Its members, administrators of users, auditors, and owners of the deployment.",
  "organization:update": "Administrators of the organization and owners of the deployment.",
  "organization:create": "Owners of the deployment.",
  "organization_member:read":
    "Members who may share something there, its administrators, administrators of users, auditors, and owners.",
  "organization_member:update":
    "Administrators of the organization or of its members, administrators of users, and owners.",
  "assign_org_role:assign":
    "Administrators of the organization and owners; administrators of users for the roles that they may give.",
  "assign_org_role:create":
    "Administrators of the organization and owners, for roles that allow no more than they may do.",
  "group:read":
    "Who is in it, who may share something there, its administrators, administrators of users, auditors, and owners.",
  "group:update": "Administrators of the organization or of its members, administrators of users, and owners.",
  "audit_log:read": "Auditors and owners; administrators and auditors of an organization for what is its.",
  "deployment_config:read": "Owners and auditors of the deployment.",
  "deployment_config:update": "Owners of the deployment.",
} as const
export type Permission = keyof typeof PERMISSIONS

interface Placeholder {
  readonly value: string | number
  /** What the caller puts there. */
  readonly meaning: string
}

/** What examples name in place of what their reader has; whoever runs one puts these in. */
export const PLACEHOLDERS = {
  organization: { value: "0a9c7e52-6d1f-4b3a-8e21-5f7b10c4d001", meaning: "an organization of yours" },
  chat: { value: "3f1d8b60-2c47-4e9a-b5d3-91a6e07fc002", meaning: "a chat of yours" },
  message: { value: 90_001, meaning: "a message of yours in that chat" },
  queued_message: { value: 90_002, meaning: "a message that waits in that chat" },
  model_config: { value: "7be2a914-58c3-4d06-9f7a-c4d21b3e8003", meaning: "a model that you can use" },
  provider: { value: "b64f03d7-91ae-4c58-a2e6-0d8c7f15a004", meaning: "a provider that is set up" },
  approval: { value: "d9057c3e-ab62-5f14-8c90-6e2b4a71f005", meaning: "a call that waits for you" },
  user: { value: "c8e51a60-7d92-4b1f-a03c-2f9e6d4b5007", meaning: "another account" },
  group: { value: "5d2f0c94-3b6a-4e87-9c15-8a7e1b0d2008", meaning: "a group of yours" },
  key: { value: "00000000000090009", meaning: "a session or an API token of yours" },
  tool_call: { value: "call_90006", meaning: "a tool call that runs, or waits for your answer" },
} as const satisfies Readonly<Record<string, Placeholder>>

/** Parameters that stand in paths mean the same wherever they do. */
export const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  chat: "Id of the chat, a UUID.",
  message: "Id of the message, a whole number.",
  queued: "Id of the message in the queue, a whole number.",
  id: "The `tool_call_id` of the call's part, or the `id` of its approval.",
  version: "A version of the chat, from 1 to the newest.",
  user: "Id or name of the user; `me` is whoever asks.",
  organization: "Id or name of the organization; `default` is the one that every deployment has.",
  provider: "Id of the provider, a UUID.",
  group: "Id of the group. That of everyone has the organization's id.",
  name: "What it is called.",
  key: "Id of the session or API token: what stands before the dash of its text.",
  role: "Name of the role.",
}
