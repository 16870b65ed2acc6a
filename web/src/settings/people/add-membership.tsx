import { useMutation, useQueries, useQueryClient } from "@tanstack/react-query"
import { type FormEvent, useState } from "react"
import type { User } from "../../../../src/contract/identity.ts"
import type { Organization } from "../../../../src/contract/organizations.ts"
import { call } from "../../api/client.ts"
import { organizationMayQuery } from "../../auth/administration.ts"
import { Button } from "../../ui/button.tsx"
import { SelectField } from "../../ui/field.tsx"
import { formErrors } from "../../ui/form-errors.ts"
import { membersChanged } from "./people-data.ts"

interface AddMembershipProps {
  readonly user: User
  /** Those that it does not belong to. */
  readonly organizations: ReadonlyArray<Organization>
}

/** Adds an account to one more organization, of those in which one may. */
export const AddMembership = ({ user, organizations }: AddMembershipProps) => {
  const queryClient = useQueryClient()
  const may = useQueries({ queries: organizations.map(({ id }) => organizationMayQuery(id)) })
  const open = organizations.filter((_, index) => may[index]?.data?.addsMembers === true)
  const [wanted, setWanted] = useState("")
  const chosen = open.find(({ id }) => id === wanted) ?? open[0]
  const add = useMutation({
    mutationFn: async (organization: string) => {
      await call("addMember", { path: { organization, user: user.id } })
      await membersChanged(queryClient, organization)
    },
  })
  if (chosen === undefined) return null
  const errors = formErrors(add.error, [])
  return (
    <form
      className="flex items-end gap-2"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        add.mutate(chosen.id)
      }}
    >
      <div className="max-w-80 min-w-0 flex-1">
        <SelectField
          label="Add to an organization"
          value={chosen.id}
          onChange={({ target }) => setWanted(target.value)}
          error={errors.summary}
        >
          {open.map(({ id, name, display_name }) => (
            <option key={id} value={id}>
              {display_name || name}
            </option>
          ))}
        </SelectField>
      </div>
      <Button type="submit" busy={add.isPending} className="h-8">
        Add
      </Button>
    </form>
  )
}
