import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { type FormEvent, useState } from "react"
import type { User } from "../../../../src/contract/identity.ts"
import { call } from "../../api/client.ts"
import { Button } from "../../ui/button.tsx"
import { Callout } from "../../ui/callout.tsx"
import { CopyButton } from "../../ui/copy-button.tsx"
import { Dialog } from "../../ui/dialog.tsx"
import { TextField } from "../../ui/field.tsx"
import { formErrors } from "../../ui/form-errors.ts"
import { tokenConfigQuery, tokensQuery } from "./people-data.ts"

const FIELDS = ["token_name", "lifetime_days"]
const DAY_NANOSECONDS = 86_400 * 1e9
const USUAL_DAYS = "30"

interface TokenDialogProps {
  readonly user: User
  readonly onClose: () => void
}

/** The token itself, which the server tells once and this page keeps nowhere. */
const MadeToken = ({ token, onClose }: { readonly token: string; readonly onClose: () => void }) => (
  <div className="mt-4 flex flex-col gap-4">
    <Callout tone="warning" title="Copy it now: it is not shown again.">
      Programs send it as the header <code className="font-mono text-xs">Coder-Session-Token</code>.
    </Callout>
    <div className="flex items-center gap-2 rounded-control border border-line bg-sunken py-1 pr-1 pl-3">
      <code aria-label="API token" className="min-w-0 flex-1 font-mono text-xs break-all">
        {token}
      </code>
      <CopyButton label="Copy the token" text={token} />
    </div>
    <div className="flex justify-end">
      <Button look="primary" onClick={onClose}>
        Done
      </Button>
    </div>
  </div>
)

/** Makes an API token for somebody else's account, such as that of a program. */
export const TokenDialog = ({ user, onClose }: TokenDialogProps) => {
  const queryClient = useQueryClient()
  const config = useQuery(tokenConfigQuery(user.id))
  const [name, setName] = useState("")
  const [days, setDays] = useState(USUAL_DAYS)
  const [token, setToken] = useState<string>()
  const make = useMutation({
    mutationFn: async () => {
      const { key } = await call("createToken", {
        path: { user: user.id },
        body: {
          lifetime_days: Number(days),
          scopes: ["all"],
          ...(name.trim() !== "" && { token_name: name.trim() }),
        },
      })
      setToken(key)
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: tokensQuery(user.id).queryKey }),
  })
  const errors = formErrors(make.error, FIELDS)
  const most = config.data === undefined ? undefined : Math.floor(config.data.max_token_lifetime / DAY_NANOSECONDS)
  return (
    <Dialog
      open
      onClose={onClose}
      title={`API token for ${user.username}`}
      about="Whoever has it acts as this account, with its roles. It approves nothing."
    >
      {token !== undefined ? (
        <MadeToken token={token} onClose={onClose} />
      ) : (
        <form
          className="mt-4 flex flex-col gap-4"
          onSubmit={(event: FormEvent) => {
            event.preventDefault()
            make.mutate()
          }}
        >
          {errors.summary !== undefined && <Callout tone="danger" role="alert" title={errors.summary} />}
          <TextField
            label="Name"
            data-first-focus
            value={name}
            placeholder="nightly-build"
            hint="To tell it from others. One is made up where you give none."
            onChange={({ target }) => setName(target.value)}
            error={errors.fields["token_name"]}
          />
          <TextField
            label="Days until it expires"
            type="number"
            required
            min={1}
            {...(most !== undefined && { max: most })}
            value={days}
            hint={most === undefined ? " " : `At most ${most.toLocaleString()} days.`}
            onChange={({ target }) => setDays(target.value)}
            error={errors.fields["lifetime_days"]}
          />
          <div className="flex justify-end gap-2">
            <Button look="quiet" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" look="primary" busy={make.isPending}>
              Make token
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  )
}
