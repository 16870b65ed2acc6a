import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import type { FormEvent } from "react"
import { call } from "../../api/client.ts"
import { meQuery } from "../../api/queries.ts"
import { Button } from "../../ui/button.tsx"
import { Callout } from "../../ui/callout.tsx"
import { Dialog } from "../../ui/dialog.tsx"
import { formErrors } from "../../ui/form-errors.ts"
import { LoadFailed, LoadingRows } from "../../ui/list-states.tsx"
import { membersChanged, organizationRolesQuery } from "./people-data.ts"
import { RoleFields } from "./role-fields.tsx"
import { useChoice } from "./use-choice.ts"

interface MemberRolesDialogProps {
  readonly organization: string
  readonly member: { readonly id: string; readonly username: string; readonly roles: ReadonlyArray<string> }
  readonly onClose: () => void
}

/** The roles that a member has in an organization, built-in ones and those that were made there. */
export const MemberRolesDialog = ({ organization, member, onClose }: MemberRolesDialogProps) => {
  const queryClient = useQueryClient()
  const roles = useQuery(organizationRolesQuery(organization))
  const own = useQuery(meQuery).data?.id === member.id
  const choice = useChoice(member.roles)
  const save = useMutation({
    mutationFn: () =>
      call("setMemberRoles", { path: { organization, user: member.id }, body: { roles: choice.chosen } }),
    onSuccess: async () => {
      onClose()
      await membersChanged(queryClient, organization)
    },
  })
  const errors = formErrors(save.error, ["roles"])
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Roles of ${member.username}`}
      about="In this organization only. They count from the next request on."
      className="top-[8vh] max-h-[84vh] w-lg overflow-y-auto p-5"
    >
      <form
        className="mt-4 flex flex-col gap-4"
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        {errors.summary !== undefined && <Callout tone="danger" role="alert" title={errors.summary} />}
        {roles.data === undefined ? (
          roles.error === null ? (
            <LoadingRows label="Loading the roles" rows={6} />
          ) : (
            <LoadFailed
              title="The roles could not be loaded"
              error={roles.error}
              retrying={roles.isFetching}
              onRetry={() => void roles.refetch()}
            />
          )
        ) : (
          <RoleFields
            legend="May do here"
            roles={roles.data}
            chosen={choice.chosen}
            onChange={choice.setChosen}
            refused={own ? "Nobody changes his own roles: ask another administrator." : undefined}
            error={errors.fields["roles"]}
          />
        )}
        <div className="flex justify-end gap-2">
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" look="primary" busy={save.isPending} disabled={!choice.dirty}>
            Save roles
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
