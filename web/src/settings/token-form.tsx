import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import type { TokenConfig } from "../../../src/contract/tokens.ts"
import { call } from "../api/client.ts"
import { useNow } from "../chats/use-now.ts"
import { SelectField, TextField } from "../ui/field.tsx"
import { formErrors } from "../ui/form-errors.ts"
import { useFormState } from "../ui/form-state.ts"
import { tokensQuery } from "./own-queries.ts"
import { ALL, APPROVE } from "./scope-words.ts"
import { SettingsForm } from "./settings-form.tsx"
import { TokenScopes, type TokenReach } from "./token-scopes.tsx"

const DAY_NANOSECONDS = 86_400e9
const USUAL_DAYS = [1, 7, 30, 90, 365]
const FIRST_DAYS = 30
const FIELDS = ["token_name", "lifetime_days", "scopes"]

const nothingChosen: TokenReach = { reach: "all", ticked: new Set(), approve: false }

const scopesOf = ({ reach, ticked, approve }: TokenReach): ReadonlyArray<string> => [
  ...(reach === "all" ? [ALL] : ticked),
  ...(approve ? [APPROVE] : []),
]

/** Lifetimes to choose from: the usual ones that the deployment allows, and the longest. */
export const lifetimes = (maxDays: number): ReadonlyArray<number> => [
  ...USUAL_DAYS.filter((days) => days < maxDays),
  maxDays,
]

const daysInWords = (days: number): string => (days === 1 ? "1 day" : `${days} days`)

/** What is shown once. It is in the page only as long as it is shown: in no address, no cache and no storage. */
export interface MadeToken {
  readonly name: string
  readonly key: string
}

interface TokenFormProps {
  readonly config: Pick<TokenConfig, "max_token_lifetime" | "scopes">
  readonly onMade: (token: MadeToken) => void
  readonly onClose: () => void
}

export const TokenForm = ({ config, onMade, onClose }: TokenFormProps) => {
  const queryClient = useQueryClient()
  const now = useNow()
  const maxDays = Math.max(1, Math.floor(config.max_token_lifetime / DAY_NANOSECONDS))
  const { values, dirty, set } = useFormState({ name: "", days: Math.min(FIRST_DAYS, maxDays), reach: nothingChosen })
  const [untried, setUntried] = useState(true)
  const { name, days, reach } = values
  const scopes = scopesOf(reach)
  const create = useMutation({
    // Its result is nothing, so that no cache holds the token.
    mutationFn: async () => {
      const token_name = name.trim()
      const { key } = await call("createToken", {
        path: { user: "me" },
        body: { token_name, lifetime_days: days, scopes },
      })
      onMade({ name: token_name, key })
    },
    onSuccess: () => queryClient.invalidateQueries(tokensQuery),
  })
  const errors = formErrors(create.error, FIELDS)
  const ends = new Date(now + days * 86_400_000).toLocaleDateString(undefined, { dateStyle: "long" })
  return (
    <SettingsForm
      label="New API token"
      submit="Create the token"
      busy={create.isPending}
      dirty={dirty}
      failure={errors.summary}
      onSubmit={() => {
        setUntried(false)
        if (scopes.length > 0) create.mutate()
      }}
      onClose={onClose}
    >
      <TextField
        label="Name"
        required
        autoComplete="off"
        maxLength={64}
        placeholder="ci"
        hint="What it is for, so that you know it again."
        value={name}
        onChange={({ target }) => set("name", target.value)}
        error={errors.fields["token_name"]}
      />
      <SelectField
        label="Lifetime"
        value={days}
        hint={`Until ${ends}. The longest here is ${daysInWords(maxDays)}.`}
        onChange={({ target }) => set("days", Number(target.value))}
        error={errors.fields["lifetime_days"]}
      >
        {lifetimes(maxDays).map((each) => (
          <option key={each} value={each}>
            {daysInWords(each)}
          </option>
        ))}
      </SelectField>
      <TokenScopes
        {...reach}
        scopes={config.scopes}
        error={!untried && scopes.length === 0 ? "Tick at least one thing." : errors.fields["scopes"]}
        onChange={(next) => set("reach", next)}
      />
    </SettingsForm>
  )
}
