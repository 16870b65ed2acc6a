import { type ReactNode, useState } from "react"
import type { AssignableRole } from "../../../src/contract/roles.ts"
import { Avatar } from "../people/avatar.tsx"
import { PeoplePicker } from "../people/people-picker.tsx"
import { FilterMenu } from "../settings/people/filter-menu.tsx"
import { NewPasswordField } from "../settings/people/new-password-field.tsx"
import { RoleFields } from "../settings/people/role-fields.tsx"
import { RoleMatrix } from "../settings/people/role-matrix.tsx"
import { SearchBox } from "../settings/people/search-box.tsx"
import { StatusTag } from "../settings/people/words.tsx"
import { Button } from "../ui/button.tsx"
import { ConfirmDialog } from "../ui/confirm-dialog.tsx"
import { Pager } from "../ui/pager.tsx"

/** Pieces of the pages of people. */

const nothing = () => undefined

const Piece = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <section aria-label={name} className="flex min-w-0 flex-col gap-3">
    <h2 className="border-b border-line pb-1 text-xs text-ink-faint">{name}</h2>
    {children}
  </section>
)

const role = (name: string, more: Partial<AssignableRole>): AssignableRole => ({
  name,
  display_name: name,
  description: "",
  site_permissions: [],
  user_permissions: [],
  organization_permissions: [],
  organization_member_permissions: [],
  assignable: true,
  built_in: true,
  ...more,
})

const may = (resource_type: string, action: string, negate = false) => ({ negate, resource_type, action })

const roles: ReadonlyArray<AssignableRole> = [
  role("organization-admin", {
    description: "Administers the organization.",
    organization_permissions: [may("chat", "read"), may("chat", "share"), may("group", "create")],
    assignable: false,
  }),
  role("agents-access", {
    description: "Delegates work to agents.",
    organization_member_permissions: [may("chat", "read"), may("chat", "share")],
  }),
  role("quiet", { built_in: false, organization_permissions: [may("chat", "share", true)] }),
]

const Asking = () => {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button onClick={() => setOpen(true)}>Suspend ada</Button>
      {open && (
        <ConfirmDialog
          title="Suspend ada?"
          about="All sessions end. You can activate the account again."
          confirm="Suspend"
          danger
          run={() => Promise.reject(new Error("refused"))}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  )
}

export const PeoplePieces = () => {
  const [status, setStatus] = useState<string | undefined>("active")
  const [password, setPassword] = useState("")
  const [held, setHeld] = useState<ReadonlyArray<string>>(["agents-access"])
  return (
    <>
      <Piece name="People: a list">
        <div className="flex flex-wrap items-center gap-1.5">
          <SearchBox label="Search people" placeholder="Name, username or email" value="" onChange={nothing} />
          <FilterMenu label="Status" value={status} choices={[["active", "Active"]]} onChange={setStatus} />
          <FilterMenu label="Role" value={undefined} choices={[["owner", "Owner"]]} onChange={nothing} />
        </div>
        <div className="flex flex-wrap items-center gap-2">
          <Avatar name="Ada" />
          <Avatar name="Compilers" kind="group" />
          <StatusTag status="active" />
          <StatusTag status="dormant" />
          <StatusTag status="suspended" />
          <Asking />
        </div>
        <Pager of="people" page={0} size={50} count={100_000} onPage={nothing} />
        <Pager of="nobody" page={0} size={50} count={0} onPage={nothing} />
      </Piece>
      <Piece name="People: fields">
        <PeoplePicker label="Add people or groups" kinds={["user", "group"]} organizationId="o" onPick={nothing} />
        <NewPasswordField value={password} onChange={setPassword} error={undefined} />
        <RoleFields legend="May do here" roles={roles} chosen={held} onChange={setHeld} />
      </Piece>
      <Piece name="People: roles">
        <RoleMatrix
          label="What the roles of the gallery allow"
          scope="organization"
          roles={roles}
          things={[
            { resourceType: "chat", actions: ["read", "share"] },
            { resourceType: "group", actions: ["create"] },
          ]}
        />
      </Piece>
    </>
  )
}
