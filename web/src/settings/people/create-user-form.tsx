import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import type { OrganizationId } from "../../../../src/contract/ids.ts"
import type { User } from "../../../../src/contract/identity.ts"
import { CheckField, SelectField, TextField } from "../../ui/field.tsx"
import { useFocusOnMount } from "../../ui/focus.ts"
import { formErrors } from "../../ui/form-errors.ts"
import { useFormState } from "../../ui/form-state.ts"
import { SettingsForm } from "../settings-form.tsx"
import { createAccount, type CreatedAccount } from "./create-account.ts"
import { NewPasswordField } from "./new-password-field.tsx"
import { OrganizationFields } from "./organization-fields.tsx"
import { organizationsQuery, siteRolesQuery, usersChanged } from "./people-data.ts"
import { RoleFields } from "./role-fields.tsx"
import { AGENTS_ACCESS_MEANS } from "./role-words.ts"

const FIELDS = ["email", "username", "name", "password", "organization_ids"]

const none: ReadonlyArray<string> = []
const empty = {
  name: "",
  username: "",
  email: "",
  loginType: "password" as User["login_type"],
  password: "",
  agentsAccess: true,
  siteRoles: none,
  /** Those that were chosen; the default one until somebody chooses. */
  organizations: undefined as ReadonlyArray<OrganizationId> | undefined,
}

interface CreateUserFormProps {
  readonly onCreated: (created: CreatedAccount) => void
  readonly onClose: () => void
}

/** Adds the account of a person. */
export const CreateUserForm = ({ onCreated, onClose }: CreateUserFormProps) => {
  const queryClient = useQueryClient()
  const first = useFocusOnMount<HTMLInputElement>()
  const organizations = useQuery(organizationsQuery).data ?? []
  const roles = useQuery(siteRolesQuery).data?.filter(({ assignable }) => assignable) ?? []
  const { values, dirty, set } = useFormState(empty)
  const chosen = values.organizations ?? organizations.filter(({ is_default }) => is_default).map(({ id }) => id)

  const create = useMutation({
    mutationFn: () =>
      createAccount({
        request: {
          username: values.username.trim(),
          email: values.email.trim(),
          ...(values.name.trim() !== "" && { name: values.name.trim() }),
          login_type: values.loginType,
          ...(values.loginType === "password" && { password: values.password }),
          organization_ids: chosen,
        },
        memberRoles: values.agentsAccess ? undefined : [],
        siteRoles: values.siteRoles,
      }),
    onSuccess: async (created) => {
      onCreated(created)
      await usersChanged(queryClient)
    },
  })
  const errors = formErrors(create.error, FIELDS)
  const field = (name: "name" | "username" | "email") => ({
    value: values[name],
    onChange: ({ target }: { readonly target: { readonly value: string } }) => set(name, target.value),
    error: errors.fields[name],
  })

  return (
    <SettingsForm
      label="New user"
      heading="h2"
      submit="Create user"
      busy={create.isPending}
      dirty={dirty}
      failure={errors.summary}
      onSubmit={() => create.mutate()}
      onClose={onClose}
    >
      <TextField label="Name" ref={first} autoComplete="off" maxLength={128} {...field("name")} />
      <TextField
        label="Username"
        required
        autoComplete="off"
        spellCheck={false}
        maxLength={32}
        hint="Letters, digits and single dashes."
        {...field("username")}
      />
      <TextField label="Email" type="email" required autoComplete="off" {...field("email")} />
      <SelectField
        label="Signs in"
        value={values.loginType}
        onChange={({ target }) => set("loginType", target.value === "none" ? "none" : "password")}
        hint={values.loginType === "none" ? "Works by API token, which an owner makes for it." : undefined}
      >
        <option value="password">With a password</option>
        <option value="none">Never, by API token only</option>
      </SelectField>
      {values.loginType === "password" && (
        <NewPasswordField
          value={values.password}
          onChange={(password) => set("password", password)}
          error={errors.fields["password"]}
        />
      )}
      <OrganizationFields
        organizations={organizations}
        chosen={chosen}
        onChange={(ids) => set("organizations", ids)}
        error={errors.fields["organization_ids"]}
      />
      <fieldset className="flex flex-col gap-3 sm:col-span-2">
        <legend className="mb-2 text-sm font-medium text-ink">In the organization</legend>
        <CheckField
          label="Agents access"
          hint={`${AGENTS_ACCESS_MEANS} Without it the person can read what others share.`}
          checked={values.agentsAccess}
          onChange={({ target }) => set("agentsAccess", target.checked)}
        />
      </fieldset>
      {roles.length > 0 && (
        <RoleFields
          legend="In the whole deployment"
          roles={roles}
          chosen={values.siteRoles}
          onChange={(names) => set("siteRoles", names)}
        />
      )}
    </SettingsForm>
  )
}
