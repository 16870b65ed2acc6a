import { useQuery } from "@tanstack/react-query"
import { Tag } from "../../ui/tag.tsx"
import { organizationRolesQuery } from "./people-data.ts"
import { AGENTS_ACCESS, roleTitle } from "./role-words.ts"

interface RoleTagsProps {
  readonly organization: string
  readonly names: ReadonlyArray<string>
}

/** The roles of a membership, as the organization calls them. */
export const RoleTags = ({ organization, names }: RoleTagsProps) => {
  const roles = useQuery(organizationRolesQuery(organization)).data ?? []
  if (names.length === 0) return <span className="text-xs text-ink-faint">Member without a role</span>
  return (
    <span className="flex flex-wrap gap-1">
      {names.map((name) => (
        <Tag key={name} tone={name === AGENTS_ACCESS ? "good" : "neutral"}>
          {roleTitle(roles.find((role) => role.name === name) ?? { name, display_name: name })}
        </Tag>
      ))}
    </span>
  )
}
