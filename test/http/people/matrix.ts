import { randomUUID } from "node:crypto"
import { textContent } from "../../support/client.ts"

/**
 * Every route, and what it answers to whom. The columns are callers, in this order; a row of the table without one of them does not
 * compile, and a route without a row fails.
 */

export const CALLERS = [
  "owner",
  "userAdmin",
  "auditor",
  "organizationAdmin",
  /** With agents-access. */
  "member",
  "withoutAgents",
  /** Administers another organization. */
  "stranger",
  /** With agents-access. */
  "serviceAccount",
  "suspended",
  /** An API token that is over. */
  "expired",
  /** A member's token with `chat:read`. */
  "scoped",
  "nobody",
] as const
export type CallerName = (typeof CALLERS)[number]

/** What stands there for the calls: things of `subject`, who has nothing to do with any caller, and of the default organization. */
export interface Things {
  readonly chat: string
  readonly subject: string
  readonly subjectToken: string
  readonly group: string
  /** Each of these makes a new one, for a call that ends or changes it. */
  readonly user: () => Promise<string>
  readonly member: () => Promise<string>
  readonly organization: () => Promise<string>
  readonly newGroup: () => Promise<string>
  readonly siteRole: () => Promise<string>
  readonly organizationRole: () => Promise<string>
  readonly token: () => Promise<string>
}

export interface Row {
  readonly path: (things: Things) => string | Promise<string>
  readonly body?: (things: Things) => unknown
  readonly answers: Readonly<Record<CallerName, number>>
}

type Answers = Readonly<Record<CallerName, number>>

/** Those who are let in by nobody: the same for every route but the public ones. */
const OUT = { suspended: 401, expired: 401, nobody: 401 } as const

const answers = (all: number, more: Partial<Answers> = {}): Answers => ({
  owner: all,
  userAdmin: all,
  auditor: all,
  organizationAdmin: all,
  member: all,
  withoutAgents: all,
  stranger: all,
  serviceAccount: all,
  scoped: 403,
  ...OUT,
  ...more,
})

const everybody = (status: number): Answers =>
  answers(status, { suspended: status, expired: status, nobody: status, scoped: status })
const everyToken = (status: number) => answers(status, { scoped: status })
/** Of a chat of somebody else: what it answers to those who administer it. */
const ofChat = (administrators: number) => answers(404, { owner: administrators, organizationAdmin: administrators })
const readsChat = { ...ofChat(200), scoped: 404 }
const onlyOwner = (status: number, others = 403) => answers(others, { owner: status })
const people = (status: number, others = 403, hidden = others) =>
  answers(others, { owner: status, userAdmin: status, stranger: hidden })
/** Of the default organization. */
const ofOrganization = (status: number, others = 403) =>
  answers(others, { owner: status, organizationAdmin: status, stranger: 404 })

const at = (path: string) => () => path
const row = (path: Row["path"] | string, given: Answers, body?: unknown | ((things: Things) => unknown)): Row => ({
  path: typeof path === "string" ? at(path) : path,
  answers: given,
  ...(body !== undefined && {
    body: typeof body === "function" ? (body as (things: Things) => unknown) : () => body,
  }),
})

const chat =
  (path: string): Row["path"] =>
  ({ chat: id }) =>
    `/chats/${id}${path}`
const DEFAULT = "/organizations/default"
const UNKNOWN = "00000000-0000-4000-8000-000000000000"
const name = () => `n${randomUUID().slice(0, 12)}`

/** Of the subject's own things: its account is seen by those who see accounts. */
const seesPeople = (status: number) => answers(404, { owner: status, userAdmin: status, auditor: status })
const ofKeys = (status: number) => answers(404, { owner: status, userAdmin: 404, auditor: 404 })

