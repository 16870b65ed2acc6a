/** What an API token may do, in words. Scopes that this page does not know are shown as they are. */

export const ALL = "all"
export const APPROVE = "approve"

const things: Readonly<Record<string, string>> = {
  chat: "Chats",
  workspace: "Workspaces",
  user: "Accounts",
  api_key: "Sessions and API tokens",
  organization: "Organizations",
  organization_member: "Members",
  group: "Groups",
  assign_role: "Roles of the deployment",
  assign_org_role: "Roles of organizations",
  deployment_config: "Settings of the deployment",
  audit_log: "Audit log",
}

const actions: Readonly<Record<string, string>> = {
  "*": "everything",
  create: "create",
  read: "read",
  update: "change",
  delete: "delete",
  share: "share",
  start: "start",
  stop: "stop",
  ssh: "connect by SSH",
  application_connect: "open applications",
  read_personal: "read what is personal",
  update_personal: "change what is personal",
  assign: "give",
  unassign: "take away",
  "chat:create": "start",
  "chat:update": "rename, label, archive",
  "chat:converse": "send messages",
  "chat:inspect": "look behind the transcript",
}

/** What people make programs for; the others administer. */
const EVERYDAY = new Set(["chat", "workspace", "api_key", "user"])

const lookUp = (words: Readonly<Record<string, string>>, key: string) =>
  Object.hasOwn(words, key) ? words[key] : undefined

const actionWords = (scope: string): string => {
  const [, action = scope] = scope.split(":")
  return lookUp(actions, scope) ?? lookUp(actions, action) ?? action
}

export interface ScopeGroup {
  readonly thing: string
  readonly title: string
  readonly everyday: boolean
  readonly scopes: ReadonlyArray<{ readonly scope: string; readonly words: string }>
}

/** The scopes that can be ticked one by one, by what they are about. */
export const scopeGroups = (scopes: ReadonlyArray<string>): ReadonlyArray<ScopeGroup> => {
  const fine = scopes.filter((scope) => scope.includes(":") && !scope.endsWith(":*"))
  const about = [...new Set(fine.map((scope) => scope.slice(0, scope.indexOf(":"))))]
  return about.map((thing) => ({
    thing,
    title: lookUp(things, thing) ?? thing,
    everyday: EVERYDAY.has(thing),
    scopes: fine
      .filter((scope) => scope.startsWith(`${thing}:`))
      .map((scope) => ({ scope, words: actionWords(scope) })),
  }))
}

const thingOf = (scope: string): string => scope.split(":", 1)[0] ?? scope

/** All that a token may do, in one line: `Chats: read, start; decides about tool calls`. */
export const scopesInWords = (scopes: ReadonlyArray<string>): string => {
  const some = scopes.filter((scope) => scope !== APPROVE)
  const about = [...new Set(some.map(thingOf))].map((thing) => {
    const here = some.filter((scope) => thingOf(scope) === thing)
    const title = lookUp(things, thing)
    return title === undefined ? here.join(", ") : `${title}: ${here.map(actionWords).join(", ")}`
  })
  return [
    ...(scopes.includes(ALL) ? ["Everything that you may do"] : about),
    ...(scopes.includes(APPROVE) ? ["decides about tool calls in your name"] : []),
  ].join("; ")
}
