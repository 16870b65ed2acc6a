import { useState } from "react"
import type { ModelConfig, Provider } from "../../../src/contract/models.ts"
import { ModelForm } from "./model-form.tsx"
import { providerTypes } from "./provider-types.ts"
import { Empty, Rows, Section, Tag } from "./section.tsx"

interface ModelsSectionProps {
  readonly models: ReadonlyArray<ModelConfig>
  readonly providers: ReadonlyArray<Provider>
}

const providerName = (model: ModelConfig, providers: ReadonlyArray<Provider>): string =>
  providers.find((provider) => provider.id === model.ai_provider_id)?.display_name || providerTypes[model.provider].name

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
        <Rows>
          {models.map((model) => (
            <li key={model.id} className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
              <div className="min-w-48 flex-1">
                <p className="truncate font-medium">{model.display_name || model.model}</p>
                <p className="truncate text-xs text-ink-faint">
                  {providerName(model, providers)} · {model.model} · {model.context_limit.toLocaleString()} tokens
                </p>
              </div>
              {model.is_default && <Tag tone="good">Default</Tag>}
              {!model.enabled && <Tag tone="bad">Disabled</Tag>}
            </li>
          ))}
        </Rows>
      )}
    </Section>
  )
}
