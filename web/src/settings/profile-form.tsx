import { useMutation, useQueryClient } from "@tanstack/react-query"
import type { User } from "../../../src/contract/identity.ts"
import { call } from "../api/client.ts"
import { meQuery } from "../api/queries.ts"
import { TextField } from "../ui/field.tsx"
import { formErrors } from "../ui/form-errors.ts"
import { useFormState } from "../ui/form-state.ts"
import { SettingsForm } from "./settings-form.tsx"

const FIELDS = ["name", "username", "email"]

/** Name and username are one's own to change; the address is an administrator's. */
export const ProfileForm = ({ me }: { readonly me: User }) => {
  const queryClient = useQueryClient()
  const { values, dirty, set, reset } = useFormState({ name: me.name, username: me.username })
  const save = useMutation({
    mutationFn: () =>
      call("updateUserProfile", {
        path: { user: "me" },
        body: { name: values.name.trim(), username: values.username.trim() },
      }),
    onSuccess: (saved) => {
      queryClient.setQueryData(meQuery.queryKey, saved)
      reset()
    },
  })
  const errors = formErrors(save.error, FIELDS)
  const change = (name: keyof typeof values) => (event: { readonly target: { readonly value: string } }) => {
    set(name, event.target.value)
    if (!save.isPending) save.reset()
  }
  return (
    <SettingsForm
      label="Who you are"
      submit="Save"
      stays
      busy={save.isPending}
      dirty={dirty}
      failure={errors.summary}
      done={save.isSuccess ? "Saved" : undefined}
      onSubmit={() => save.mutate()}
      onClose={() => {
        reset()
        save.reset()
      }}
    >
      <TextField
        label="Name"
        autoComplete="name"
        maxLength={128}
        value={values.name}
        hint="What others see of you."
        onChange={change("name")}
        error={errors.fields["name"]}
      />
      <TextField
        label="Username"
        autoComplete="username"
        required
        maxLength={32}
        value={values.username}
        hint="Letters, digits and single dashes."
        onChange={change("username")}
        error={errors.fields["username"]}
      />
      <TextField
        label="Email"
        type="email"
        value={me.email}
        readOnly
        hint="You sign in with it. An administrator can change it."
        error={errors.fields["email"]}
      />
    </SettingsForm>
  )
}
