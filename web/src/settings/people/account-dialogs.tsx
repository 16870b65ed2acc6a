import { useMutation, useQueryClient } from "@tanstack/react-query"
import { type FormEvent, useState } from "react"
import type { User } from "../../../../src/contract/identity.ts"
import { call } from "../../api/client.ts"
import { Button } from "../../ui/button.tsx"
import { Callout } from "../../ui/callout.tsx"
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx"
import { Dialog } from "../../ui/dialog.tsx"
import { formErrors } from "../../ui/form-errors.ts"
import { NewPasswordField } from "./new-password-field.tsx"
import { userQuery, usersChanged } from "./people-data.ts"
import { TokenDialog } from "./token-dialog.tsx"

/** What is done with an account, each asked for once more. */

export type AccountAct = "suspend" | "activate" | "delete" | "password" | "token"

interface ActDialogProps {
  readonly user: User
  readonly onClose: () => void
}

const SuspendDialog = ({ user, onClose }: ActDialogProps) => {
  const queryClient = useQueryClient()
  return (
    <ConfirmDialog
      title={`Suspend ${user.username}?`}
      about={
        user.is_service_account
          ? "Its API tokens work no more and open streams end within a second. Its chats, roles and memberships stay. You can activate it again."
          : "All sessions end, API tokens work no more, and open streams end within a second. Chats, roles and memberships stay. You can activate the account again."
      }
      confirm="Suspend"
      danger
      run={async () => {
        await call("suspendUser", { path: { user: user.id } })
        await usersChanged(queryClient)
      }}
      onClose={onClose}
    />
  )
}

const ActivateDialog = ({ user, onClose }: ActDialogProps) => {
  const queryClient = useQueryClient()
  return (
    <ConfirmDialog
      title={`Activate ${user.username}?`}
      about={
        user.is_service_account
          ? "Its API tokens that have not expired work again, with the roles that it has."
          : "The person can sign in again, with the roles that the account has. Sessions that were ended stay ended."
      }
      confirm="Activate"
      run={async () => {
        await call("activateUser", { path: { user: user.id } })
        await usersChanged(queryClient)
      }}
      onClose={onClose}
    />
  )
}

interface DeleteDialogProps extends ActDialogProps {
  /** Leaves a page of the account, which is no more. */
  readonly onDeleted?: (() => Promise<void>) | undefined
}

const DeleteDialog = ({ user, onClose, onDeleted }: DeleteDialogProps) => {
  const queryClient = useQueryClient()
  return (
    <ConfirmDialog
      title={`Delete ${user.username}?`}
      about="Nobody can use the account any more, and it leaves all organizations and groups. Its chats and what the audit log says of it stay. The username and the email address can be given to somebody else. This cannot be taken back."
      confirm="Delete"
      danger
      run={async () => {
        await call("deleteUser", { path: { user: user.id } })
        await onDeleted?.()
        queryClient.removeQueries({ queryKey: userQuery(user.id).queryKey })
        await usersChanged(queryClient)
      }}
      onClose={onClose}
    />
  )
}

const PasswordDialog = ({ user, onClose }: ActDialogProps) => {
  const [password, setPassword] = useState("")
  const reset = useMutation({
    mutationFn: () => call("changePassword", { path: { user: user.id }, body: { password } }),
    onSuccess: onClose,
  })
  const errors = formErrors(reset.error, ["password"])
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Reset the password of ${user.username}`}
      about="All sessions of the account end, and the old password works no more. API tokens stay."
    >
      <form
        className="mt-4 flex flex-col gap-4"
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          reset.mutate()
        }}
      >
        {errors.summary !== undefined && <Callout tone="danger" role="alert" title={errors.summary} />}
        <NewPasswordField value={password} onChange={setPassword} error={errors.fields["password"]} />
        <div className="flex justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" look="primary" busy={reset.isPending}>
            Reset password
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

interface AccountDialogProps extends DeleteDialogProps {
  readonly act: AccountAct
}

export const AccountDialog = ({ act, user, onClose, onDeleted }: AccountDialogProps) => {
  switch (act) {
    case "suspend":
      return <SuspendDialog user={user} onClose={onClose} />
    case "activate":
      return <ActivateDialog user={user} onClose={onClose} />
    case "delete":
      return <DeleteDialog user={user} onClose={onClose} onDeleted={onDeleted} />
    case "password":
      return <PasswordDialog user={user} onClose={onClose} />
    case "token":
      return <TokenDialog user={user} onClose={onClose} />
  }
}
