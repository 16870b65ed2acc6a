import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query"
import { call } from "../api/client.ts"
import { meQuery } from "../api/queries.ts"
import { Callout } from "../ui/callout.tsx"
import { TextField } from "../ui/field.tsx"
import { formErrors } from "../ui/form-errors.ts"
import { useFormState } from "../ui/form-state.ts"
import { sessionsQuery } from "./own-queries.ts"
import { SettingsForm } from "./settings-form.tsx"
import { SettingsPage } from "./settings-page.tsx"

const empty = { old_password: "", password: "" }
const FIELDS = Object.keys(empty)

interface PasswordFormProps {
  /** For the browser's own list of passwords. */
  readonly email: string
}

const PasswordForm = ({ email }: PasswordFormProps) => {
  const queryClient = useQueryClient()
  const { values, dirty, set, reset } = useFormState(empty)
  const change = useMutation({
    mutationFn: () => call("changePassword", { path: { user: "me" }, body: values }),
    onSuccess: async () => {
      reset()
      await queryClient.invalidateQueries(sessionsQuery)
    },
  })
  const errors = formErrors(change.error, FIELDS)
  const field = (name: keyof typeof empty) => ({
    type: "password",
    required: true,
    value: values[name],
    onChange: ({ target }: { readonly target: { readonly value: string } }) => {
      set(name, target.value)
      if (!change.isPending) change.reset()
    },
    error: errors.fields[name],
  })
  return (
    <SettingsForm
      label="Change the password"
      about="All your other sessions end with the change; this one goes on. API tokens stay."
      submit="Change the password"
      stays
      busy={change.isPending}
      dirty={dirty}
      failure={errors.summary}
      done={change.isSuccess ? "Changed. You are signed out everywhere else." : undefined}
      onSubmit={() => change.mutate()}
      onClose={() => {
        reset()
        change.reset()
      }}
    >
      <input type="email" autoComplete="username" value={email} readOnly hidden />
      <TextField label="Present password" autoComplete="current-password" {...field("old_password")} />
      <TextField
        label="New password"
        autoComplete="new-password"
        minLength={10}
        maxLength={256}
        hint="At least 10 characters, and not one that many have."
        {...field("password")}
      />
    </SettingsForm>
  )
}

/** What one signs in with. */
export const PasswordPage = () => {
  const { data: me } = useSuspenseQuery(meQuery)
  return (
    <SettingsPage title="Password">
      {me.login_type === "password" ? (
        <PasswordForm email={me.email} />
      ) : (
        <Callout tone="info" title="This account has no password">
          It works by API token. An administrator can tell you how people sign in here.
        </Callout>
      )}
    </SettingsPage>
  )
}
