import { useMutation, useQueryClient } from "@tanstack/react-query"
import type { ProviderType } from "../../../src/contract/models.ts"
import { call } from "../api/client.ts"
import { providersQuery } from "../api/queries.ts"
import { SelectField, TextField } from "../ui/field.tsx"
import { formErrors } from "../ui/form-errors.ts"
import { useFormState } from "../ui/form-state.ts"
import { isProviderType, providerTypes } from "./provider-types.ts"
import { SettingsForm } from "./settings-form.tsx"

const FIELDS = ["provider", "display_name", "base_url", "api_key"]

const empty = { type: "openai-compat" as ProviderType, displayName: "", baseUrl: "", apiKey: "" }

/** Adds a provider. The key is sent once and never shown again. */
export const ProviderForm = ({ onClose }: { readonly onClose: () => void }) => {
  const queryClient = useQueryClient()
  const { values, dirty, set } = useFormState(empty)
  const { type, displayName, baseUrl, apiKey } = values
  const { defaultUrl } = providerTypes[type]

  const create = useMutation({
    mutationFn: () =>
      call("createProvider", {
        body: {
          provider: type,
          ...(displayName.trim() === "" ? {} : { display_name: displayName.trim() }),
          ...(baseUrl.trim() === "" ? {} : { base_url: baseUrl.trim() }),
          ...(apiKey === "" ? {} : { api_key: apiKey }),
        },
      }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: providersQuery.queryKey })
      onClose()
    },
  })
  const errors = formErrors(create.error, FIELDS)

  return (
    <SettingsForm
      label="Add a provider"
      submit="Add provider"
      busy={create.isPending}
      dirty={dirty}
      failure={errors.summary}
      onSubmit={() => create.mutate()}
      onClose={onClose}
    >
      <SelectField
        label="Type"
        value={type}
        onChange={({ target }) => isProviderType(target.value) && set("type", target.value)}
        error={errors.fields["provider"]}
      >
        {Object.entries(providerTypes).map(([value, { name }]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Display name"
        value={displayName}
        placeholder={providerTypes[type].name}
        onChange={({ target }) => set("displayName", target.value)}
        error={errors.fields["display_name"]}
      />
      <TextField
        label="Base URL"
        type="url"
        value={baseUrl}
        placeholder={defaultUrl ?? "https://"}
        required={defaultUrl === undefined}
        hint={defaultUrl === undefined ? undefined : "Leave empty for the provider's own address."}
        onChange={({ target }) => set("baseUrl", target.value)}
        error={errors.fields["base_url"]}
      />
      <TextField
        label="API key"
        type="password"
        autoComplete="off"
        value={apiKey}
        hint="Stored encrypted and never shown again."
        onChange={({ target }) => set("apiKey", target.value)}
        error={errors.fields["api_key"]}
      />
    </SettingsForm>
  )
}