export const MATRIX: Readonly<Record<string, Row>> = {
  "GET /appearance": row("/appearance", everybody(200)),
  "GET /buildinfo": row("/buildinfo", everybody(200)),
  "GET /users/authmethods": row("/users/authmethods", everybody(200)),
  "GET /users/first": row("/users/first", everybody(200)),
  "POST /users/first": row("/users/first", everybody(409), {
    email: "a@example.com",
    username: "a",
    password: "a long enough password",
    setup_token: "x",
  }),
  // Each address of its own: too many tries at one account are another answer.
  "POST /users/login": row("/users/login", everybody(401), () => ({ email: `${name()}@example.com`, password: "x" })),
  "GET /entitlements": row("/entitlements", everyToken(200)),
  "GET /experiments": row("/experiments", everyToken(200)),
  "GET /experiments/available": row("/experiments/available", everyToken(200)),
  "POST /authcheck": row("/authcheck", everyToken(200), { checks: {} }),
  "GET /machines/chat": row("/machines/chat", everyToken(200)),
  "GET /chats/models": row("/chats/models", everyToken(200)),
  "GET /chats/model-configs": row("/chats/model-configs", everyToken(200)),
  // It is said of accounts, and a service account gives no roles.
  "GET /users/roles": row("/users/roles", answers(200, { serviceAccount: 403, scoped: 403 })),

  "GET /chats/providers": row("/chats/providers", answers(403, { owner: 200, auditor: 200 })),
  "POST /chats/providers": row("/chats/providers", onlyOwner(400), {}),
  "PATCH /chats/providers/:provider": row(`/chats/providers/${UNKNOWN}`, onlyOwner(404), { enabled: false }),
  "DELETE /chats/providers/:provider": row(`/chats/providers/${UNKNOWN}`, onlyOwner(404)),
  "POST /chats/model-configs": row("/chats/model-configs", onlyOwner(400), {}),
  "GET /chats/config/capacity": row("/chats/config/capacity", answers(403, { owner: 200, auditor: 200 })),
  "PUT /chats/config/capacity": row("/chats/config/capacity", onlyOwner(400), { per_user: -1 }),
  "GET /chats/config/tool-policy": row("/chats/config/tool-policy", answers(403, { owner: 200, auditor: 200 })),
  "PUT /chats/config/tool-policy": row("/chats/config/tool-policy", onlyOwner(400), { rules: 1 }),

  "GET /chats/config/audit-retention": row("/chats/config/audit-retention", answers(403, { owner: 200, auditor: 200 })),
  "PUT /chats/config/audit-retention": row("/chats/config/audit-retention", onlyOwner(400), { retention_days: -1 }),
  "GET /chats/config/user-dormancy": row("/chats/config/user-dormancy", answers(403, { owner: 200, auditor: 200 })),
  "PUT /chats/config/user-dormancy": row("/chats/config/user-dormancy", onlyOwner(400), { dormant_after_days: 0.5 }),

  "GET /chats": row("/chats", everyToken(200)),
  "POST /chats": row("/chats", answers(403, { owner: 403, organizationAdmin: 403 }), {
    organization_id: UNKNOWN,
    content: textContent("Hi"),
  }),
  "GET /chats/:chat": row(chat(""), readsChat),
  "GET /chats/:chat/messages": row(chat("/messages"), readsChat),
  "GET /chats/:chat/prompts": row(chat("/prompts"), readsChat),
  "GET /chats/:chat/acl": row(chat("/acl"), readsChat),
  "GET /chats/:chat/approvals": row(chat("/approvals"), readsChat),
  "GET /chats/:chat/tool-policy": row(chat("/tool-policy"), readsChat),
  "GET /chats/:chat/machine": row(chat("/machine"), readsChat),
  "GET /chats/:chat/transitions": row(chat("/transitions"), readsChat),
  "GET /chats/:chat/steps": row(chat("/steps"), readsChat),
  "GET /chats/:chat/at/:version": row(chat("/at/1"), readsChat),
  "GET /chats/:chat/attempts": row(chat("/attempts"), readsChat),
  "GET /chats/:chat/trace": row(chat("/trace"), readsChat),
  "GET /chats/:chat/trace/:version": row(chat("/trace/1"), readsChat),
  "PATCH /chats/:chat": row(chat(""), ofChat(204), { title: "As it was" }),
  "PATCH /chats/:chat/acl": row(chat("/acl"), ofChat(204), { user_roles: {} }),
  "POST /chats/:chat/interrupt": row(chat("/interrupt"), ofChat(409)),
  "POST /chats/:chat/reconcile-invalid": row(chat("/reconcile-invalid"), ofChat(409)),
  "DELETE /chats/:chat/queue/:queued": row(chat("/queue/999999"), ofChat(409)),
  "POST /chats/:chat/tool-calls/:id/stop": row(chat(`/tool-calls/${UNKNOWN}/stop`), ofChat(404)),
  "POST /chats/:chat/messages": row(chat("/messages"), ofChat(403), { content: textContent("Hi") }),
  "PATCH /chats/:chat/messages/:message": row(chat("/messages/1"), ofChat(403), { content: textContent("Hi") }),
  "POST /chats/:chat/retry": row(chat("/retry"), ofChat(403), {}),
  "POST /chats/:chat/clear": row(chat("/clear"), ofChat(403)),
  "POST /chats/:chat/compact": row(chat("/compact"), ofChat(403)),
  "PATCH /chats/:chat/queue/:queued": row(chat("/queue/1"), ofChat(403), { content: textContent("Hi") }),
  "POST /chats/:chat/queue/:queued/promote": row(chat("/queue/1/promote"), ofChat(403), {}),
  "POST /chats/:chat/tool-results": row(chat("/tool-results"), ofChat(403), {
    results: [{ tool_call_id: "a", output: "b" }],
  }),
  "POST /chats/:chat/approvals": row(chat("/approvals"), ofChat(403), {
    decisions: [{ id: UNKNOWN, decision: "deny" }],
  }),

  "GET /users": row("/users", answers(403, { owner: 200, userAdmin: 200, auditor: 200 })),
  "POST /users": row("/users", people(201), () => {
    const username = name()
    return { username, email: `${username}@example.com`, password: "a staple and a horse" }
  }),
  "GET /users/:user": row(({ subject }) => `/users/${subject}`, seesPeople(200)),
  "DELETE /users/:user": row(async ({ user }) => `/users/${await user()}`, {
    ...seesPeople(204),
    auditor: 403,
  }),
  "PUT /users/:user/profile": row(
    async ({ user }) => `/users/${await user()}/profile`,
    { ...seesPeople(200), auditor: 403 },
    () => ({
      username: name(),
    }),
  ),
  "PUT /users/:user/status/suspend": row(async ({ user }) => `/users/${await user()}/status/suspend`, {
    ...seesPeople(200),
    auditor: 403,
  }),
  "PUT /users/:user/status/activate": row(async ({ user }) => `/users/${await user()}/status/activate`, {
    ...seesPeople(200),
    auditor: 403,
  }),
  "PUT /users/:user/password": row(
    async ({ user }) => `/users/${await user()}/password`,
    { ...seesPeople(204), auditor: 403 },
    {
      password: "another staple, another horse",
    },
  ),
  "GET /users/:user/roles": row(({ subject }) => `/users/${subject}/roles`, seesPeople(200)),
  "PUT /users/:user/roles": row(
    async ({ user }) => `/users/${await user()}/roles`,
    answers(404, { owner: 200, userAdmin: 403, auditor: 403 }),
    {
      roles: [],
    },
  ),
  "GET /users/:user/organizations": row(({ subject }) => `/users/${subject}/organizations`, seesPeople(200)),
  "GET /users/:user/appearance": row(({ subject }) => `/users/${subject}/appearance`, {
    ...seesPeople(200),
    auditor: 404,
  }),
  "PUT /users/:user/appearance": row(
    ({ subject }) => `/users/${subject}/appearance`,
    { ...seesPeople(200), auditor: 403 },
    {
      theme_preference: "",
    },
  ),
  "GET /users/:user/preferences": row(({ subject }) => `/users/${subject}/preferences`, {
    ...seesPeople(200),
    auditor: 404,
  }),
  "PUT /users/:user/preferences": row(
    ({ subject }) => `/users/${subject}/preferences`,
    { ...seesPeople(200), auditor: 403 },
    {
      task_notification_alert_dismissed: false,
    },
  ),
  "POST /users/logout": row("/users/logout", answers(204)),

  "GET /users/:user/sessions": row(({ subject }) => `/users/${subject}/sessions`, ofKeys(200)),
  "DELETE /users/:user/sessions": row(
    ({ subject }) => `/users/${subject}/sessions`,
    answers(404, { owner: 204, userAdmin: 403, auditor: 403 }),
  ),
  "GET /users/:user/keys/tokens": row(({ subject }) => `/users/${subject}/keys/tokens`, ofKeys(200)),
  "POST /users/:user/keys/tokens": row(
    ({ subject }) => `/users/${subject}/keys/tokens`,
    answers(404, { owner: 201, userAdmin: 403, auditor: 403 }),
    {},
  ),
  "GET /users/:user/keys/tokens/tokenconfig": row(
    ({ subject }) => `/users/${subject}/keys/tokens/tokenconfig`,
    seesPeople(200),
  ),
  "GET /users/:user/keys/tokens/:name": row(({ subject }) => `/users/${subject}/keys/tokens/matrix`, ofKeys(200)),
  "GET /users/:user/keys/:key": row(
    ({ subject, subjectToken }) => `/users/${subject}/keys/${subjectToken}`,
    ofKeys(200),
  ),
  "DELETE /users/:user/keys/:key": row(
    async ({ subject, token }) => `/users/${subject}/keys/${await token()}`,
    ofKeys(204),
  ),
  "PUT /users/:user/keys/:key/expire": row(
    async ({ subject, token }) => `/users/${subject}/keys/${await token()}/expire`,
    ofKeys(204),
  ),

  "GET /organizations": row("/organizations", answers(200)),
  "POST /organizations": row("/organizations", onlyOwner(201), () => ({ name: name() })),
  "GET /organizations/:organization": row(DEFAULT, answers(200, { stranger: 404 })),
  "PATCH /organizations/:organization": row(DEFAULT, ofOrganization(200), { description: "" }),
  "DELETE /organizations/:organization": row(
    async ({ organization }) => `/organizations/${await organization()}`,
    answers(404, {
      owner: 204,
      userAdmin: 403,
      auditor: 403,
    }),
  ),
  "GET /organizations/:organization/settings/workspace-sharing": row(
    `${DEFAULT}/settings/workspace-sharing`,
    answers(200, { stranger: 404 }),
  ),
  "PATCH /organizations/:organization/settings/workspace-sharing": row(
    `${DEFAULT}/settings/workspace-sharing`,
    ofOrganization(200),
    {
      shareable_workspace_owners: "everyone",
    },
  ),
  "GET /organizations/:organization/members": row(`${DEFAULT}/members`, answers(200, { stranger: 404 })),
  "GET /organizations/:organization/paginated-members": row(
    `${DEFAULT}/paginated-members`,
    answers(200, { stranger: 404 }),
  ),
  "POST /organizations/:organization/members/:user": row(
    async ({ user }) => `${DEFAULT}/members/${await user()}`,
    answers(403, { owner: 409, userAdmin: 409, organizationAdmin: 409, stranger: 404 }),
  ),
  "DELETE /organizations/:organization/members/:user": row(
    async ({ member }) => `${DEFAULT}/members/${await member()}`,
    answers(403, { owner: 204, userAdmin: 204, organizationAdmin: 204, stranger: 404 }),
  ),
  "PUT /organizations/:organization/members/:user/roles": row(
    async ({ member }) => `${DEFAULT}/members/${await member()}/roles`,
    answers(403, { owner: 200, userAdmin: 200, organizationAdmin: 200, stranger: 404 }),
    { roles: [] },
  ),

  "GET /groups": row("/groups", answers(200)),
  "GET /organizations/:organization/groups": row(`${DEFAULT}/groups`, answers(200, { stranger: 404 })),
  "POST /organizations/:organization/groups": row(
    `${DEFAULT}/groups`,
    answers(403, { owner: 201, userAdmin: 201, organizationAdmin: 201, stranger: 404 }),
    () => ({ name: name() }),
  ),
  "GET /organizations/:organization/groups/:name": row(`${DEFAULT}/groups/matrix`, answers(200, { stranger: 404 })),
  "GET /groups/:group": row(({ group }) => `/groups/${group}`, answers(200, { stranger: 404 })),
  "PATCH /groups/:group": row(
    ({ group }) => `/groups/${group}`,
    answers(403, { owner: 200, userAdmin: 200, organizationAdmin: 200, stranger: 404 }),
    { display_name: "" },
  ),
  "DELETE /groups/:group": row(
    async ({ newGroup }) => `/groups/${await newGroup()}`,
    answers(403, { owner: 204, userAdmin: 204, organizationAdmin: 204, stranger: 404 }),
  ),

  "POST /users/roles": row("/users/roles", { ...onlyOwner(201), scoped: 403 }, () => ({ name: name() })),
  "PUT /users/roles": row("/users/roles", onlyOwner(404), { name: "no-such-role" }),
  "DELETE /users/roles/:role": row(async ({ siteRole }) => `/users/roles/${await siteRole()}`, onlyOwner(204)),
  "GET /organizations/:organization/members/roles": row(`${DEFAULT}/members/roles`, answers(200, { stranger: 404 })),
  "POST /organizations/:organization/members/roles": row(`${DEFAULT}/members/roles`, ofOrganization(201), () => ({
    name: name(),
  })),
  "PUT /organizations/:organization/members/roles": row(`${DEFAULT}/members/roles`, ofOrganization(404), {
    name: "no-such-role",
  }),
  "DELETE /organizations/:organization/members/roles/:role": row(
    async ({ organizationRole }) => `${DEFAULT}/members/roles/${await organizationRole()}`,
    ofOrganization(204),
  ),

  "GET /audit": row("/audit", answers(403, { owner: 200, auditor: 200, organizationAdmin: 200, stranger: 200 })),
}
