import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import type { OrganizationId } from "../../../../src/contract/ids.ts"
import { CheckField, TextField } from "../../ui/field.tsx"
import { useFocusOnMount } from "../../ui/focus.ts"
import { formErrors } from "../../ui/form-errors.ts"
import { useFormState } from "../../ui/form-state.ts"
import { SettingsForm } from "../settings-form.tsx"
import { createAccount, type CreatedAccount } from "./create-account.ts"
import { OrganizationFields } from "./organization-fields.tsx"
import { organizationsQuery, usersChanged } from "./people-data.ts"
import { AGENTS_ACCESS, AGENTS_ACCESS_MEANS } from "./role-words.ts"

const FIELDS = ["username", "name", "organization_ids"]

const empty = {
  name: "",
  username: "",
  agentsAccess: false,
  organizations: undefined as ReadonlyArray<OrganizationId> | undefined,
}

interface CreateServiceAccountFormProps {
  readonly onCreated: (created: CreatedAccount) => void
  readonly onClose: () => void
}

/** Adds the account of a program. */
export const CreateServiceAccountForm = ({ onCreated, onClose }: CreateServiceAccountFormProps) => {
  const queryClient = useQueryClient()
  const first = useFocusOnMount<HTMLInputElement>()
  const organizations = useQuery(organizationsQuery).data ?? []
  const { values, dirty, set } = useFormState(empty)
  const chosen = values.organizations ?? organizations.filter(({ is_default }) => is_default).map(({ id }) => id)
  const create = useMutation({
    mutationFn: () =>
      createAccount({
        request: {
          username: values.username.trim(),
          ...(values.name.trim() !== "" && { name: values.name.trim() }),
          service_account: true,
          organization_ids: chosen,
        },
        memberRoles: values.agentsAccess ? [AGENTS_ACCESS] : undefined,
        siteRoles: [],
      }),
    onSuccess: async (created) => {
      onCreated(created)
      await usersChanged(queryClient)
    },
  })
  const errors = formErrors(create.error, FIELDS)
  return (
    <SettingsForm
      label="New service account"
      heading="h2"
      submit="Create service account"
      busy={create.isPending}
      dirty={dirty}
      failure={errors.summary}
      onSubmit={() => create.mutate()}
      onClose={onClose}
    >
      <TextField
        label="Username"
        ref={first}
        required
        autoComplete="off"
        spellCheck={false}
        maxLength={32}
        value={values.username}
        hint="Letters, digits and single dashes."
        onChange={({ target }) => set("username", target.value)}
        error={errors.fields["username"]}
      />
      <TextField
        label="Name"
        autoComplete="off"
        maxLength={128}
        value={values.name}
        hint="What it does: “Nightly build”."
        onChange={({ target }) => set("name", target.value)}
        error={errors.fields["name"]}
      />
      <OrganizationFields
        organizations={organizations}
        chosen={chosen}
        onChange={(ids) => set("organizations", ids)}
        error={errors.fields["organization_ids"]}
      />
      <fieldset className="flex flex-col gap-3 sm:col-span-2">
        <legend className="mb-2 text-sm font-medium text-ink">In the organization</legend>
        <CheckField
          label="Agents access"
          hint={`${AGENTS_ACCESS_MEANS} What its agents ask for waits for a person: it approves nothing.`}
          checked={values.agentsAccess}
          onChange={({ target }) => set("agentsAccess", target.checked)}
        />
      </fieldset>
    </SettingsForm>
  )
}
