import { Building2, ChevronDown } from "lucide-react"
import type { Organization } from "../../../src/contract/organizations.ts"
import { Menu, MenuChoice, MenuChoices, MenuLabel, useMenu } from "../ui/menu.tsx"

export const organizationName = ({ display_name, name }: Organization): string => display_name || name

interface OrganizationPickerProps {
  readonly organizations: ReadonlyArray<Organization>
  readonly chosen: string | undefined
  readonly onChoose: (id: string) => void
}

/** Where the next chat belongs, for who may start chats in several organizations. */
export const OrganizationPicker = ({ organizations, chosen, onChoose }: OrganizationPickerProps) => {
  const menu = useMenu()
  const current = organizations.find(({ id }) => id === chosen)
  const name = current === undefined ? "Choose an organization" : organizationName(current)
  return (
    <>
      <button
        type="button"
        {...menu.button}
        aria-label={`Organization: ${name}`}
        className="flex h-6.5 max-w-44 min-w-0 items-center gap-1 rounded-control px-2 text-xs text-ink-soft transition-colors hover:bg-hover hover:text-ink data-[state=open]:bg-hover pointer-coarse:h-11"
      >
        <Building2 aria-hidden className="size-3.5 shrink-0 text-ink-faint" />
        <span className="truncate">{name}</span>
        <ChevronDown aria-hidden className="size-3.5 shrink-0 text-ink-faint" />
      </button>
      <Menu of={menu} side="top" align="start" className="max-h-80 w-64">
        <MenuLabel>The chat belongs to</MenuLabel>
        <MenuChoices value={chosen ?? ""} onChange={onChoose}>
          {organizations.map((organization) => (
            <MenuChoice key={organization.id} value={organization.id}>
              {organizationName(organization)}
            </MenuChoice>
          ))}
        </MenuChoices>
      </Menu>
    </>
  )
}
