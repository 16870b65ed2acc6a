import type { AssignableRole } from "../../../../src/contract/roles.ts"
import { CheckField } from "../../ui/field.tsx"
import { roleTitle } from "./role-words.ts"

interface RoleFieldsProps {
  readonly legend: string
  readonly roles: ReadonlyArray<AssignableRole>
  readonly chosen: ReadonlyArray<string>
  readonly onChange: (chosen: ReadonlyArray<string>) => void
  /** Why none of them can be given here, whatever one may otherwise. */
  readonly refused?: string | undefined
  readonly error?: string | undefined
}

/** Roles to tick, each with what it means. Those that one may not give say so. */
export const RoleFields = ({ legend, roles, chosen, onChange, refused, error }: RoleFieldsProps) => (
  <fieldset className="flex flex-col gap-3 sm:col-span-2">
    <legend className="mb-2 text-sm font-medium text-ink">{legend}</legend>
    {error !== undefined && (
      <p role="alert" className="text-xs text-danger">
        {error}
      </p>
    )}
    {roles.map((role) => {
      const held = chosen.includes(role.name)
      const reason = refused ?? (role.assignable ? undefined : "You may not give or take this role.")
      return (
        <CheckField
          key={role.name}
          label={roleTitle(role)}
          hint={[role.description, reason].filter((text) => text !== undefined && text !== "").join(" ")}
          checked={held}
          disabled={reason !== undefined}
          onChange={() => onChange(held ? chosen.filter((name) => name !== role.name) : [...chosen, role.name])}
        />
      )
    })}
  </fieldset>
)
