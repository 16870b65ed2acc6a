import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { Fragment } from "react"
import type { AssignableRole } from "../../../../src/contract/roles.ts"
import { call } from "../../api/client.ts"
import { givablePairsQuery } from "../../auth/administration.ts"
import { TextField } from "../../ui/field.tsx"
import { useFocusOnMount } from "../../ui/focus.ts"
import { formErrors } from "../../ui/form-errors.ts"
import { useFormState } from "../../ui/form-state.ts"
import { SettingsForm } from "../settings-form.tsx"
import { organizationRolesQuery } from "./people-data.ts"
import { permissionsOf, ticksOf } from "./role-grants.ts"
import { actionTitle, roleTitle, type ThingActions, thingTitle } from "./role-words.ts"
import { useChoice } from "./use-choice.ts"

const FIELDS = ["name", "display_name"]

const columns = [
  ["all", "All", "on everything in the organization"],
  ["own", "Own", "on what one has oneself"],
  ["never", "Never", "refused, whatever other roles allow"],
] as const

const NOT_GIVABLE = "You may not do this yourself here, so a role that you make cannot allow it."

interface TicksProps {
  readonly things: ReadonlyArray<ThingActions>
  readonly ticks: ReadonlyArray<string>
  readonly setTicks: (ticks: ReadonlyArray<string>) => void
  /** Whether the role may allow it, by `all:chat:read`. A refusal needs no right. */
  readonly isGivable: (tick: string) => boolean
}

const Ticks = ({ things, ticks, setTicks, isGivable }: TicksProps) => (
  <div
    role="region"
    aria-label="What the role allows"
    tabIndex={0}
    className="relative max-h-96 overflow-auto rounded-card border border-line sm:col-span-2"
  >
    <table className="w-full border-separate border-spacing-0 text-sm">
      <thead>
        <tr>
          <th
            scope="col"
            className="sticky top-0 border-b border-line bg-raised px-3 text-left text-xs font-normal text-ink-faint"
          >
            Action
          </th>
          {columns.map(([kind, title, means]) => (
            <th
              key={kind}
              scope="col"
              title={means}
              className="sticky top-0 w-16 border-b border-line bg-raised py-2 text-xs font-normal text-ink-faint"
            >
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {things.map(({ resourceType, actions }) => (
          <Fragment key={resourceType}>
            <tr>
              <th
                scope="rowgroup"
                colSpan={4}
                className="border-b border-line bg-sunken px-3 py-1.5 text-left font-semibold"
              >
                {thingTitle(resourceType)}
              </th>
            </tr>
            {actions.map((action) => (
              <tr key={action} className="hover:bg-hover">
                <th scope="row" className="border-b border-line px-3 py-1.5 text-left font-normal text-ink-soft">
                  {actionTitle(action)}
                </th>
                {columns.map(([kind, title]) => {
                  const tick = `${kind}:${resourceType}:${action}`
                  const ticked = ticks.includes(tick)
                  const refused = !ticked && kind !== "never" && !isGivable(tick)
                  return (
                    <td key={kind} className="border-b border-line text-center">
                      <input
                        type="checkbox"
                        aria-label={`${thingTitle(resourceType)}, ${actionTitle(action)}: ${title}`}
                        {...(refused && { title: NOT_GIVABLE })}
                        disabled={refused}
                        checked={ticked}
                        onChange={() => setTicks(ticked ? ticks.filter((held) => held !== tick) : [...ticks, tick])}
                        className="size-4 accent-accent pointer-coarse:my-2.5 pointer-coarse:size-6"
                      />
                    </td>
                  )
                })}
              </tr>
            ))}
          </Fragment>
        ))}
      </tbody>
    </table>
  </div>
)

interface CustomRoleFormProps {
  readonly organization: string
  readonly things: ReadonlyArray<ThingActions>
  /** The one that is changed; undefined makes a new one. */
  readonly role: AssignableRole | undefined
  readonly onClose: () => void
}

const empty = { organization_permissions: [], organization_member_permissions: [] }

/** Makes or changes a role of an organization. It cannot allow more than its maker may do. */
export const CustomRoleForm = ({ organization, things, role, onClose }: CustomRoleFormProps) => {
  const queryClient = useQueryClient()
  const first = useFocusOnMount<HTMLInputElement>()
  const { values, dirty, set } = useFormState({ name: role?.name ?? "", display_name: role?.display_name ?? "" })
  const choice = useChoice(ticksOf(role ?? empty))
  const pairs = things.flatMap(({ resourceType, actions }) =>
    actions.map((action) => ({ resource_type: resourceType, action })),
  )
  const givable = useQuery(givablePairsQuery(organization, pairs))
  const save = useMutation({
    mutationFn: () => {
      const path = { organization }
      const body = {
        name: values.name.trim(),
        display_name: values.display_name.trim(),
        ...permissionsOf(choice.chosen),
      }
      return role === undefined
        ? call("createOrganizationRole", { path, body })
        : call("updateOrganizationRole", { path, body })
    },
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: organizationRolesQuery(organization).queryKey })
      onClose()
    },
  })
  const errors = formErrors(save.error, FIELDS)
  return (
    <SettingsForm
      label={role === undefined ? "New role" : `Change ${roleTitle(role)}`}
      submit={role === undefined ? "Create role" : "Save role"}
      busy={save.isPending}
      dirty={dirty || choice.dirty}
      failure={errors.summary}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <TextField
        label="Name"
        {...(role === undefined && { ref: first })}
        required
        readOnly={role !== undefined}
        autoComplete="off"
        spellCheck={false}
        maxLength={64}
        hint={role === undefined ? "Small letters, digits and single dashes. It stays." : "It cannot be changed."}
        value={values.name}
        onChange={({ target }) => set("name", target.value)}
        error={errors.fields["name"]}
      />
      <TextField
        label="Display name"
        {...(role !== undefined && { ref: first })}
        autoComplete="off"
        maxLength={64}
        placeholder={values.name}
        value={values.display_name}
        onChange={({ target }) => set("display_name", target.value)}
        error={errors.fields["display_name"]}
      />
      <p className="text-sm text-ink-soft sm:col-span-2">
        All: on everything in the organization. Own: on what one has oneself. Never: refused, whatever other roles
        allow. What is greyed out you may not do yourself, so a role that you make cannot allow it.
      </p>
      <Ticks
        things={things}
        ticks={choice.chosen}
        setTicks={choice.setChosen}
        isGivable={(tick) => givable.data?.[tick] === true}
      />
    </SettingsForm>
  )
}
