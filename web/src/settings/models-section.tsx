import { useState } from "react"
import type { ModelConfig, Provider } from "../../../src/contract/models.ts"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { Empty } from "../ui/list-states.tsx"
import { Tag } from "../ui/tag.tsx"
import { ModelForm } from "./model-form.tsx"
import { providerTypes } from "./provider-types.ts"
import { Section } from "./section.tsx"

interface ModelsSectionProps {
  readonly models: ReadonlyArray<ModelConfig>
  readonly providers: ReadonlyArray<Provider>
}

const providerName = (model: ModelConfig, providers: ReadonlyArray<Provider>): string =>
  providers.find((provider) => provider.id === model.ai_provider_id)?.display_name || providerTypes[model.provider].name

const columnsFor = (providers: ReadonlyArray<Provider>): ReadonlyArray<Column<ModelConfig>> => [
  {
    title: "Model",
    cell: (model) => (
      <span className="flex items-center gap-2 py-1.5">
        <span>{model.display_name || model.model}</span>
        {model.is_default && <Tag tone="accent">default</Tag>}
        {!model.enabled && <Tag tone="bad">disabled</Tag>}
      </span>
    ),
  },
  { title: "Provider", cell: (model) => providerName(model, providers), wide: true },
  {
    title: "Name there",
    cell: (model) => <span className="font-mono text-xs">{model.model}</span>,
    wide: true,
  },
  { title: "Context", cell: (model) => model.context_limit.toLocaleString(), numeric: true },
]

export const ModelsSection = ({ models, providers }: ModelsSectionProps) => {
  const [adding, setAdding] = useState(false)
  return (
    <Section
      title="Models"
      about="What chats can choose from."
      add="Add model"
      onAdd={() => setAdding(true)}
      form={adding ? <ModelForm providers={providers} onClose={() => setAdding(false)} /> : undefined}
    >
      {models.length === 0 ? (
        <Empty>No model yet. Chats cannot start without one.</Empty>
      ) : (
        <DataTable
          label="Models of this deployment"
          columns={columnsFor(providers)}
          rows={models}
          keyOf={(model) => model.id}
        />
      )}
    </Section>
  )
}
