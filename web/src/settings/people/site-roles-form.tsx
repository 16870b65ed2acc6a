import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import type { User } from "../../../../src/contract/identity.ts"
import { call } from "../../api/client.ts"
import { meQuery } from "../../api/queries.ts"
import { formErrors } from "../../ui/form-errors.ts"
import { LoadFailed, LoadingRows } from "../../ui/list-states.tsx"
import { SettingsForm } from "../settings-form.tsx"
import { usersChanged, siteRolesQuery } from "./people-data.ts"
import { RoleFields } from "./role-fields.tsx"
import { useChoice } from "./use-choice.ts"

/** The roles of an account in the whole deployment. */
export const SiteRolesForm = ({ user }: { readonly user: User }) => {
  const queryClient = useQueryClient()
  const roles = useQuery(siteRolesQuery)
  const own = useQuery(meQuery).data?.id === user.id
  const choice = useChoice(user.roles.map(({ name }) => name))
  const save = useMutation({
    mutationFn: () => call("setUserRoles", { path: { user: user.id }, body: { roles: choice.chosen } }),
    onSuccess: async () => {
      await usersChanged(queryClient)
      choice.reset()
    },
  })
  const errors = formErrors(save.error, ["roles"])
  if (roles.data === undefined) {
    if (roles.error === null) return <LoadingRows label="Loading the roles" rows={4} />
    return (
      <LoadFailed
        title="The roles could not be loaded"
        error={roles.error}
        retrying={roles.isFetching}
        onRetry={() => void roles.refetch()}
      />
    )
  }
  const mayGive = roles.data.some(({ assignable }) => assignable)
  const refused = own
    ? "Nobody changes his own roles: ask another owner."
    : mayGive
      ? undefined
      : "Only owners give roles of the deployment."
  return (
    <SettingsForm
      label="Roles of the deployment"
      heading="h2"
      submit="Save roles"
      busy={save.isPending}
      dirty={choice.dirty}
      failure={errors.summary}
      onSubmit={() => save.mutate()}
      onClose={() => {
        save.reset()
        choice.reset()
      }}
      stays
    >
      <RoleFields
        legend="What the account may do everywhere"
        roles={roles.data}
        chosen={choice.chosen}
        onChange={choice.setChosen}
        refused={refused}
        error={errors.fields["roles"]}
      />
    </SettingsForm>
  )
}
