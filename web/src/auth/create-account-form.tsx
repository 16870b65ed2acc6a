import { useMutation, useQueryClient } from "@tanstack/react-query"
import { type FormEvent, useState } from "react"
import { call, hasStatus } from "../api/client.ts"
import { firstUserQuery } from "../api/queries.ts"
import { Button } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"
import { TextField } from "../ui/field.tsx"
import { useFocusOnMount } from "../ui/focus.ts"
import { formErrors } from "../ui/form-errors.ts"
import { arrivedSetupToken, setupTokenIn } from "./setup-token.ts"

interface CreateAccountFormProps {
  readonly setupTokenRequired: boolean
  readonly onSignedIn: () => void
}

/** Creates the first user and signs in. */
export const CreateAccountForm = ({ setupTokenRequired, onSignedIn }: CreateAccountFormProps) => {
  const queryClient = useQueryClient()
  const firstField = useFocusOnMount<HTMLInputElement>()
  const [account, setAccount] = useState({ email: "", username: "", password: "", setup_token: arrivedSetupToken() })
  const create = useMutation({
    mutationFn: async () => {
      const { setup_token, ...rest } = { ...account, email: account.email.trim(), username: account.username.trim() }
      await call("createFirstUser", {
        body: { ...rest, ...(setupTokenRequired ? { setup_token: setupTokenIn(setup_token) } : {}) },
      })
      await call("login", { body: { email: rest.email, password: rest.password } })
    },
    onSuccess: onSignedIn,
    /** Somebody else was first: the page then asks to sign in. */
    onError: (error) => (hasStatus(error, 409) ? queryClient.invalidateQueries(firstUserQuery) : undefined),
  })
  const errors = formErrors(create.error, Object.keys(account))

  const asksForToken = setupTokenRequired && (arrivedSetupToken() === "" || errors.fields["setup_token"] !== undefined)

  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate()
  }
  const field = (name: keyof typeof account) => ({
    value: account[name],
    onChange: (event: { readonly target: { readonly value: string } }) =>
      setAccount((held) => ({ ...held, [name]: event.target.value })),
    error: errors.fields[name],
    required: true,
  })

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {errors.summary !== undefined && <Callout tone="danger" role="alert" title={errors.summary} />}
      <TextField label="Email" type="email" autoComplete="email" ref={firstField} {...field("email")} />
      <TextField
        label="Username"
        autoComplete="username"
        hint="Letters, digits and single dashes."
        {...field("username")}
      />
      <TextField
        label="Password"
        type="password"
        autoComplete="new-password"
        hint="At least 10 characters, and not one that many have."
        minLength={10}
        {...field("password")}
      />
      {asksForToken && (
        <TextField
          label="Setup token"
          autoComplete="off"
          hint="It is in the URL that the server printed when it started. You can paste that URL here."
          {...field("setup_token")}
        />
      )}
      <Button type="submit" look="primary" busy={create.isPending} className="mt-2">
        Create account
      </Button>
    </form>
  )
}
