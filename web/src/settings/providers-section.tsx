import { useState } from "react"
import type { Provider } from "../../../src/contract/models.ts"
import { Empty } from "../ui/list-states.tsx"
import { Tag } from "../ui/tag.tsx"
import { ProviderForm } from "./provider-form.tsx"
import { providerTypes } from "./provider-types.ts"
import { Rows, Section } from "./section.tsx"

const ProviderRow = ({ provider }: { readonly provider: Provider }) => (
  <li className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-3">
    <div className="min-w-48 flex-1">
      <p className="truncate font-medium">{provider.display_name || providerTypes[provider.provider].name}</p>
      <p className="truncate text-xs text-ink-faint">
        {[providerTypes[provider.provider].name, provider.base_url].filter(Boolean).join(" · ")}
      </p>
    </div>
    {provider.source === "env_preset" && <Tag>From the environment</Tag>}
    {provider.has_api_key && <Tag tone="good">Key set</Tag>}
    {!provider.enabled && <Tag tone="bad">Disabled</Tag>}
  </li>
)

export const ProvidersSection = ({ providers }: { readonly providers: ReadonlyArray<Provider> }) => {
  const [adding, setAdding] = useState(false)
  return (
    <Section
      title="Providers"
      about="Services that run models."
      add="Add provider"
      onAdd={() => setAdding(true)}
      form={adding ? <ProviderForm onClose={() => setAdding(false)} /> : undefined}
    >
      {providers.length === 0 ? (
        <Empty>No provider yet. Add one, then a model of it.</Empty>
      ) : (
        <Rows>
          {providers.map((provider) => (
            <ProviderRow key={provider.id} provider={provider} />
          ))}
        </Rows>
      )}
    </Section>
  )
}
