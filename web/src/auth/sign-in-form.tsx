import { useMutation } from "@tanstack/react-query"
import { type FormEvent, useState } from "react"
import { call } from "../api/client.ts"
import { Button } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"
import { TextField } from "../ui/field.tsx"
import { useFocusOnMount } from "../ui/focus.ts"
import { formErrors } from "../ui/form-errors.ts"

export const SignInForm = ({ onSignedIn }: { readonly onSignedIn: () => void }) => {
  const firstField = useFocusOnMount<HTMLInputElement>()
  const [email, setEmail] = useState("")
  const [password, setPassword] = useState("")
  const signIn = useMutation({
    mutationFn: async () => {
      await call("login", { body: { email: email.trim(), password } })
    },
    onSuccess: onSignedIn,
  })
  const errors = formErrors(signIn.error, ["email", "password"])

  const submit = (event: FormEvent) => {
    event.preventDefault()
    signIn.mutate()
  }

  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {errors.summary !== undefined && <Callout tone="danger" role="alert" title={errors.summary} />}
      <TextField
        label="Email"
        type="email"
        autoComplete="username"
        required
        ref={firstField}
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        error={errors.fields["email"]}
      />
      <TextField
        label="Password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        error={errors.fields["password"]}
      />
      <Button type="submit" look="primary" busy={signIn.isPending} className="mt-2">
        Sign in
      </Button>
    </form>
  )
}
