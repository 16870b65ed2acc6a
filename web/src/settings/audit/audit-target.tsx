import { Link } from "@tanstack/react-router"
import type { AuditEntry } from "../../../../src/contract/audit.ts"
import { proseText } from "../../ui/prose-text.ts"

const look = "font-medium text-ink underline decoration-line-strong underline-offset-3 hover:decoration-current"

/** Not a stop of its own in the list: the arrow to the right leads to it. */
const within = { tabIndex: -1, "data-item-action": true, className: look } as const

/** The thing that was changed, with the way to it where it has a page and is not gone by this very change. */
export const AuditTarget = ({ entry }: { readonly entry: AuditEntry }) => {
  const { action, organization, resource_id: id, resource_type: type } = entry
  const name = proseText(entry.resource_target)
  if (action === "delete") return <span className="font-medium text-ink">{name}</span>
  switch (type) {
    case "user":
    case "organization_member":
      return (
        <Link to="/settings/users/$user" params={{ user: id }} {...within}>
          {name}
        </Link>
      )
    case "group":
      return (
        <Link to="/settings/groups/$group" params={{ group: id }} {...within}>
          {name}
        </Link>
      )
    case "organization":
      return (
        <Link to="/settings/organizations/$organization" params={{ organization: id }} {...within}>
          {name}
        </Link>
      )
    case "custom_role":
      return (
        <Link
          to="/settings/roles"
          search={organization === undefined ? {} : { organization: organization.id }}
          {...within}
        >
          {name}
        </Link>
      )
    case "chat":
      return (
        <Link to="/agents/$chatId" params={{ chatId: id }} {...within} className={`${look} font-mono text-xs`}>
          {name}
        </Link>
      )
    case "ai_provider":
    case "chat_model_config":
      return (
        <Link to="/settings/models" {...within}>
          {name}
        </Link>
      )
    default:
      return <span className="font-medium text-ink">{name}</span>
  }
}
