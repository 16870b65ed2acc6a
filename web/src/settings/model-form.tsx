import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import type { Provider } from "../../../src/contract/models.ts"
import { call } from "../api/client.ts"
import { modelConfigsQuery } from "../api/queries.ts"
import { CheckField, SelectField, TextField } from "../ui/field.tsx"
import { formErrors } from "../ui/form-errors.ts"
import { providerTypes } from "./provider-types.ts"
import { SettingsForm } from "./settings-form.tsx"

const FIELDS = ["ai_provider_id", "model", "display_name", "context_limit"]
const USUAL_CONTEXT_LIMIT = "128000"

interface ModelFormProps {
  readonly providers: ReadonlyArray<Provider>
  readonly onClose: () => void
}

/** Adds a model that chats can choose. */
export const ModelForm = ({ providers, onClose }: ModelFormProps) => {
  const queryClient = useQueryClient()
  const [providerId, setProviderId] = useState(providers[0]?.id ?? "")
  const [model, setModel] = useState("")
  const [displayName, setDisplayName] = useState("")
  const [contextLimit, setContextLimit] = useState(USUAL_CONTEXT_LIMIT)
  const [isDefault, setIsDefault] = useState(false)

  const create = useMutation({
    mutationFn: () =>
      call("createModelConfig", {
        body: {
          ai_provider_id: providerId,
          model: model.trim(),
          ...(displayName.trim() === "" ? {} : { display_name: displayName.trim() }),
          context_limit: Number(contextLimit),
          is_default: isDefault,
        },
      }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: modelConfigsQuery.queryKey })
      onClose()
    },
  })
  const errors = formErrors(create.error, FIELDS)

  return (
    <SettingsForm
      label="Add a model"
      submit="Add model"
      busy={create.isPending}
      failure={errors.summary}
      onSubmit={() => create.mutate()}
      onClose={onClose}
    >
      <SelectField
        label="Provider"
        required
        value={providerId}
        onChange={({ target }) => setProviderId(target.value)}
        error={errors.fields["ai_provider_id"]}
        hint={providers.length === 0 ? "Add a provider first." : undefined}
      >
        {providers.map((provider) => (
          <option key={provider.id} value={provider.id}>
            {provider.display_name || providerTypes[provider.provider].name}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Model"
        required
        value={model}
        hint="As the provider names it."
        onChange={({ target }) => setModel(target.value)}
        error={errors.fields["model"]}
      />
      <TextField
        label="Display name"
        value={displayName}
        placeholder={model}
        onChange={({ target }) => setDisplayName(target.value)}
        error={errors.fields["display_name"]}
      />
      <TextField
        label="Context limit"
        type="number"
        min={1}
        step={1}
        required
        value={contextLimit}
        hint="In tokens."
        onChange={({ target }) => setContextLimit(target.value)}
        error={errors.fields["context_limit"]}
      />
      <div className="sm:col-span-2">
        <CheckField
          label="Use it for new chats by default"
          checked={isDefault}
          onChange={({ target }) => setIsDefault(target.checked)}
        />
      </div>
    </SettingsForm>
  )
}
