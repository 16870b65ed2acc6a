import { useMutation, useQueryClient } from "@tanstack/react-query"
import type { Organization } from "../../../../src/contract/organizations.ts"
import { call } from "../../api/client.ts"
import { TextField } from "../../ui/field.tsx"
import { useFocusOnMount } from "../../ui/focus.ts"
import { formErrors } from "../../ui/form-errors.ts"
import { useFormState } from "../../ui/form-state.ts"
import { SettingsForm } from "../settings-form.tsx"
import { organizationsQuery } from "./people-data.ts"

const FIELDS = ["name", "display_name", "description"]
type Field = "name" | "display_name" | "description"
type Values = Readonly<Record<Field, string>>

interface OrganizationFieldsProps {
  readonly values: Values
  readonly errors: Readonly<Record<string, string>>
  readonly set: (field: Field, value: string) => void
  readonly first?: boolean
}

const Fields = ({ values, errors, set, first = false }: OrganizationFieldsProps) => {
  const focused = useFocusOnMount<HTMLInputElement>()
  return (
    <>
      <TextField
        label="Name"
        {...(first && { ref: focused })}
        required
        autoComplete="off"
        spellCheck={false}
        maxLength={32}
        hint="Letters, digits and single dashes: it stands in addresses."
        value={values.name}
        onChange={({ target }) => set("name", target.value)}
        error={errors["name"]}
      />
      <TextField
        label="Display name"
        autoComplete="off"
        maxLength={64}
        placeholder={values.name}
        value={values.display_name}
        onChange={({ target }) => set("display_name", target.value)}
        error={errors["display_name"]}
      />
      <div className="sm:col-span-2">
        <TextField
          label="Description"
          autoComplete="off"
          maxLength={512}
          value={values.description}
          onChange={({ target }) => set("description", target.value)}
          error={errors["description"]}
        />
      </div>
    </>
  )
}

const trimmed = ({ name, display_name, description }: Values) => ({
  name: name.trim(),
  display_name: display_name.trim(),
  description: description.trim(),
})

interface CreateOrganizationFormProps {
  readonly onCreated: (organization: Organization) => void
  readonly onClose: () => void
}

/** Adds an organization, with oneself as its first member. */
export const CreateOrganizationForm = ({ onCreated, onClose }: CreateOrganizationFormProps) => {
  const queryClient = useQueryClient()
  const { values, dirty, set } = useFormState<Values>({ name: "", display_name: "", description: "" })
  const create = useMutation({
    mutationFn: () => call("createOrganization", { body: trimmed(values) }),
    onSuccess: async (organization) => {
      await queryClient.invalidateQueries({ queryKey: organizationsQuery.queryKey })
      onCreated(organization)
    },
  })
  const errors = formErrors(create.error, FIELDS)
  return (
    <SettingsForm
      label="New organization"
      heading="h2"
      submit="Create organization"
      busy={create.isPending || create.isSuccess}
      dirty={dirty}
      failure={errors.summary}
      onSubmit={() => create.mutate()}
      onClose={onClose}
    >
      <Fields values={values} errors={errors.fields} set={set} first />
    </SettingsForm>
  )
}

/** What an organization is called. */
export const OrganizationForm = ({ organization }: { readonly organization: Organization }) => {
  const queryClient = useQueryClient()
  const { name, display_name, description } = organization
  const { values, dirty, set, reset } = useFormState<Values>({ name, display_name, description })
  const save = useMutation({
    mutationFn: () => call("updateOrganization", { path: { organization: organization.id }, body: trimmed(values) }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: organizationsQuery.queryKey })
      reset()
    },
  })
  const errors = formErrors(save.error, FIELDS)
  return (
    <SettingsForm
      label="About the organization"
      heading="h2"
      submit="Save organization"
      busy={save.isPending}
      dirty={dirty}
      failure={errors.summary}
      onSubmit={() => save.mutate()}
      onClose={() => {
        save.reset()
        reset()
      }}
      stays
    >
      <Fields values={values} errors={errors.fields} set={set} />
    </SettingsForm>
  )
}
