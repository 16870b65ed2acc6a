import { useMutation, useQueryClient } from "@tanstack/react-query"
import type { Provider } from "../../../src/contract/models.ts"
import { call } from "../api/client.ts"
import { modelConfigsQuery } from "../api/queries.ts"
import { CheckField, SelectField, TextField } from "../ui/field.tsx"
import { formErrors } from "../ui/form-errors.ts"
import { useFormState } from "../ui/form-state.ts"
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
  const { values, dirty, set } = useFormState({
    providerId: providers[0]?.id ?? "",
    model: "",
    displayName: "",
    contextLimit: USUAL_CONTEXT_LIMIT,
    isDefault: false,
  })

  const create = useMutation({
    mutationFn: () =>
      call("createModelConfig", {
        body: {
          ai_provider_id: values.providerId,
          model: values.model.trim(),
          ...(values.displayName.trim() === "" ? {} : { display_name: values.displayName.trim() }),
          context_limit: Number(values.contextLimit),
          is_default: values.isDefault,
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
      dirty={dirty}
      failure={errors.summary}
      onSubmit={() => create.mutate()}
      onClose={onClose}
    >
      <SelectField
        label="Provider"
        required
        value={values.providerId}
        onChange={({ target }) => set("providerId", target.value)}
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
        value={values.model}
        hint="As the provider names it."
        onChange={({ target }) => set("model", target.value)}
        error={errors.fields["model"]}
      />
      <TextField
        label="Display name"
        value={values.displayName}
        placeholder={values.model}
        onChange={({ target }) => set("displayName", target.value)}
        error={errors.fields["display_name"]}
      />
      <TextField
        label="Context limit"
        type="number"
        min={1}
        step={1}
        required
        value={values.contextLimit}
        hint="In tokens."
        onChange={({ target }) => set("contextLimit", target.value)}
        error={errors.fields["context_limit"]}
      />
      <div className="sm:col-span-2">
        <CheckField
          label="Use it for new chats by default"
          checked={values.isDefault}
          onChange={({ target }) => set("isDefault", target.checked)}
        />
      </div>
    </SettingsForm>
  )
}
