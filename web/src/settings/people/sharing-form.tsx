import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { RadioGroup } from "radix-ui"
import { call } from "../../api/client.ts"
import { Callout } from "../../ui/callout.tsx"
import { formErrors } from "../../ui/form-errors.ts"
import { LoadFailed, LoadingRows } from "../../ui/list-states.tsx"
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

/** Who may share workspaces of an organization. It is saved as soon as it is chosen. */
export const SharingForm = ({ organization, mayChange }: SharingFormProps) => {
  const queryClient = useQueryClient()
  const query = workspaceSharingQuery(organization)
  const sharing = useQuery(query)
  const save = useMutation({
    mutationFn: (mode: Mode) =>
      call("updateWorkspaceSharing", {
        path: { organization },
        body: { shareable_workspace_owners: mode },
      }),
    onSuccess: (saved) => queryClient.setQueryData(query.queryKey, saved),
  })
  const failure = formErrors(save.error, []).summary
  const off = sharing.data?.sharing_globally_disabled === true
  const chosen = save.isPending ? save.variables : sharing.data?.shareable_workspace_owners
  return (
    <section aria-label="Sharing of workspaces" className="flex flex-col gap-3">
      <div>
        <h2 className="text-md font-semibold">Sharing of workspaces</h2>
        <p className="text-sm text-ink-soft">Who may let others into a workspace that is theirs. Saved at once.</p>
      </div>
      {failure !== undefined && <Callout tone="danger" role="alert" title={failure} />}
      {off && (
        <Callout tone="info" title="Sharing of workspaces is switched off for the whole deployment">
          What is chosen here counts again when it is switched on.
        </Callout>
      )}
      {sharing.data === undefined ? (
        sharing.error === null ? (
          <LoadingRows label="Loading the setting" rows={3} rowClass="h-14" />
        ) : (
          <LoadFailed
            title="The setting could not be loaded"
            error={sharing.error}
            retrying={sharing.isFetching}
            onRetry={() => void sharing.refetch()}
          />
        )
      ) : (
        <RadioGroup.Root
          aria-label="Who may share workspaces"
          value={chosen ?? "none"}
          disabled={!mayChange || off}
          onValueChange={(value) => isMode(value) && save.mutate(value)}
          className="grid gap-2 sm:grid-cols-3"
        >
          {modes.map(([mode, title, note]) => (
            <RadioGroup.Item
              key={mode}
              value={mode}
              className="flex flex-col items-start gap-1 rounded-card border border-line bg-raised p-3.5 text-left shadow-low transition-colors enabled:hover:border-line-strong disabled:cursor-default data-[state=checked]:border-accent data-[state=checked]:bg-accent-fill"
            >
              <span className="font-semibold">{title}</span>
              <span className="text-xs text-ink-soft">{note}</span>
            </RadioGroup.Item>
          ))}
        </RadioGroup.Root>
      )}
    </section>
  )
}
