import { useMutation, useQueryClient } from "@tanstack/react-query"
import type { User } from "../../../../src/contract/identity.ts"
import { call } from "../../api/client.ts"
import { TextField } from "../../ui/field.tsx"
import { formErrors } from "../../ui/form-errors.ts"
import { useFormState } from "../../ui/form-state.ts"
import { SettingsForm } from "../settings-form.tsx"
import { usersChanged } from "./people-data.ts"

const FIELDS = ["username", "name", "email"]

/** What an account is called, and its address. */
export const ProfileForm = ({ user }: { readonly user: User }) => {
  const queryClient = useQueryClient()
  const { values, dirty, set, reset } = useFormState({ name: user.name, username: user.username, email: user.email })
  const save = useMutation({
    mutationFn: () =>
      call("updateUserProfile", {
        path: { user: user.id },
        body: {
          username: values.username.trim(),
          name: values.name.trim(),
          ...(values.email.trim() !== user.email && { email: values.email.trim() }),
        },
      }),
    onSuccess: async () => {
      await usersChanged(queryClient)
      reset()
    },
  })
  const errors = formErrors(save.error, FIELDS)
  const field = (name: "name" | "username" | "email") => ({
    value: values[name],
    onChange: ({ target }: { readonly target: { readonly value: string } }) => set(name, target.value),
    error: errors.fields[name],
  })
  return (
    <SettingsForm
      label="Profile"
      heading="h2"
      submit="Save profile"
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
      <TextField label="Name" autoComplete="off" maxLength={128} {...field("name")} />
      <TextField
        label="Username"
        required
        autoComplete="off"
        spellCheck={false}
        maxLength={32}
        hint="Letters, digits and single dashes."
        {...field("username")}
      />
      {!user.is_service_account && (
        <TextField
          label="Email"
          type="email"
          required
          autoComplete="off"
          hint={user.login_type === "password" ? "The person signs in with it." : undefined}
          {...field("email")}
        />
      )}
    </SettingsForm>
  )
}
