import type { AuditEntry } from "../../../../src/contract/audit.ts"

/** An entry of the audit log in words: "ada", "suspended the user", "bob". */

type Entry = Pick<AuditEntry, "resource_type" | "action" | "diff" | "additional_fields">

/** What each kind of thing is called. */
export const TYPES: Readonly<Record<string, string>> = {
  user: "user",
  organization: "organization",
  organization_member: "member",
  group: "group",
  custom_role: "role",
  api_key: "API token",
  chat: "chat",
  ai_provider: "provider",
  chat_model_config: "model",
  deployment_setting: "setting",
}

export const typeTitle = (type: string): string => TYPES[type] ?? type.replaceAll("_", " ")

export const ACTIONS: Readonly<Record<AuditEntry["action"], string>> = {
  create: "Added",
  write: "Changed",
  delete: "Removed",
  login: "Signed in",
  logout: "Signed out",
  register: "Registered",
  start: "Started",
  stop: "Stopped",
  open: "Looked into",
}

/** The only field that has changed, or the first of those that say more than the rest. */
const changedField = (diff: Entry["diff"], ...telling: ReadonlyArray<string>): string | undefined =>
  telling.find((field) => Object.hasOwn(diff, field))

const STATUS: Readonly<Record<string, string>> = {
  suspended: "suspended the",
  active: "activated the",
  dormant: "marked as dormant the",
}

const ofUser = ({ diff }: Entry): string => {
  switch (changedField(diff, "status", "password_hash", "site_roles")) {
    case "status":
      return STATUS[String(diff["status"]?.new)] ?? "changed the"
    case "password_hash":
      return "changed the password of the"
    case "site_roles":
      return "changed the roles of the"
    default:
      return "changed the"
  }
}

interface Decided {
  readonly decision: string
}

const isDecided = (value: unknown): value is Decided =>
  typeof value === "object" && value !== null && "decision" in value && typeof value.decision === "string"

/** `approved 2 tool calls and denied 1 in the`. */
const decisions = (value: unknown): string => {
  const all = Array.isArray(value) ? value.filter(isDecided) : []
  const approved = all.filter(({ decision }) => decision === "approve").length
  const parts = [
    ["approved", approved],
    ["denied", all.length - approved],
  ] as const
  const said = parts
    .filter(([, count]) => count > 0)
    .map(([verb, count], index) => `${verb} ${count}${index === 0 ? ` tool call${count === 1 ? "" : "s"}` : ""}`)
  return said.length === 0 ? "decided about tools in the" : `${said.join(" and ")} in the`
}

const ofChat = ({ diff }: Entry): string => {
  switch (
    changedField(
      diff,
      "approvals",
      "tool_policy",
      "user_acl",
      "group_acl",
      "archived",
      "title",
      "plan_mode",
      "pin_order",
    )
  ) {
    case "approvals":
      return decisions(diff["approvals"]?.new)
    case "tool_policy":
      return "changed the tool rules of the"
    case "user_acl":
    case "group_acl":
      return "changed who may read the"
    case "archived":
      return diff["archived"]?.new === true ? "archived the" : "brought back the"
    case "title":
      return "renamed the"
    case "plan_mode":
      return diff["plan_mode"]?.new === true ? "switched plan mode on in the" : "switched plan mode off in the"
    case "pin_order":
      return "pinned otherwise the"
    default:
      return "changed the"
  }
}

const written = (entry: Entry): string => {
  switch (entry.resource_type) {
    case "user":
      return ofUser(entry)
    case "chat":
      return ofChat(entry)
    case "organization_member":
      return "changed the roles of the"
    case "api_key":
      return "ended the"
    default:
      return "changed the"
  }
}

/** What was done, up to the name of the thing; the thing is not named where who did it is it. */
export const deedOf = (entry: Entry): { readonly verb: string; readonly named: boolean } => {
  const of = (verb: string) => ({ verb: `${verb} ${typeTitle(entry.resource_type)}`, named: true })
  switch (entry.action) {
    case "login":
      return { verb: "signed in", named: false }
    case "logout": {
      const sessions = entry.additional_fields["sessions"]
      if (typeof sessions !== "number") return { verb: "signed out", named: false }
      return of(`ended ${sessions} ${sessions === 1 ? "session" : "sessions"} of the`)
    }
    case "register":
      return of("registered the")
    case "open":
      return of("looked into the")
    case "create":
      return of(entry.resource_type === "chat" ? "began the" : "added the")
    case "delete":
      return of(entry.resource_type === "api_key" ? "revoked the" : "removed the")
    case "start":
      return of("started the")
    case "stop":
      return of("stopped the")
    case "write":
      return of(written(entry))
  }
}

const FIELDS: Readonly<Record<string, string>> = {
  api_key: "API key",
  base_url: "Address",
  group_acl: "Groups that read",
  hashed_secret: "Secret",
  password_hash: "Password",
  site_roles: "Roles",
  user_acl: "People who read",
}

/** What a field is called: most by their own name, as words. */
export const fieldTitle = (field: string): string => {
  const title = FIELDS[field]
  if (title !== undefined) return title
  const words = field.replaceAll("_", " ")
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** A value of a field for people: text as it is, everything else as JSON. */
export const shownValue = (value: unknown): string => {
  if (value === null || value === undefined || value === "") return "nothing"
  if (typeof value === "string") return value
  if (typeof value === "boolean") return value ? "yes" : "no"
  if (typeof value === "number") return String(value)
  if (Array.isArray(value) && value.every((item) => typeof item === "string"))
    return value.length === 0 ? "none" : value.join(", ")
  return JSON.stringify(value, undefined, 2)
}
