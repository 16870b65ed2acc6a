import { useQuery, useSuspenseQuery } from "@tanstack/react-query"
import { useEffect } from "react"
import { messageOf } from "../api/client.ts"
import { meQuery, modelConfigsQuery, providersQuery } from "../api/queries.ts"
import { isOwner } from "../auth/roles.ts"
import { Button } from "../ui/button.tsx"
import { Callout } from "../ui/callout.tsx"
import { ModelsSection } from "./models-section.tsx"
import { ProvidersSection } from "./providers-section.tsx"

const SectionSkeleton = () => (
  <div role="status" aria-label="Loading" className="flex flex-col gap-2">
    <div className="skeleton h-15 rounded-card" />
    <div className="skeleton h-15 rounded-card" />
  </div>
)

const Settings = () => {
  const providers = useQuery(providersQuery)
  const models = useQuery(modelConfigsQuery)
  const error = providers.error ?? models.error
  if (error !== null) {
    const retry = () => void Promise.all([providers.refetch(), models.refetch()])
    return (
      <Callout
        tone="danger"
        role="alert"
        title="The settings could not be loaded"
        actions={<Button onClick={retry}>Try again</Button>}
      >
        {messageOf(error)}
      </Callout>
    )
  }
  if (providers.data === undefined || models.data === undefined) return <SectionSkeleton />
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
  useEffect(() => {
    document.title = "Models · Troupe"
  }, [])
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="reading-column flex flex-col gap-10 pt-14 pb-16 md:pt-12">
        <header>
          <h1 className="text-xl font-semibold tracking-tight">Models</h1>
          <p className="mt-1 text-ink-soft">Where models come from, and which of them chats can use.</p>
        </header>
        {isOwner(me) ? (
          <Settings />
        ) : (
          <Callout tone="info" title="Only owners can change models">
            Ask an owner of this deployment to add a provider or a model. You can choose among the models there are when
            you write a message.
          </Callout>
        )}
      </div>
    </div>
  )
}
