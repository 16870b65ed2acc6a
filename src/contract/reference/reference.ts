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
}
