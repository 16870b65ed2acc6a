import { Component, type ComponentType, lazy, type ReactNode, Suspense, useState } from "react"
import { messageOf } from "../api/client.ts"
import { Button } from "./button.tsx"
import { Callout } from "./callout.tsx"

/** A piece of the app that did not come: offline, or the server has a newer build whose pieces have other names. */
export const isChunkFailure = (error: unknown): boolean =>
  error instanceof Error && /dynamically imported module|module script failed|preload CSS/i.test(error.message)

/** A sentence for people about a part of the page that could not be shown. */
export const partFailure = (error: unknown): string =>
  isChunkFailure(error)
    ? navigator.onLine
      ? "It could not be fetched from the server. After an update of the server, reload the page."
      : "You are offline, and it was not loaded before."
    : messageOf(error)

interface BoundaryProps {
  readonly name: string
  readonly onRetry: () => void
  readonly children: ReactNode
}

class Boundary extends Component<BoundaryProps, { readonly error: unknown }> {
  override readonly state: { readonly error: unknown } = { error: undefined }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render() {
    const { name, onRetry, children } = this.props
    if (this.state.error === undefined) return children
    return (
      <div className="m-auto w-full max-w-lg p-4">
        <Callout
          tone="danger"
          role="alert"
          title={`${name} could not be loaded`}
          actions={<Button onClick={onRetry}>Try again</Button>}
        >
          {partFailure(this.state.error)}
        </Callout>
      </div>
    )
  }
}

interface LazyPartProps<Props> {
  readonly load: () => Promise<ComponentType<Props>>
  readonly props: Props
  /** "Trace" */
  readonly name: string
  readonly fallback?: ReactNode
}

/** A part of a page that is loaded when it is first shown. What goes wrong with it is said in its place, with a retry. */
export const LazyPart = <Props extends object>({ load, props, name, fallback }: LazyPartProps<Props>) => {
  // A new one for each try: one that failed stays failed.
  const fresh = () => lazy(async () => ({ default: await load() }))
  const [part, setPart] = useState(() => ({ tries: 0, Part: fresh() }))
  const { tries, Part } = part
  return (
    <Boundary key={tries} name={name} onRetry={() => setPart({ tries: tries + 1, Part: fresh() })}>
      <Suspense fallback={fallback}>
        <Part {...props} />
      </Suspense>
    </Boundary>
  )
}
