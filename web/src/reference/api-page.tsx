import { useQuery } from "@tanstack/react-query"
import { Link, useParams } from "@tanstack/react-router"
import { ChevronLeft } from "lucide-react"
import { useEffect, useRef } from "react"
import { Page } from "../shell/page.tsx"
import { Bar } from "../ui/bar.tsx"
import { Empty, LoadFailed, LoadingRows } from "../ui/list-states.tsx"
import type { ApiReference } from "./api-document.ts"
import { OperationList } from "./operation-list.tsx"
import { apiReferenceQuery } from "./reference-query.ts"
import { RoutePage } from "./route-page.tsx"
import { StartPage } from "./start-page.tsx"
import { StatusPage } from "./status-page.tsx"
import { StreamPage } from "./stream-page.tsx"

const START = "start"
const STATUS = "status"

const titleOf = (name: string, reference: ApiReference | undefined): string => {
  if (name === START) return "Start here"
  if (name === STATUS) return "What status means"
  return reference?.operations.get(name)?.summary ?? "API"
}

const Content = ({ name, reference }: { readonly name: string; readonly reference: ApiReference }) => {
  if (name === START) return <StartPage reference={reference} />
  if (name === STATUS) return <StatusPage />
  const operation = reference.operations.get(name)
  if (operation === undefined) {
    return <Empty>There is no operation of this name. The list has all that there are.</Empty>
  }
  return operation.kind === "route" ? (
    <RoutePage route={operation} reference={reference} />
  ) : (
    <StreamPage stream={operation} reference={reference} />
  )
}

/** The API of this server: what there is, what it means, and examples that run. On phones the list or what is open. */
export const ApiPage = () => {
  const { operation } = useParams({ strict: false })
  const name = operation ?? START
  const reference = useQuery(apiReferenceQuery)
  const contentRef = useRef<HTMLDivElement>(null)
  const title = titleOf(name, reference.data)
  useEffect(() => {
    document.title = `${title} · API · Troupe`
  }, [title])
  useEffect(() => {
    contentRef.current?.scrollTo({ top: 0 })
  }, [name])
  const isOpen = operation !== undefined
  // The list is the page where nothing is open, which phones show.
  const Title = isOpen ? "h2" : "h1"
  const failed = reference.isError && reference.data === undefined && (
    <LoadFailed
      title="The reference could not be loaded"
      error={reference.error}
      retrying={reference.isFetching}
      onRetry={() => void reference.refetch()}
    />
  )
  return (
    <Page row>
      <section
        aria-label="Operations of the API"
        className={`flex min-w-0 flex-col border-line bg-[color-mix(in_oklab,var(--rail)_45%,var(--canvas))] md:w-72 md:shrink-0 md:border-r ${isOpen ? "max-md:hidden" : "max-md:flex-1"}`}
      >
        <div className="flex h-(--h-bar) shrink-0 items-center border-b border-line px-4 pointer-coarse:h-13">
          <Title className="text-md font-semibold">API</Title>
        </div>
        {reference.data === undefined ? (
          <div className="p-3">{failed || <LoadingRows label="Loading the operations" rows={8} />}</div>
        ) : (
          <OperationList families={reference.data.families} open={name} />
        )}
      </section>
      <div className={`flex min-w-0 flex-1 flex-col ${isOpen ? "" : "max-md:hidden"}`}>
        <Bar
          title={title}
          lead={
            <Link
              to="/docs/api"
              aria-label="Back to the operations"
              className="-ml-3 flex size-11 items-center justify-center rounded-control text-ink-soft md:hidden"
            >
              <ChevronLeft aria-hidden className="size-5" />
            </Link>
          }
        />
        <div ref={contentRef} className="min-h-0 flex-1 overflow-y-auto">
          <div className="reading-column flex flex-col gap-8 pt-6 pb-16">
            {reference.data === undefined ? (
              failed || <LoadingRows label="Loading the reference" />
            ) : (
              <Content key={name} name={name} reference={reference.data} />
            )}
          </div>
        </div>
      </div>
    </Page>
  )
}
