import { type ComponentType, useState } from "react"
import { LazyPart } from "./lazy-part.tsx"
import { Spinner } from "./spinner.tsx"

const Loading = () => (
  <p role="status" className="flex flex-1 items-center justify-center gap-2 text-ink-faint">
    <Spinner />
    Loading…
  </p>
)

/**
 * A component that is loaded when it is first wanted, or before by `preload`, after which it is there at once. `preload` never
 * fails: where the component cannot be loaded, it is said in its place.
 */
export const lazyComponent = <Props extends object>(name: string, load: () => Promise<ComponentType<Props>>) => {
  let Loaded: ComponentType<Props> | undefined
  const loadOnce = async () => (Loaded ??= await load())
  const Component = (props: Props) => {
    // What was mounted stays mounted: another component in its place, once it is loaded, would lose all that it holds.
    const [There] = useState(() => Loaded)
    return There === undefined ? (
      <LazyPart load={loadOnce} props={props} name={name} fallback={<Loading />} />
    ) : (
      <There {...props} />
    )
  }
  const preload = () =>
    loadOnce().then(
      () => undefined,
      () => undefined,
    )
  return { Component, preload }
}

/** A route's page that is loaded by its link, before the route changes. Where it fails, the rest of the app goes on. */
export const lazyPage = (name: string, load: () => Promise<ComponentType>) => {
  const { Component, preload } = lazyComponent(name, load)
  return { component: () => <Component />, loader: preload }
}
