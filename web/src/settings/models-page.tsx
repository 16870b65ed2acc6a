import { useQuery, useSuspenseQuery } from "@tanstack/react-query"
import { meQuery, modelConfigsQuery, providersQuery } from "../api/queries.ts"
import { isOwner } from "../auth/roles.ts"
import { Callout } from "../ui/callout.tsx"
import { LoadFailed, LoadingRows } from "../ui/list-states.tsx"
import { ModelsSection } from "./models-section.tsx"
import { ProvidersSection } from "./providers-section.tsx"
import { SettingsPage } from "./settings-page.tsx"

const Settings = () => {
  const providers = useQuery(providersQuery)
  const models = useQuery(modelConfigsQuery)
  const error = providers.error ?? models.error
  if (providers.data === undefined || models.data === undefined) {
    if (error === null) return <LoadingRows label="Loading" rows={4} rowClass="h-14" />
    return (
      <LoadFailed
        title="The settings could not be loaded"
        error={error}
        retrying={providers.isFetching || models.isFetching}
        onRetry={() => void Promise.all([providers.refetch(), models.refetch()])}
      />
    )
  }
  const usable = providers.data.filter((provider) => provider.source !== "supported")
  return (
    <>
      <ProvidersSection providers={usable} />
      <ModelsSection models={models.data} providers={usable} />
    </>
  )
}

/** Providers and models of the deployment. For owners; others are told so. */
export const ModelsPage = () => {
  const { data: me } = useSuspenseQuery(meQuery)
  return (
    <SettingsPage title="Models" note="Where models come from, and which of them chats can use">
      {isOwner(me) ? (
        <Settings />
      ) : (
        <Callout tone="info" title="Only owners can change models">
          Ask an owner of this deployment to add a provider or a model. You can choose among the models there are when
          you write a message.
        </Callout>
      )}
    </SettingsPage>
  )
}
