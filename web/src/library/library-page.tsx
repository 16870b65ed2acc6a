import { useQuery } from "@tanstack/react-query"
import { Link } from "@tanstack/react-router"
import type { ModelConfig } from "../../../src/contract/models.ts"
import { meQuery, modelConfigsQuery } from "../api/queries.ts"
import { isOwner } from "../auth/roles.ts"
import { SettingsPage } from "../settings/settings-page.tsx"
import { providerTypes } from "../settings/provider-types.ts"
import { Page } from "../shell/page.tsx"
import { buttonClass } from "../ui/button.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { Empty, LoadFailed, LoadingRows } from "../ui/list-states.tsx"
import { Tag } from "../ui/tag.tsx"

const columns: ReadonlyArray<Column<ModelConfig>> = [
  {
    title: "Model",
    cell: (model) => (
      <span className="flex items-center gap-2">
        {model.display_name || model.model}
        {model.is_default && <Tag tone="accent">default</Tag>}
      </span>
    ),
  },
  { title: "Provider", cell: (model) => providerTypes[model.provider].name, wide: true },
  {
    title: "Name at the provider",
    cell: (model) => <code className="font-mono text-xs">{model.model}</code>,
    wide: true,
  },
  { title: "Context", cell: (model) => `${model.context_limit.toLocaleString()} tokens`, numeric: true },
]

const Models = () => {
  const models = useQuery(modelConfigsQuery)
  const { data: me } = useQuery(meQuery)
  const owner = me !== undefined && isOwner(me)
  if (models.isError && models.data === undefined) {
    return (
      <LoadFailed
        title="The models could not be loaded"
        error={models.error}
        retrying={models.isFetching}
        onRetry={() => void models.refetch()}
      />
    )
  }
  if (models.data === undefined) return <LoadingRows label="Loading models" />
  const usable = models.data.filter((model) => model.enabled)
  const setUp = owner && (
    <Link to="/settings/models" className={buttonClass()}>
      Set up models
    </Link>
  )
  if (usable.length === 0) {
    return (
      <Empty action={setUp}>
        {owner ? "No model is set up yet. Chats need one." : "No model is set up yet. Ask an owner of this deployment."}
      </Empty>
    )
  }
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-end justify-between gap-3">
        <p className="text-ink-soft">What your chats can choose from.</p>
        {setUp}
      </div>
      <DataTable label="Models" columns={columns} rows={usable} keyOf={(model) => model.id} />
    </div>
  )
}

/** What chats can make use of: models, so far. */
export const LibraryPage = () => (
  <Page>
    <SettingsPage title="Library" beside={false}>
      <Models />
    </SettingsPage>
  </Page>
)
