import type { OrganizationId } from "../../../../src/contract/ids.ts"
import type { Organization } from "../../../../src/contract/organizations.ts"
import { CheckField } from "../../ui/field.tsx"
import { proseText } from "../../ui/prose-text.ts"

interface OrganizationFieldsProps {
  readonly organizations: ReadonlyArray<Organization>
  readonly chosen: ReadonlyArray<OrganizationId>
  readonly onChange: (chosen: ReadonlyArray<OrganizationId>) => void
  readonly error: string | undefined
}

/** Which organizations an account belongs to from its beginning. Where there is one only, there is nothing to ask. */
export const OrganizationFields = ({ organizations, chosen, onChange, error }: OrganizationFieldsProps) => {
  if (organizations.length < 2) return null
  return (
    <fieldset className="flex flex-col gap-3 sm:col-span-2">
      <legend className="mb-2 text-sm font-medium text-ink">Organizations</legend>
      {error !== undefined && (
        <p role="alert" className="text-xs text-danger">
          {error}
        </p>
      )}
      {organizations.map(({ id, name, display_name, description }) => (
        <CheckField
          key={id}
          label={proseText(display_name || name)}
          hint={description === "" ? undefined : proseText(description)}
          checked={chosen.includes(id)}
          // An account without any would be put into the default one.
          disabled={chosen.length === 1 && chosen.includes(id)}
          onChange={({ target }) => onChange(target.checked ? [...chosen, id] : chosen.filter((held) => held !== id))}
        />
      ))}
    </fieldset>
  )
}
