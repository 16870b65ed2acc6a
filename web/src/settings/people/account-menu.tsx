import { Ban, CircleCheck, Ellipsis, KeyRound, LockKeyhole, SquarePen, Trash2 } from "lucide-react"
import { useNavigate } from "@tanstack/react-router"
import { useState } from "react"
import type { User } from "../../../../src/contract/identity.ts"
import type { Administration } from "../../auth/administration.ts"
import { IconButton } from "../../ui/button.tsx"
import { Menu, MenuItem, MenuSeparator, useMenu } from "../../ui/menu.tsx"
import { type AccountAct, AccountDialog } from "./account-dialogs.tsx"

interface AccountMenuProps {
  readonly user: User
  readonly may: Administration
}

/** What can be done with an account, from its row. */
export const AccountMenu = ({ user, may }: AccountMenuProps) => {
  const navigate = useNavigate()
  const menu = useMenu()
  const [act, setAct] = useState<AccountAct>()
  return (
    <>
      <IconButton {...menu.button} data-item-action tabIndex={-1} label={`Actions for ${user.username}`}>
        <Ellipsis aria-hidden />
      </IconButton>
      <Menu of={menu} align="end">
        <MenuItem onSelect={() => void navigate({ to: "/settings/users/$user", params: { user: user.id } })}>
          <SquarePen aria-hidden />
          Open
        </MenuItem>
        {may.changesUsers && user.login_type === "password" && (
          <MenuItem onSelect={() => setAct("password")}>
            <LockKeyhole aria-hidden />
            Reset password
          </MenuItem>
        )}
        {may.makesKeys && user.is_service_account && (
          <MenuItem onSelect={() => setAct("token")}>
            <KeyRound aria-hidden />
            Make an API token
          </MenuItem>
        )}
        {may.changesUsers && (
          <>
            <MenuSeparator />
            <MenuItem onSelect={() => setAct(user.status === "suspended" ? "activate" : "suspend")}>
              {user.status === "suspended" ? <CircleCheck aria-hidden /> : <Ban aria-hidden />}
              {user.status === "suspended" ? "Activate" : "Suspend"}
            </MenuItem>
          </>
        )}
        {may.deletesUsers && (
          <MenuItem onSelect={() => setAct("delete")}>
            <Trash2 aria-hidden />
            Delete
          </MenuItem>
        )}
      </Menu>
      {act !== undefined && <AccountDialog act={act} user={user} onClose={() => setAct(undefined)} />}
    </>
  )
}
