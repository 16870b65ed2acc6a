import { useMutation, useQueryClient } from "@tanstack/react-query"
import type { Group } from "../../../../src/contract/organizations.ts"
import { call } from "../../api/client.ts"
import { TextField } from "../../ui/field.tsx"
import { useFocusOnMount } from "../../ui/focus.ts"
import { formErrors } from "../../ui/form-errors.ts"
import { useFormState } from "../../ui/form-state.ts"
import { SettingsForm } from "../settings-form.tsx"
import { membersChanged } from "./people-data.ts"

const FIELDS = ["name", "display_name", "avatar_url"]
type Field = "name" | "display_name"

interface GroupFieldsProps {
  readonly values: Readonly<Record<Field, string>>
  readonly errors: Readonly<Record<string, string>>
  readonly set: (field: Field, value: string) => void
  readonly first?: boolean
}

const GroupFields = ({ values, errors, set, first = false }: GroupFieldsProps) => {
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
    </>
  )
}

const trimmed = ({ name, display_name }: Readonly<Record<Field, string>>) => ({
  name: name.trim(),
  display_name: display_name.trim(),
})

interface CreateGroupFormProps {
  readonly organization: string
  readonly onCreated: (group: Group) => void
  readonly onClose: () => void
}

/** Adds a group of an organization's members, empty at first. */
export const CreateGroupForm = ({ organization, onCreated, onClose }: CreateGroupFormProps) => {
  const queryClient = useQueryClient()
  const { values, dirty, set } = useFormState({ name: "", display_name: "" })
  const create = useMutation({
    mutationFn: () => call("createGroup", { path: { organization }, body: trimmed(values) }),
    onSuccess: async (group) => {
      await membersChanged(queryClient, organization)
      onCreated(group)
    },
  })
  const errors = formErrors(create.error, FIELDS)
  return (
    <SettingsForm
      label="New group"
      heading="h2"
      submit="Create group"
      busy={create.isPending || create.isSuccess}
      dirty={dirty}
      failure={errors.summary}
      onSubmit={() => create.mutate()}
      onClose={onClose}
    >
      <GroupFields values={values} errors={errors.fields} set={set} first />
    </SettingsForm>
  )
}

/** What a group is called. */
export const GroupForm = ({ group }: { readonly group: Group }) => {
  const queryClient = useQueryClient()
  const { values, dirty, set, reset } = useFormState({ name: group.name, display_name: group.display_name })
  const save = useMutation({
    mutationFn: () => call("updateGroup", { path: { group: group.id }, body: trimmed(values) }),
    onSuccess: async () => {
      await membersChanged(queryClient, group.organization_id)
      reset()
    },
  })
  const errors = formErrors(save.error, FIELDS)
  return (
    <SettingsForm
      label="Name of the group"
      heading="h2"
      submit="Save group"
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
      <GroupFields values={values} errors={errors.fields} set={set} />
    </SettingsForm>
  )
}
