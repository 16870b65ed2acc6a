import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { RadioGroup } from "radix-ui"
import { call } from "../../api/client.ts"
import { formErrors } from "../../ui/form-errors.ts"
import { useFormState } from "../../ui/form-state.ts"
import { LoadFailed, LoadingRows } from "../../ui/list-states.tsx"
import { SettingsForm } from "../settings-form.tsx"
import { workspaceSharingQuery } from "./people-data.ts"

const modes = [
  ["none", "Nobody", "Workspaces are used by their owners only."],
  ["everyone", "Every member", "Whoever owns a workspace may let members and groups in."],
  ["service_accounts", "Service accounts only", "Programs may share theirs; people may not."],
] as const
type Mode = (typeof modes)[number][0]

const isMode = (value: string): value is Mode => modes.some(([mode]) => mode === value)

interface SharingFormProps {
  readonly organization: string
  readonly mayChange: boolean
}

/** Who may share workspaces of an organization. */
export const SharingForm = ({ organization, mayChange }: SharingFormProps) => {
  const queryClient = useQueryClient()
  const query = workspaceSharingQuery(organization)
  const sharing = useQuery(query)
  const { values, dirty, set, reset } = useFormState({ mode: sharing.data?.shareable_workspace_owners ?? "none" })
  const save = useMutation({
    mutationFn: () =>
      call("updateWorkspaceSharing", { path: { organization }, body: { shareable_workspace_owners: values.mode } }),
    onSuccess: (saved) => {
      queryClient.setQueryData(query.queryKey, saved)
      reset()
    },
  })
  if (sharing.data === undefined) {
    if (sharing.error === null) return <LoadingRows label="Loading the setting" rows={3} rowClass="h-14" />
    return (
      <LoadFailed
        title="The setting could not be loaded"
        error={sharing.error}
        retrying={sharing.isFetching}
        onRetry={() => void sharing.refetch()}
      />
    )
  }
  const off = sharing.data.sharing_globally_disabled
  return (
    <SettingsForm
      label="Sharing of workspaces"
      heading="h2"
      submit="Save sharing"
      busy={save.isPending}
      dirty={dirty}
      failure={formErrors(save.error, []).summary}
      onSubmit={() => save.mutate()}
      onClose={() => {
        save.reset()
        reset()
      }}
      stays
    >
      <p className="text-sm text-ink-soft sm:col-span-2">
        {off
          ? "Sharing of workspaces is switched off for the whole deployment, so nobody shares any."
          : mayChange
            ? "Who may let others into a workspace that is theirs."
            : "Who may let others into a workspace that is theirs. Only administrators of the organization change it."}
      </p>
      <RadioGroup.Root
        aria-label="Who may share workspaces"
        value={values.mode}
        disabled={!mayChange || off}
        onValueChange={(value) => isMode(value) && set("mode", value)}
        className="grid gap-2 sm:col-span-2 sm:grid-cols-3"
      >
        {modes.map(([mode, title, note]) => (
          <RadioGroup.Item
            key={mode}
            value={mode}
            className="flex flex-col items-start gap-1 rounded-card border border-line bg-raised p-3.5 text-left transition-colors enabled:hover:border-line-strong disabled:cursor-default data-[state=checked]:border-accent data-[state=checked]:bg-accent-fill"
          >
            <span className="font-semibold">{title}</span>
            <span className="text-xs text-ink-soft">{note}</span>
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
    </SettingsForm>
  )
}
